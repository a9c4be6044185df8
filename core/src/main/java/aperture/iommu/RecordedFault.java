package aperture.iommu;

/**
 * A fault as software reads it back from the hardware's record.
 *
 * @param requesterId who
 * @param address the recorded input address; many IOMMUs keep only the page
 * @param access read or write
 * @param reason the hardware's code
 * @param where the register or queue slot that holds it, for people
 */
public record RecordedFault(
    int requesterId, long address, Access access, int reason, String where) {}
