package aperture.core.internal.control;

import aperture.access.AccessConfigurationException;
import aperture.access.AccessDecision;
import aperture.access.AccessRequest;
import aperture.access.Interfaces;
import aperture.access.Setting;
import aperture.access.Transport;
import aperture.admin.ControlException;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;

/** Decides about ACCESS_PLATFORM, or refuses in the words of people. */
final class Decisions {

  private Decisions() {}

  /**
   * Decides for a device.
   *
   * @throws ControlException with what cannot be, and a message that names the cure
   */
  static AccessDecision decide(AccessRequest request) throws ControlException {
    try {
      return AccessDecision.decide(request);
    } catch (AccessConfigurationException e) {
      throw ControlException.of(e);
    }
  }

  /** The registers that plain devices of a machine type have, and what a device asks for. */
  static Interfaces.Choice interfaces(MachineRow row, Transport transport, Setting legacy) {
    return new Interfaces.Choice(
        transport,
        legacy,
        row.legacy() != LegacyInterface.MODERN,
        row.legacy() != LegacyInterface.LEGACY);
  }
}
