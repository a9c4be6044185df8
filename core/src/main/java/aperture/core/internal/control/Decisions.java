package aperture.core.internal.control;

import aperture.access.AccessConfigurationException;
import aperture.access.AccessDecision;
import aperture.access.AccessRequest;
import aperture.admin.ControlException;
import aperture.machine.LegacyInterface;
import aperture.machine.MachineRow;

/** Decides about ACCESS_PLATFORM, or refuses in the words of people. */
final class Decisions {

  private Decisions() {}

  /**
   * Decides for a device of a machine.
   *
   * @throws ControlException naming the condition that is violated, and the cure
   */
  static AccessDecision decide(AccessRequest request, MachineRow row) throws ControlException {
    try {
      AccessDecision decision = AccessDecision.decide(request);
      requireCarrier(decision, request.device(), row);
      return decision;
    } catch (AccessConfigurationException e) {
      throw new ControlException(
          ControlException.Kind.USAGE, e.condition() + ": " + e.getMessage(), e);
    }
  }

  private static void requireCarrier(AccessDecision decision, String device, MachineRow row)
      throws AccessConfigurationException {
    if (decision.offer().on() && row.legacy() == LegacyInterface.LEGACY) {
      throw new AccessConfigurationException(
          "C1",
          "device %s: access-platform %s, but devices of %s have the legacy interface only, which cannot carry the bit; use a newer machine type or set access-platform off"
              .formatted(device, decision.offer().provenance(), row.type()));
    }
  }
}
