package aperture.guest;

import aperture.guest.blk.BlockFrontEnd;
import aperture.guest.bringup.FrontEnd;
import aperture.guest.rng.EntropyFrontEnd;
import java.util.Optional;

/** The device types that the drivers of this bundle know. */
final class FrontEnds {

  private static final int BLOCK = 2;
  private static final int ENTROPY = 4;

  private FrontEnds() {}

  static Optional<FrontEnd> of(int deviceId) {
    return switch (deviceId) {
      case BLOCK -> Optional.of(new BlockFrontEnd());
      case ENTROPY -> Optional.of(new EntropyFrontEnd());
      default -> Optional.empty();
    };
  }
}
