package aperture.vhostuser.internal.sys;

/**
 * One entry of what poll waits for, offsets in bytes.
 *
 * <pre>
 *   0  descriptor (32)   4  events wanted (16)   6  events seen (16)
 * </pre>
 */
final class PollLayout {

  static final int LENGTH = 8;
  static final int FD = 0;
  static final int WANTED = 4;
  static final int SEEN = 6;

  static final short READABLE = 1;
  static final short WRITABLE = 4;

  private PollLayout() {}
}
