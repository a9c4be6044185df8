package aperture.admin;

/**
 * Counters of a device.
 *
 * @param id the device
 * @param chains chains completed by all queues
 * @param kicks notifications from the driver
 * @param interrupts interrupts to the driver
 * @param iotlbHits translations answered from the IOTLB
 * @param iotlbMisses translations that walked
 * @param iotlbEntries entries now
 * @param invalidations invalidations that concerned the device
 * @param faults translation faults
 * @param mappings live mappings of the driver
 */
public record DeviceStats(
    String id,
    long chains,
    long kicks,
    long interrupts,
    long iotlbHits,
    long iotlbMisses,
    long iotlbEntries,
    long invalidations,
    long faults,
    long mappings) {}
