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
    long invalidationMaxNanos) {}
