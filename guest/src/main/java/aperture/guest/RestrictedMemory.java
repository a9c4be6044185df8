package aperture.guest;

import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import java.util.Optional;

/**
 * What a guest asks of a device that reaches memory only where it is let.
 *
 * <p>Linux 6.1, drivers/virtio/virtio.c.
 */
final class RestrictedMemory {

  private RestrictedMemory() {}

  /** Why it does not drive a device that offers this; empty when it does. */
  static Optional<String> objection(FeatureSet offered) {
    if (!offered.has(Feature.VERSION_1)) {
      return Optional.of("the guest's memory is restricted: the device must offer VERSION_1");
    }
    if (!offered.has(Feature.ACCESS_PLATFORM)) {
      return Optional.of("the guest's memory is restricted: the device must offer bit 33");
    }
    return Optional.empty();
  }
}
