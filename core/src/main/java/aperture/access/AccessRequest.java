package aperture.access;

/**
 * Everything the decision looks at. No architecture is among it.
 *
 * @param device name of the device, for messages
 * @param row name of the machine row
 * @param offer whether bit 33 is offered, on all levels
 * @param strict whether a driver that does not accept it is refused, on all levels
 * @param unacked addressing without ack when not strict
 * @param wiring what the device does without the offer
 * @param interfaces the registers asked for
 * @param iommuCovers whether an IOMMU that the guest can program is in front of the device
 * @param confidential the machine's memory is kept from the host: nothing but the offer works
 * @param unsafeOverride the operator accepts an offer turned off behind an IOMMU
 */
public record AccessRequest(
    String device,
    String row,
    Levels offer,
    Levels strict,
    UnackedAddressing unacked,
    Wiring wiring,
    Interfaces.Choice interfaces,
    boolean iommuCovers,
    boolean confidential,
    boolean unsafeOverride) {

  /** A device of the host with modern registers, of a machine that is not confidential. */
  public AccessRequest(
      String device,
      String row,
      Levels offer,
      Levels strict,
      UnackedAddressing unacked,
      boolean iommuCovers,
      boolean unsafeOverride) {
    this(
        device,
        row,
        offer,
        strict,
        unacked,
        Wiring.SOFTWARE,
        Interfaces.Choice.MODERN,
        iommuCovers,
        false,
        unsafeOverride);
  }
}
