package aperture.virtio;

import java.util.Optional;

/**
 * A feature bit, in words for people.
 *
 * @param bit number
 * @param name as the standard calls it, without the device type's prefix; {@code bit N} when nobody
 *     knows it
 * @param meaning one line; empty when nobody knows it
 */
public record NamedFeature(int bit, String name, String meaning) {

  /** Any bit of a device: of its type, of transport and queues, or of nobody. */
  public static NamedFeature of(int bit, VirtioDevice device) {
    return Feature.of(bit)
        .map(feature -> new NamedFeature(bit, feature.name(), feature.meaning()))
        .or(() -> device.feature(bit))
        .orElse(new NamedFeature(bit, "bit " + bit, ""));
  }

  /** As most device types make theirs. */
  public static Optional<NamedFeature> known(int bit, String name, String meaning) {
    return Optional.of(new NamedFeature(bit, name, meaning));
  }
}
