package aperture.guest;

import aperture.virtio.DeviceOption;
import aperture.virtio.GuestPlatform;
import java.util.List;

/**
 * An option of a driver kind that is one of two words.
 *
 * @param name as written on the command line, without dashes
 * @param description one line
 * @param preset the word that counts when none is given
 * @param other the other word
 */
record KindOption(String name, String description, String preset, String other) {

  /** As the platform wants it described. */
  DeviceOption described() {
    return new DeviceOption(
        name, description + " (default " + preset + ")", false, false, List.of(preset, other));
  }

  /** Whether the other word was given. */
  boolean isOther(GuestPlatform platform) {
    return other.equals(platform.options().get(name));
  }
}
