package aperture.console.qmp;

import aperture.admin.ControlException;
import jakarta.json.JsonArray;
import jakarta.json.JsonNumber;
import jakarta.json.JsonObject;
import jakarta.json.JsonString;
import jakarta.json.JsonValue;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where QEMU's PCI devices are, as the guest numbered the buses. */
final class QemuBuses {

  /** A hierarchy as deep as there are bus numbers is not real. */
  private static final int MOST_DEPTH = 32;

  private static final int FUNCTION_BITS = 3;
  private static final int FUNCTION_MASK = 7;
  private static final int MOST_PLACE = 0xff;
  private static final int MOST_BUS = 0xff;
  private static final int UNKNOWN = -1;

  private static final String NAMED = "/machine/peripheral/";
  private static final String NAMELESS = "/machine/peripheral-anon/";

  private final Qmp qmp;

  QemuBuses(Qmp qmp) {
    this.qmp = qmp;
  }

  /**
   * Where a device is.
   *
   * @param device its path among QEMU's objects
   */
  PciAddress address(String device) throws ControlException {
    int place = place(device);
    int bus = bus(qmp.text(device, "parent_bus"));
    if (place < 0 || place > MOST_PLACE || bus < 0 || bus > MOST_BUS) {
      throw qmp.problem(
          "does not say where %s is; --endpoint BB:SS.F does".formatted(Qmp.brief(device)));
    }
    return new PciAddress(bus, place >> FUNCTION_BITS, place & FUNCTION_MASK);
  }

  /** A bus is the child of its bridge, or of the machine's own host bridge: that is bus 0. */
  private int bus(String path) throws ControlException {
    if (path.startsWith(NAMED)) {
      String bridge = path.substring(NAMED.length()).split("/", 2)[0];
      return number(qmp.run("query-pci"), bridge, 0).orElse(UNKNOWN);
    }
    return path.isEmpty() || path.startsWith(NAMELESS) ? UNKNOWN : 0;
  }

  private int place(String device) throws ControlException {
    return qmp.property(device, "addr") instanceof JsonNumber place ? small(place) : UNKNOWN;
  }

  /** The bus behind a bridge. */
  private Optional<Integer> number(JsonValue buses, String bridge, int depth) {
    if (depth < MOST_DEPTH && buses instanceof JsonArray all) {
      for (JsonValue each : all) {
        Optional<Integer> found =
            each instanceof JsonObject bus
                ? behind(bus.get("devices"), bridge, depth)
                : Optional.empty();
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<Integer> behind(@Nullable JsonValue devices, String bridge, int depth) {
    if (devices instanceof JsonArray all) {
      for (JsonValue each : all) {
        if (each instanceof JsonObject device
            && device.get("pci_bridge") instanceof JsonObject beyond) {
          Optional<Integer> found =
              device.get("qdev_id") instanceof JsonString id && id.getString().equals(bridge)
                  ? secondary(beyond)
                  : behind(beyond.get("devices"), bridge, depth + 1);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Integer> secondary(JsonObject bridge) {
    return bridge.get("bus") instanceof JsonObject bus
            && bus.get("secondary") instanceof JsonNumber number
        ? Optional.of(small(number))
        : Optional.empty();
  }

  /** A number of up to three digits. */
  private static int small(JsonNumber number) {
    String digits = number.toString();
    return digits.matches("[0-9]{1,3}") ? Integer.parseInt(digits) : UNKNOWN;
  }
}
