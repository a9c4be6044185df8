package aperture.devices.blk;

import static aperture.virtio.NamedFeature.known;

import aperture.virtio.NamedFeature;
import java.util.Optional;

/**
 * Feature bits of block devices that this device may offer.
 *
 * <p>Virtual I/O Device (VIRTIO), version 1.4, section "Block Device", "Feature bits".
 */
final class BlkFeature {

  static final int SEG_MAX = 2;
  static final int RO = 5;
  static final int BLK_SIZE = 6;
  static final int FLUSH = 9;
  static final int TOPOLOGY = 10;
  static final int CONFIG_WCE = 11;
  static final int MQ = 12;
  static final int DISCARD = 13;
  static final int WRITE_ZEROES = 14;

  private BlkFeature() {}

  /** The name of a bit; empty when it is not one of these. */
  static Optional<NamedFeature> named(int bit) {
    return switch (bit) {
      case SEG_MAX -> known(bit, "SEG_MAX", "a request has at most so many buffers");
      case RO -> known(bit, "RO", "the disk cannot be written");
      case BLK_SIZE -> known(bit, "BLK_SIZE", "the disk says how large its blocks are");
      case FLUSH -> known(bit, "FLUSH", "a request can make what was written durable");
      case TOPOLOGY -> known(bit, "TOPOLOGY", "the disk says which sizes and places it likes");
      case CONFIG_WCE -> known(bit, "CONFIG_WCE", "the write cache can be switched");
      case MQ -> known(bit, "MQ", "several queues");
      case DISCARD -> known(bit, "DISCARD", "ranges can be given up");
      case WRITE_ZEROES -> known(bit, "WRITE_ZEROES", "ranges can be made zeroes");
      default -> Optional.empty();
    };
  }
}
