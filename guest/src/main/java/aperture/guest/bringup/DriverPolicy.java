package aperture.guest.bringup;

import aperture.access.AddressSpace;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import java.util.Optional;

/** What sets one kind of driver apart from the others. Immutable. */
public interface DriverPolicy {

  /** The registers that a kind of driver knows. */
  enum Registers {
    LEGACY,
    MODERN
  }

  /** The kind's name. */
  String name();

  /** Features of ring and transport that the kind knows; it accepts no others. */
  FeatureSet knows();

  /** The registers that it drives a device by. */
  default Registers registers() {
    return Registers.MODERN;
  }

  /** Whose addresses it posts, once {@code accepted} stands. */
  AddressSpace addresses(FeatureSet accepted);

  /**
   * Why it will not drive a device that offers this; empty when it will. By default it will not
   * when it knows VERSION_1 and the device does not offer it.
   */
  default Optional<String> declines(GuestPlatform platform, FeatureSet offered) {
    return knows().has(Feature.VERSION_1) && !offered.has(Feature.VERSION_1)
        ? Optional.of("the device does not offer VERSION_1")
        : Optional.empty();
  }

  /**
   * Where its addresses come from, once {@code accepted} stands; one with something of its own to
   * give back is an {@link aperture.guest.dma.OwnDma}.
   *
   * @throws DmaException when that cannot be had
   */
  default DriverDma dma(GuestPlatform platform, FeatureSet accepted) throws DmaException {
    return addresses(accepted) == AddressSpace.BUS ? platform.dmaApi() : platform.physical();
  }
}
