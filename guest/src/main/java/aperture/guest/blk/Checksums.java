package aperture.guest.blk;

import java.util.zip.CRC32C;

/** What blocks read like when first seen. Not thread-safe. */
final class Checksums {

  /** Tells a checksum of zero from a block never seen. */
  private static final long SEEN = 1L << 32;

  private final long[] seen;
  private final CRC32C crc = new CRC32C();

  Checksums(int blocks) {
    seen = new long[blocks];
  }

  /**
   * Compares a block with what it read like before, if it has been seen.
   *
   * @return false when it reads differently
   */
  boolean matches(int block, byte[] data, int length) {
    crc.reset();
    crc.update(data, 0, length);
    long now = crc.getValue() | SEEN;
    if (seen[block] == 0) {
      seen[block] = now;
    }
    return seen[block] == now;
  }
}
