package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * A question or statement about translations.
 *
 * @param iova first address as the device uses it
 * @param size bytes; for an invalidation it may reach to the end of all addresses
 * @param userAddress where the front end has the memory; 0 in a miss
 * @param permission {@link #READ}, {@link #WRITE}, both or none
 */
public record IotlbMessage(Type type, long iova, long size, long userAddress, int permission) {

  public static final int READ = IotlbLayout.READ;
  public static final int WRITE = IotlbLayout.WRITE;

  /** What is said. */
  public enum Type {
    MISS(1),
    UPDATE(2),
    INVALIDATE(3),
    ACCESS_FAIL(4);

    private final byte number;

    Type(int number) {
      this.number = (byte) number;
    }

    private static Optional<Type> of(byte number) {
      return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }
  }

  /** From a payload that {@link #check} has let through. */
  public static IotlbMessage decode(ByteBuffer payload) {
    return new IotlbMessage(
        Type.of(payload.get(IotlbLayout.TYPE)).orElseThrow(),
        payload.getLong(IotlbLayout.IOVA),
        payload.getLong(IotlbLayout.SIZE),
        payload.getLong(IotlbLayout.USER),
        payload.get(IotlbLayout.PERMISSION));
  }

  /** The question for a translation of the byte at an address. */
  public static IotlbMessage miss(long iova, int permission) {
    return new IotlbMessage(Type.MISS, iova, 0, 0, permission);
  }

  static void check(ByteBuffer payload) throws ProtocolException {
    byte type = payload.get(IotlbLayout.TYPE);
    int permission = payload.get(IotlbLayout.PERMISSION);
    // QEMU leaves the permission of an invalidation as it finds it.
    boolean meant = type != Type.INVALIDATE.number;
    if (Type.of(type).isEmpty() || (meant && (permission & ~(READ | WRITE)) != 0)) {
      throw new ProtocolException(
          Fault.CONTENT, "IOTLB message of type %d with permission %d".formatted(type, permission));
    }
  }

  public byte[] encode() {
    return Bytes.allocate(IotlbLayout.LENGTH)
        .putLong(IotlbLayout.IOVA, iova)
        .putLong(IotlbLayout.SIZE, size)
        .putLong(IotlbLayout.USER, userAddress)
        .put(IotlbLayout.PERMISSION, (byte) permission)
        .put(IotlbLayout.TYPE, type.number)
        .array();
  }
}
