package aperture.vhostuser.internal.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Buffers in the byte order of messages. */
final class Bytes {

  private Bytes() {}

  static ByteBuffer allocate(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  static ByteBuffer wrap(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static byte[] ofLong(long value) {
    return allocate(Long.BYTES).putLong(0, value).array();
  }
}
