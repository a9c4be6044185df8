package aperture.vhostuser.internal.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The address of a Unix socket, offsets in bytes.
 *
 * <pre>
 *   0  family (16)   2  path, zero-terminated, at most 108 bytes with the zero
 * </pre>
 */
final class AddressLayout {

  static final int FAMILY_UNIX = 1;

  private static final int PATH = 2;
  private static final int LONGEST_PATH = 107;
  static final int LENGTH = PATH + LONGEST_PATH + 1;

  private AddressLayout() {}

  static MemorySegment of(Path path, Arena arena) throws IOException {
    byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > LONGEST_PATH) {
      throw new IOException(
          "socket path %s has %d bytes; the system takes 1 to %d"
              .formatted(path, bytes.length, LONGEST_PATH));
    }
    MemorySegment address = arena.allocate(LENGTH, Short.BYTES);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) FAMILY_UNIX);
    MemorySegment.copy(bytes, 0, address, ValueLayout.JAVA_BYTE, PATH, bytes.length);
    return address;
  }
}
