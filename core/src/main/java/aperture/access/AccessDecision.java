package aperture.access;

import java.util.Optional;

/**
 * What was decided for one device when it was created. It never changes while the device lives.
 *
 * @param offer whether bit 33 is offered
 * @param strict whether FEATURES_OK is refused when the bit was offered and not acked
 * @param unacked addressing of a driver that did not ack, when not strict
 * @param wiring what the device does without the offer
 * @param interfaces the registers that drivers find
 * @param iommuCovers whether an IOMMU is in front of the device
 * @param warning what an operator should know, absent when nothing
 */
public record AccessDecision(
    Effective offer,
    Effective strict,
    UnackedAddressing unacked,
    Wiring wiring,
    Interfaces interfaces,
    boolean iommuCovers,
    Optional<String> warning) {

  /**
   * Decides, or refuses a configuration that must not reach a guest.
   *
   * @throws AccessConfigurationException naming the setting, its provenance and the cure
   */
  public static AccessDecision decide(AccessRequest request) throws AccessConfigurationException {
    Effective offer = offer(request);
    Effective strict = request.strict().resolve(request.row());
    Interfaces interfaces = Interfaces.resolve(request.device(), offer, request.interfaces());
    requireIommuInUse(request, offer);
    return new AccessDecision(
        offer,
        strict,
        request.unacked(),
        request.wiring(),
        interfaces,
        request.iommuCovers(),
        warning(request, offer));
  }

  private static Effective offer(AccessRequest request) throws AccessConfigurationException {
    Effective offer = request.offer().resolve(request.row());
    if (!request.confidential() || offer.on()) {
      return offer;
    }
    if (offer.level() != Level.MACHINE) {
      throw new AccessConfigurationException(
          ConfigurationError.CONFIDENTIAL_MACHINE,
          "device %s: access-platform %s, but the machine is confidential: its memory is not the host's to address; remove the setting"
              .formatted(request.device(), offer.provenance()));
    }
    return new Effective(
        true,
        Level.MACHINE,
        "on: the machine is confidential; row %s says off; device setting absent; global setting absent"
            .formatted(request.row()));
  }

  private static void requireIommuInUse(AccessRequest request, Effective offer)
      throws AccessConfigurationException {
    if (goesRound(request, offer) && offer.level() != Level.MACHINE && !request.unsafeOverride()) {
      throw new AccessConfigurationException(
          ConfigurationError.GOES_ROUND_IOMMU,
          "device %s: access-platform %s, but an IOMMU covers the device; remove the setting, set access-platform on, or add the unsafe override"
              .formatted(request.device(), offer.provenance()));
    }
  }

  private static boolean goesRound(AccessRequest request, Effective offer) {
    return !offer.on() && request.iommuCovers() && request.wiring() == Wiring.SOFTWARE;
  }

  private static Optional<String> warning(AccessRequest request, Effective offer) {
    if (goesRound(request, offer)) {
      return Optional.of(
          "the device goes round the IOMMU in front of it (%s)".formatted(offer.provenance()));
    }
    if (!offer.on() && request.iommuCovers()) {
      return Optional.of(
          "the device goes through the IOMMU and does not say so (%s): a driver that believes it posts physical addresses"
              .formatted(offer.provenance()));
    }
    return Optional.empty();
  }

  /** Whether FEATURES_OK must be refused for a driver that acked bit 33 or did not. */
  public boolean refuses(boolean acked) {
    return offer.on() && strict.on() && !acked;
  }

  /** The address space for the session that a negotiation begins. */
  public AddressSpace addressSpace(boolean acked) {
    if (!offer.on()) {
      return wiring == Wiring.HARDWARE ? AddressSpace.BUS : AddressSpace.PHYSICAL;
    }
    return acked || unacked == UnackedAddressing.TRANSLATED
        ? AddressSpace.BUS
        : AddressSpace.PHYSICAL;
  }
}
