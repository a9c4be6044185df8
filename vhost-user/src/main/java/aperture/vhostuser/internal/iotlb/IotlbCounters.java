package aperture.vhostuser.internal.iotlb;

/**
 * What went to and fro between a device and its front end's IOMMU.
 *
 * @param misses questions asked
 * @param refused questions that the front end answered with a failure
 * @param updates translations received
 * @param invalidations invalidations received
 * @param entries translations kept now
 * @param missNanos time that questions were open, all together
 * @param missMaxNanos the longest of them
 * @param invalidationNanos time that invalidations took, all together
 * @param invalidationMaxNanos the longest of them
 * @param audited pages that requests used, counted while an audit looks on
 * @param stale those of them that no translation meant any more
 */
public record IotlbCounters(
    long misses,
    long refused,
    long updates,
    long invalidations,
    long entries,
    long missNanos,
    long missMaxNanos,
    long invalidationNanos,
    long invalidationMaxNanos,
    long audited,
    long stale) {

  public static final IotlbCounters NONE = new IotlbCounters(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Both together; entries are those kept by the other, which is the later. */
  public IotlbCounters plus(IotlbCounters later) {
    return new IotlbCounters(
        misses + later.misses,
        refused + later.refused,
        updates + later.updates,
        invalidations + later.invalidations,
        later.entries,
        missNanos + later.missNanos,
        Math.max(missMaxNanos, later.missMaxNanos),
        invalidationNanos + later.invalidationNanos,
        Math.max(invalidationMaxNanos, later.invalidationMaxNanos),
        audited + later.audited,
        stale + later.stale);
  }
}
