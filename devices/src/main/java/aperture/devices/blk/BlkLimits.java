package aperture.devices.blk;

/** What this device bounds, and announces in its configuration space. */
final class BlkLimits {

  static final int DEFAULT_QUEUE_SIZE = 256;

  /** A request takes a header, at least one piece of data, and a status. */
  static final int MIN_QUEUE_SIZE = 4;

  static final int MAX_QUEUE_SIZE = 1024;

  static final int MAX_QUEUES = 256;

  /** Elements of a request that are not data: header and status. */
  static final int FRAME_ELEMENTS = 2;

  /**
   * Sectors in one segment of discard or write-zeroes: 4 MiB, so that with {@link #ERASE_SEGMENTS}
   * one request zeroes at most 64 MiB. Whoever wants the request's memory unmapped waits that long.
   */
  static final int ERASE_SECTORS = 8192;

  static final int ERASE_SEGMENTS = 16;

  /** Bytes in which hosts allocate files: the physical block that drivers should align to. */
  static final int PHYSICAL_BLOCK = 4096;

  private BlkLimits() {}
}
