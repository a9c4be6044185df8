package aperture.vhostuser.internal.wire;

/**
 * Where the dirty log lies in its file, offsets in bytes, little-endian.
 *
 * <pre>
 *   0  size (64)   8  offset (64)
 * </pre>
 */
final class LogLayout {

  static final int SIZE = 0;
  static final int OFFSET = 8;
  static final int LENGTH = 16;

  private LogLayout() {}
}
