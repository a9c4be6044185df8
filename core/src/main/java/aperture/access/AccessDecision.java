package aperture.access;

import java.util.Optional;

/**
 * What was decided for one device when it was created. It never changes while the device lives.
 *
 * @param offer whether bit 33 is offered
 * @param strict whether FEATURES_OK is refused when the bit was offered and not acked
 * @param unacked addressing of a driver that did not ack, when not strict
 * @param iommuCovers whether an IOMMU is in front of the device
 * @param warning what an operator should know, absent when nothing
 */
public record AccessDecision(
    Effective offer,
    Effective strict,
    UnackedAddressing unacked,
    boolean iommuCovers,
    Optional<String> warning) {

  /**
   * Decides, or refuses a configuration that must not reach a guest.
   *
   * @throws AccessConfigurationException naming the setting, its provenance and the cure
   */
  public static AccessDecision decide(AccessRequest request) throws AccessConfigurationException {
    Effective offer =
        Effective.resolve(
            request.deviceOffer(), request.globalOffer(), request.rowOffer(), request.row());
    Effective strict =
        Effective.resolve(
            request.deviceStrict(), request.globalStrict(), request.rowStrict(), request.row());
    Optional<String> warning = Optional.empty();
    if (!offer.on() && request.iommuCovers()) {
      if (offer.level() != Level.MACHINE && !request.unsafeOverride()) {
        throw new AccessConfigurationException(
            "C5",
            "device %s: access-platform %s, but an IOMMU covers the device; remove the setting, set access-platform on, or add the unsafe override"
                .formatted(request.device(), offer.provenance()));
      }
      warning =
          Optional.of(
              "the device goes round the IOMMU in front of it (%s)".formatted(offer.provenance()));
    }
    return new AccessDecision(offer, strict, request.unacked(), request.iommuCovers(), warning);
  }

  /** Whether FEATURES_OK must be refused for a driver that acked bit 33 or did not. */
  public boolean refuses(boolean acked) {
    return offer.on() && strict.on() && !acked;
  }

  /** The address space for the session that a negotiation begins. */
  public AddressSpace addressSpace(boolean acked) {
    if (!offer.on()) {
      return AddressSpace.PHYSICAL;
    }
    return acked || unacked == UnackedAddressing.TRANSLATED
        ? AddressSpace.BUS
        : AddressSpace.PHYSICAL;
  }
}
