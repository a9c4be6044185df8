package aperture.vhostuser.internal.wire;

import java.nio.ByteBuffer;

/**
 * Where the dirty log lies in the file that comes along.
 *
 * @param size bytes, one bit per page of 4 KiB
 * @param offset where it begins
 */
public record LogArea(long size, long offset) {

  public static LogArea decode(ByteBuffer payload) {
    return new LogArea(payload.getLong(LogLayout.SIZE), payload.getLong(LogLayout.OFFSET));
  }

  public byte[] encode() {
    return Bytes.allocate(LogLayout.LENGTH)
        .putLong(LogLayout.SIZE, size)
        .putLong(LogLayout.OFFSET, offset)
        .array();
  }
}
