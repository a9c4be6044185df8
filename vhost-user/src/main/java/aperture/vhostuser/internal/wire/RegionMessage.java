package aperture.vhostuser.internal.wire;

import java.nio.ByteBuffer;

/**
 * A region of guest memory as the front end describes it; nothing about it has been checked.
 *
 * @param gpa guest-physical address
 * @param size bytes
 * @param userAddress where the front end has it in its own address space
 * @param mmapOffset where it begins in the file that comes along
 */
public record RegionMessage(long gpa, long size, long userAddress, long mmapOffset) {

  /** From a message about a single region. */
  public static RegionMessage decode(ByteBuffer payload) {
    return decode(payload, RegionLayout.SINGLE_HEADER);
  }

  static RegionMessage decode(ByteBuffer payload, int at) {
    return new RegionMessage(
        payload.getLong(at + RegionLayout.GUEST),
        payload.getLong(at + RegionLayout.SIZE),
        payload.getLong(at + RegionLayout.USER),
        payload.getLong(at + RegionLayout.OFFSET));
  }

  /** A message about a single region. */
  public byte[] encode() {
    byte[] payload = new byte[RegionLayout.SINGLE_LENGTH];
    encode(Bytes.wrap(payload), RegionLayout.SINGLE_HEADER);
    return payload;
  }

  void encode(ByteBuffer payload, int at) {
    payload
        .putLong(at + RegionLayout.GUEST, gpa)
        .putLong(at + RegionLayout.SIZE, size)
        .putLong(at + RegionLayout.USER, userAddress)
        .putLong(at + RegionLayout.OFFSET, mmapOffset);
  }
}
