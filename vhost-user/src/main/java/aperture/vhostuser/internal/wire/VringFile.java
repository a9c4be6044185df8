package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import java.nio.ByteBuffer;

/**
 * Which queue a descriptor is for, or that the queue has none and is polled.
 *
 * @param index which queue, 0 to 255
 * @param attached whether a descriptor came along
 */
public record VringFile(int index, boolean attached) {

  public static VringFile decode(ByteBuffer payload) {
    long value = payload.getLong(0);
    return new VringFile(
        (int) (value & VringLayout.FILE_INDEX_MASK), (value & VringLayout.FILE_NO_DESCRIPTOR) == 0);
  }

  static void check(ByteBuffer payload, int fds) throws ProtocolException {
    VringFile file = decode(payload);
    if (file.attached != (fds == 1)) {
      throw new ProtocolException(
          Fault.DESCRIPTORS,
          "queue %d: %d descriptors, and the message says %s"
              .formatted(file.index, fds, file.attached ? "one" : "none"));
    }
  }

  public byte[] encode() {
    return Bytes.ofLong(index | (attached ? 0 : VringLayout.FILE_NO_DESCRIPTOR));
  }
}
