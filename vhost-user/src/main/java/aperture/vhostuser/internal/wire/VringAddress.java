package aperture.vhostuser.internal.wire;

import java.nio.ByteBuffer;

/**
 * Where the three parts of a queue lie: front-end addresses, or with ACCESS_PLATFORM I/O virtual
 * ones.
 *
 * @param index which queue; any 32-bit number
 * @param flags {@link #logsUsed} and bits to ignore
 * @param log the used ring's address for the dirty log
 */
public record VringAddress(
    int index, int flags, long descriptors, long used, long available, long log) {

  public static VringAddress decode(ByteBuffer payload) {
    return new VringAddress(
        payload.getInt(VringLayout.INDEX),
        payload.getInt(VringLayout.ADDRESS_FLAGS),
        payload.getLong(VringLayout.ADDRESS_DESCRIPTORS),
        payload.getLong(VringLayout.ADDRESS_USED),
        payload.getLong(VringLayout.ADDRESS_AVAILABLE),
        payload.getLong(VringLayout.ADDRESS_LOG));
  }

  /** Whether writes to the used ring go into the dirty log. */
  public boolean logsUsed() {
    return (flags & VringLayout.LOG_USED) != 0;
  }

  public byte[] encode() {
    return Bytes.allocate(VringLayout.ADDRESS_LENGTH)
        .putInt(VringLayout.INDEX, index)
        .putInt(VringLayout.ADDRESS_FLAGS, flags)
        .putLong(VringLayout.ADDRESS_DESCRIPTORS, descriptors)
        .putLong(VringLayout.ADDRESS_USED, used)
        .putLong(VringLayout.ADDRESS_AVAILABLE, available)
        .putLong(VringLayout.ADDRESS_LOG, log)
        .array();
  }
}
