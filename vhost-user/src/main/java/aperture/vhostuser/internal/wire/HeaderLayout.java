package aperture.vhostuser.internal.wire;

/**
 * The header of every message, offsets in bytes, little-endian.
 *
 * <pre>
 *   0  request (32)
 *   4  flags (32):   31 ........ 4 |   3        |   2   | 1 0
 *                        0         | need reply | reply | version
 *   8  size of the payload (32)
 * </pre>
 */
final class HeaderLayout {

  static final int LENGTH = 12;

  static final int REQUEST = 0;
  static final int FLAGS = 4;
  static final int SIZE = 8;

  static final int VERSION_MASK = 3;
  static final int VERSION = 1;
  static final int REPLY = 4;
  static final int NEED_REPLY = 8;

  /** What a request carries, without or with the wish for an answer. */
  static final int REQUEST_FLAGS = VERSION;

  static final int ASKING_FLAGS = VERSION | NEED_REPLY;

  /** What a reply carries, exactly: front ends close on any other value. */
  static final int REPLY_FLAGS = VERSION | REPLY;

  /** More than any message that is taken has. */
  static final int MAX_PAYLOAD = 4096;

  private HeaderLayout() {}
}
