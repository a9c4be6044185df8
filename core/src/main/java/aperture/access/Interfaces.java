package aperture.access;

/**
 * The register interfaces that a driver may find at a device.
 *
 * @param modern 64 feature bits and more, FEATURES_OK
 * @param legacy 32 feature bits, no FEATURES_OK
 */
public record Interfaces(boolean modern, boolean legacy) {

  /**
   * What decides about them.
   *
   * @param transport how registers are reached
   * @param setting the device's setting of the legacy interface; unset leaves it to the machine,
   *     and to the offer, which it cannot carry
   * @param rowLegacy whether plain devices of the machine have the legacy interface
   * @param rowModern whether they have the modern one
   */
  public record Choice(Transport transport, Setting setting, boolean rowLegacy, boolean rowModern) {

    /** Modern registers on PCI, and nothing else asked. */
    public static final Choice MODERN = new Choice(Transport.PCI, Setting.UNSET, false, true);
  }

  /**
   * Resolves a choice.
   *
   * @param device name of the device, for messages
   * @param offer whether bit 33 is offered
   * @throws AccessConfigurationException C1 or C4: the offer cannot be carried; or no interface is
   *     left
   */
  static Interfaces resolve(String device, Effective offer, Choice choice)
      throws AccessConfigurationException {
    boolean modern =
        choice.transport() == Transport.MMIO
            || choice.transport() == Transport.PCI && choice.rowModern();
    boolean legacy =
        switch (choice.setting()) {
          case ON -> choice.transport() != Transport.MMIO;
          case OFF -> false;
          case UNSET ->
              choice.transport() == Transport.MMIO_LEGACY
                  || choice.transport() == Transport.PCI
                      && choice.rowLegacy()
                      && !(offer.on() && modern);
        };
    if (offer.on() && choice.transport() == Transport.MMIO_LEGACY) {
      throw new AccessConfigurationException(
          ConfigurationError.NARROW_TRANSPORT,
          "device %s: access-platform %s, but transport %s carries no feature bit above 31; use transport %s, or set access-platform off"
              .formatted(
                  device, offer.provenance(), choice.transport().word(), Transport.MMIO.word()));
    }
    if (offer.on() && (legacy || !modern)) {
      throw new AccessConfigurationException(
          ConfigurationError.LEGACY_INTERFACE,
          "device %s: access-platform %s, but %s, which cannot carry the bit; %s or set access-platform off"
              .formatted(
                  device,
                  offer.provenance(),
                  modern
                      ? "its setting exposes the legacy interface"
                      : "devices of this machine type have the legacy interface only",
                  modern ? "set legacy off" : "use a newer machine type"));
    }
    if (!modern && !legacy) {
      throw new AccessConfigurationException(
          ConfigurationError.NO_INTERFACE,
          "device %s: legacy off, and no modern interface on this machine type: no driver could reach it; remove the setting"
              .formatted(device));
    }
    return new Interfaces(modern, legacy);
  }
}
