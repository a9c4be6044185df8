package aperture.rules.planted.memory;

import aperture.rules.planted.virtio.Upper;

/** Looks upwards. */
final class UsesUpperLayer {
  Class<?> offence() {
    return Upper.class;
  }
}
