package aperture.vhostuser.internal.wire;

/**
 * A piece of the device's configuration space, offsets in bytes, little-endian.
 *
 * <pre>
 *   0  offset (32)   4  size (32)   8  flags (32)   12  bytes
 * </pre>
 */
final class ConfigLayout {

  static final int OFFSET = 0;
  static final int SIZE = 4;
  static final int FLAGS = 8;
  static final int HEADER = 12;

  /** Size of the largest configuration space that front ends take. */
  static final int MAX_BYTES = 256;

  private ConfigLayout() {}
}
