package aperture.vhostuser.internal.wire;

import java.nio.ByteBuffer;

/**
 * Pages of a file that are a queue's doorbell.
 *
 * @param file which queue, and whether the file came along or the doorbell is withdrawn
 */
public record VringArea(VringFile file, long size, long offset) {

  public static VringArea decode(ByteBuffer payload) {
    return new VringArea(
        VringFile.decode(payload),
        payload.getLong(VringLayout.AREA_SIZE),
        payload.getLong(VringLayout.AREA_OFFSET));
  }

  static void check(ByteBuffer payload, int fds) throws ProtocolException {
    VringFile.check(payload, fds);
  }

  public byte[] encode() {
    return Bytes.allocate(VringLayout.AREA_LENGTH)
        .put(VringLayout.INDEX, file.encode())
        .putLong(VringLayout.AREA_SIZE, size)
        .putLong(VringLayout.AREA_OFFSET, offset)
        .array();
  }
}
