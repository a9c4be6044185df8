package aperture.devices.blk;

import aperture.virtqueue.ChainReader;

/**
 * The segments of one discard or write-zeroes request, read from the guest exactly once, then
 * checked as a whole, so that a refused request changes nothing. Reused; not thread-safe.
 */
final class EraseSegments {

  private final long[] sector = new long[BlkLimits.ERASE_SEGMENTS];
  private final int[] sectors = new int[BlkLimits.ERASE_SEGMENTS];
  private int count;

  /**
   * Reads and checks the rest of a request.
   *
   * @param capacity of the image, in sectors
   * @param allowedFlags what the request's type knows
   * @return status: OK, or why the request is refused
   */
  byte read(ChainReader reader, long capacity, int allowedFlags) {
    long bytes = reader.remaining();
    long segments = bytes / BlkRequestLayout.SEGMENT_BYTES;
    if (bytes == 0
        || bytes % BlkRequestLayout.SEGMENT_BYTES != 0
        || segments > BlkLimits.ERASE_SEGMENTS) {
      return BlkRequestLayout.STATUS_IOERR;
    }
    boolean inRange = true;
    boolean flagsKnown = true;
    count = (int) segments;
    for (int i = 0; i < count; i++) {
      sector[i] = reader.get64();
      sectors[i] = reader.get32();
      flagsKnown &= (reader.get32() & ~allowedFlags) == 0;
      inRange &=
          Integer.compareUnsigned(sectors[i], BlkLimits.ERASE_SECTORS) <= 0
              && BlkRange.inside(sector[i], sectors[i], capacity);
    }
    if (!flagsKnown) {
      return BlkRequestLayout.STATUS_UNSUPP;
    }
    return inRange ? BlkRequestLayout.STATUS_OK : BlkRequestLayout.STATUS_IOERR;
  }

  int count() {
    return count;
  }

  /** First byte of a segment in the image. */
  long position(int segment) {
    return sector[segment] * BlkRequestLayout.SECTOR_BYTES;
  }

  /** Bytes of a segment. */
  long length(int segment) {
    return (long) sectors[segment] * BlkRequestLayout.SECTOR_BYTES;
  }
}
