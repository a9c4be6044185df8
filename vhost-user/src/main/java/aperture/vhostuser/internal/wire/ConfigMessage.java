package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import java.nio.ByteBuffer;

/**
 * A piece of the device's configuration space.
 *
 * @param offset where it begins, unsigned 32 bits
 * @param flags why it is written; unknown ones are to be ignored
 * @param bytes at most 256; none in a reply means that the question made no sense
 */
@SuppressWarnings("ArrayRecordComponent") // lives for one message, and is never compared
public record ConfigMessage(long offset, int flags, byte[] bytes) {

  public static ConfigMessage decode(ByteBuffer payload) {
    byte[] bytes = new byte[payload.capacity() - ConfigLayout.HEADER];
    payload.get(ConfigLayout.HEADER, bytes);
    return new ConfigMessage(
        Integer.toUnsignedLong(payload.getInt(ConfigLayout.OFFSET)),
        payload.getInt(ConfigLayout.FLAGS),
        bytes);
  }

  static void check(ByteBuffer payload) throws ProtocolException {
    long size = Integer.toUnsignedLong(payload.getInt(ConfigLayout.SIZE));
    if (size != payload.capacity() - ConfigLayout.HEADER) {
      throw new ProtocolException(
          Fault.CONTENT,
          "%d bytes of configuration in a payload of %d".formatted(size, payload.capacity()));
    }
  }

  /** Whether the piece lies in a configuration space of so many bytes. */
  public boolean within(int length) {
    return offset + bytes.length <= length;
  }

  public byte[] encode() {
    return Bytes.allocate(ConfigLayout.HEADER + bytes.length)
        .putInt(ConfigLayout.OFFSET, (int) offset)
        .putInt(ConfigLayout.SIZE, bytes.length)
        .putInt(ConfigLayout.FLAGS, flags)
        .put(ConfigLayout.HEADER, bytes)
        .array();
  }
}
