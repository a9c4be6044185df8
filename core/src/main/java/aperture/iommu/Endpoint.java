package aperture.iommu;

import java.util.Map;

/**
 * One device's identity on a machine's DMA fabric.
 *
 * @param index small number, unique within the machine, 0 upwards: instances keep what they know of
 *     an endpoint in arrays by it
 * @param id what people call it, for example {@code 00:05.0}
 * @param requesterId bus, device and function as on the wire: bus in bits 15:8, device in 7:3,
 *     function in 2:0
 * @param attributes whatever else the kind needs to know, opaque to core
 */
public record Endpoint(int index, String id, int requesterId, Map<String, String> attributes) {

  public Endpoint {
    attributes = Map.copyOf(attributes);
  }

  /** An identity from bus, device and function numbers, without attributes. */
  public static Endpoint pci(int index, int bus, int device, int function) {
    return new Endpoint(
        index,
        "%02x:%02x.%x".formatted(bus, device, function),
        bus << 8 | device << 3 | function,
        Map.of());
  }
}
