package aperture.iommu;

/**
 * A translation fault, in the IOMMU's own words. Core copies it from a {@link WalkResult}, so that
 * nothing of a bundle's class loader stays in it.
 *
 * @param endpoint {@link Endpoint#id()} of the requester
 * @param requesterId of the requester
 * @param iova the first byte that faulted
 * @param access what was tried
 * @param kind the common shape
 * @param reason the IOMMU's own reason code, -1 when it has none
 * @param reasonText that code in words
 * @param structure name of the table or structure last read, empty when none was
 * @param structureAddress where that entry lies, 0 when none
 * @param structureValue the raw value that was read, 0 when none
 * @param recorded whether the hardware would tell software about it
 */
public record IommuFault(
    String endpoint,
    int requesterId,
    long iova,
    Access access,
    FaultKind kind,
    int reason,
    String reasonText,
    String structure,
    long structureAddress,
    long structureValue,
    boolean recorded) {

  /** One line for people. */
  public String describe() {
    String where =
        structure.isEmpty()
            ? ""
            : "; %s at 0x%x reads 0x%x".formatted(structure, structureAddress, structureValue);
    return "%s %s of 0x%x: %s (%s%s)%s"
        .formatted(
            endpoint,
            access == Access.READ ? "read" : "write",
            iova,
            kind,
            reason < 0 ? "" : "reason 0x%x, ".formatted(reason),
            reasonText,
            where);
  }
}
