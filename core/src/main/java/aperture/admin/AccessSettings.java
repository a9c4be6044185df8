package aperture.admin;

import aperture.access.Setting;
import aperture.access.Transport;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;

/**
 * What an operator says about the addresses of one device, and the registers it is driven by.
 *
 * @param accessPlatform whether it offers bit 33
 * @param strict whether it refuses a driver that does not accept the bit
 * @param unacked which addresses it uses then, when it is not strict
 * @param wiring what it does without the offer
 * @param transport how a driver reaches its registers
 * @param legacy whether it has the legacy interface
 * @param busBypass on a bus that the machine's IOMMU is not in front of
 * @param requireVersion1 whether it refuses a driver of the modern interface that does not accept
 *     VERSION_1
 * @param unsafe accepts an offer turned off behind an IOMMU
 */
public record AccessSettings(
    Setting accessPlatform,
    Setting strict,
    UnackedAddressing unacked,
    Wiring wiring,
    Transport transport,
    Setting legacy,
    boolean busBypass,
    boolean requireVersion1,
    boolean unsafe) {

  /** Nothing said. */
  public static final AccessSettings NONE = of(Setting.UNSET, Setting.UNSET, false);

  /** The three that matter most. */
  public static AccessSettings of(Setting accessPlatform, Setting strict, boolean unsafe) {
    return new AccessSettings(
        accessPlatform,
        strict,
        UnackedAddressing.PHYSICAL,
        Wiring.SOFTWARE,
        Transport.PCI,
        Setting.UNSET,
        false,
        true,
        unsafe);
  }
}
