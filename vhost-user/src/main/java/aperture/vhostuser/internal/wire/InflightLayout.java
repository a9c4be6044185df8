package aperture.vhostuser.internal.wire;

/**
 * Where requests in flight are recorded, offsets in bytes, little-endian.
 *
 * <pre>
 *    0  mapping size (64)
 *    8  mapping offset (64)
 *   16  queues (16)   18  queue size (16)   20  pad (32), left out by some front ends
 * </pre>
 */
final class InflightLayout {

  static final int SIZE = 0;
  static final int OFFSET = 8;
  static final int QUEUES = 16;
  static final int QUEUE_SIZE = 18;
  static final int PACKED_LENGTH = 20;
  static final int LENGTH = 24;

  private InflightLayout() {}
}
