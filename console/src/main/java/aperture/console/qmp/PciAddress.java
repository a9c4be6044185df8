package aperture.console.qmp;

import aperture.admin.ControlException;
import aperture.iommu.Endpoint;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a PCI device is, as its guest numbered the buses.
 *
 * @param bus 0 to 255
 * @param slot 0 to 31
 * @param function 0 to 7
 */
public record PciAddress(int bus, int slot, int function) {

  private static final Pattern TEXT =
      Pattern.compile("([0-9a-fA-F]{1,2}):([01]?[0-9a-fA-F])\\.([0-7])");

  public PciAddress {
    if (bus < 0 || bus > 0xff || slot < 0 || slot > 0x1f || function < 0 || function > 7) {
      throw new IllegalArgumentException("no PCI address: %d:%d.%d".formatted(bus, slot, function));
    }
  }

  /** Reads {@code BB:SS.F}. */
  public static PciAddress parse(String what, String text) throws ControlException {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw ControlException.usage(
          "%s '%s' is no PCI address (bus:slot.function in hexadecimal, for example 00:03.0)"
              .formatted(what, text));
    }
    return new PciAddress(
        Integer.parseInt(parts.group(1), 16),
        Integer.parseInt(parts.group(2), 16),
        Integer.parseInt(parts.group(3), 16));
  }

  /** The only endpoint of a state. */
  public Endpoint endpoint(String device) {
    Endpoint plain = Endpoint.pci(0, bus, slot, function);
    return new Endpoint(0, plain.id(), plain.requesterId(), Map.of("device", device));
  }

  @Override
  public String toString() {
    return "%02x:%02x.%x".formatted(bus, slot, function);
  }
}
