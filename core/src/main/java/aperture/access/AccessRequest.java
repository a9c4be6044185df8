package aperture.access;

/**
 * Everything the decision looks at. No architecture is among it.
 *
 * @param device name of the device, for messages
 * @param row name of the machine row
 * @param rowOffer the row's default of the offer
 * @param rowStrict the row's default of strictness
 * @param globalOffer global setting of the offer
 * @param globalStrict global setting of strictness
 * @param deviceOffer the device's setting of the offer
 * @param deviceStrict the device's setting of strictness
 * @param unacked addressing without ack when not strict
 * @param iommuCovers whether an IOMMU that the guest can program is in front of the device
 * @param unsafeOverride the operator accepts an offer turned off behind an IOMMU
 */
public record AccessRequest(
    String device,
    String row,
    boolean rowOffer,
    boolean rowStrict,
    Setting globalOffer,
    Setting globalStrict,
    Setting deviceOffer,
    Setting deviceStrict,
    UnackedAddressing unacked,
    boolean iommuCovers,
    boolean unsafeOverride) {}
