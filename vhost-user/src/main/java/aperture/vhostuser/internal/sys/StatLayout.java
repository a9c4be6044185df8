package aperture.vhostuser.internal.sys;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What statx tells about a file, offsets in bytes; the same on every processor.
 *
 * <pre>
 *    0  mask (32)        4  block size (32)
 *    8  attributes (64)
 *   16  links (32)  20  uid (32)  24  gid (32)  28  mode (16)
 *   32  inode (64)
 *   40  size (64)
 *   48  blocks (64) ... times, devices, spare, up to 256
 * </pre>
 */
final class StatLayout {

  static final int LENGTH = 256;

  /** Follow the descriptor itself, the path being empty. */
  static final int OF_DESCRIPTOR = 0x1000;

  /** The basic fields. */
  static final int WANTED = 0x7ff;

  /** The fields that are read. */
  enum Field {
    BLOCK_SIZE,
    SIZE;

    long in(MemorySegment result) {
      return switch (this) {
        case BLOCK_SIZE -> Integer.toUnsignedLong(result.get(ValueLayout.JAVA_INT, 4));
        case SIZE -> result.get(ValueLayout.JAVA_LONG, 40);
      };
    }
  }

  private StatLayout() {}
}
