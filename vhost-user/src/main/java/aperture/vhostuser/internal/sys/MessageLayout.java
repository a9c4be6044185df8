package aperture.vhostuser.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What sendmsg and recvmsg take, offsets in bytes, on 64-bit Linux.
 *
 * <pre>
 *   message                         vector            control record
 *    0  name (64)                    0  base (64)      0  length (64), with this header
 *    8  name length (32), pad        8  length (64)    8  level (32)   12  type (32)
 *   16  vector (64)                                   16  descriptors (32 each)
 *   24  vectors (64)
 *   32  control (64)
 *   40  control length (64)
 *   48  flags (32), pad
 * </pre>
 */
final class MessageLayout {

  static final int LENGTH = 56;
  static final int VECTOR_LENGTH = 16;

  /** Most descriptors that are taken with one message. */
  static final int MAX_FDS = 32;

  private static final int VECTOR = 16;
  private static final int VECTORS = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;

  private static final int VECTOR_BASE = 0;
  private static final int VECTOR_SIZE = 8;

  private static final int RECORD_LENGTH = 0;
  private static final int RECORD_LEVEL = 8;
  private static final int RECORD_TYPE = 12;
  private static final int RECORD_DATA = 16;
  private static final int RECORD_ALIGNMENT = 8;

  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_CTRUNC = 8;

  /** Room for one control record with {@link #MAX_FDS} descriptors and not one more. */
  static final int CONTROL_SIZE = RECORD_DATA + MAX_FDS * Integer.BYTES;

  private MessageLayout() {}

  /** Points a vector at {@code length} bytes of {@code data} from {@code offset}. */
  static void vector(MemorySegment vector, MemorySegment data, long offset, long length) {
    vector.set(ADDRESS, VECTOR_BASE, data.asSlice(offset, length));
    vector.set(JAVA_LONG, VECTOR_SIZE, length);
  }

  /** Points a message at one vector and at {@code length} bytes of control records. */
  static void message(
      MemorySegment message, MemorySegment vector, MemorySegment control, long length) {
    message.set(ADDRESS, VECTOR, vector);
    message.set(JAVA_LONG, VECTORS, 1);
    message.set(ADDRESS, CONTROL, length == 0 ? MemorySegment.NULL : control);
    message.set(JAVA_LONG, CONTROL_LENGTH, length);
    message.set(JAVA_INT, FLAGS, 0);
  }

  /**
   * Writes one control record with descriptors.
   *
   * @return bytes of control that the message has then
   */
  static long putDescriptors(MemorySegment control, int[] descriptors) {
    long length = RECORD_DATA + (long) descriptors.length * Integer.BYTES;
    control.set(JAVA_LONG, RECORD_LENGTH, length);
    control.set(JAVA_INT, RECORD_LEVEL, SOL_SOCKET);
    control.set(JAVA_INT, RECORD_TYPE, SCM_RIGHTS);
    for (int i = 0; i < descriptors.length; i++) {
      control.set(JAVA_INT, RECORD_DATA + (long) i * Integer.BYTES, descriptors[i]);
    }
    return align(length);
  }

  /** Takes every descriptor that the kernel put into the control records. */
  static List<Fd> takeDescriptors(MemorySegment message, MemorySegment control) {
    long filled = Math.min(message.get(JAVA_LONG, CONTROL_LENGTH), control.byteSize());
    if (filled < RECORD_DATA) {
      return List.of();
    }
    List<Fd> taken = new ArrayList<>();
    long at = 0;
    while (filled - at >= RECORD_DATA) {
      long length = control.get(JAVA_LONG, at + RECORD_LENGTH);
      if (length < RECORD_DATA || length > filled - at) {
        break;
      }
      if (control.get(JAVA_INT, at + RECORD_LEVEL) == SOL_SOCKET
          && control.get(JAVA_INT, at + RECORD_TYPE) == SCM_RIGHTS) {
        for (long fd = at + RECORD_DATA; fd + Integer.BYTES <= at + length; fd += Integer.BYTES) {
          taken.add(Fd.of(control.get(JAVA_INT, fd)));
        }
      }
      at += align(length);
    }
    return taken;
  }

  /** Whether the kernel had more descriptors than room, or than this process may open. */
  static boolean truncated(MemorySegment message) {
    return (message.get(JAVA_INT, FLAGS) & MSG_CTRUNC) != 0;
  }

  private static long align(long length) {
    return (length + RECORD_ALIGNMENT - 1) & -RECORD_ALIGNMENT;
  }
}
