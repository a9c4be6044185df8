package aperture.core.internal.policy;

import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.core.internal.dma.Route;
import java.util.Map;

/**
 * One case to try.
 *
 * @param platform the machine
 * @param driver driver kind
 * @param options the kind's options
 * @param device the device
 * @param collision whether raw physical numbers happen to be mapped as IOVAs too
 */
record Case(
    Platform platform,
    String driver,
    Map<String, String> options,
    Device device,
    boolean collision) {

  /**
   * The device of a case.
   *
   * @param offered whether it offers bit 33
   * @param strict whether it refuses a driver that does not accept it
   * @param unacked addresses of such a driver, where it is not refused
   * @param wiring what it does without the offer
   * @param route the way to memory that it really takes
   * @param legacy whether it has the legacy interface
   */
  record Device(
      boolean offered,
      boolean strict,
      UnackedAddressing unacked,
      Wiring wiring,
      Route route,
      boolean legacy) {}
}
