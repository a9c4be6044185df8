package aperture.guest.bringup;

import aperture.access.AddressSpace;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import java.util.Optional;

/** What sets one kind of driver apart from the others. Immutable. */
public interface DriverPolicy {

  /** The kind's name. */
  String name();

  /** Features of ring and transport that the kind knows; it accepts no others. */
  FeatureSet knows();

  /** Whose addresses it posts, once {@code accepted} stands. */
  AddressSpace addresses(FeatureSet accepted);

  /** Why it will not drive a device that offers this; empty when it will. */
  default Optional<String> declines(GuestPlatform platform, FeatureSet offered) {
    return Optional.empty();
  }
}
