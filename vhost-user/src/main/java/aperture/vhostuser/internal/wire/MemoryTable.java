package aperture.vhostuser.internal.wire;

import aperture.vhostuser.internal.wire.ProtocolException.Fault;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * All regions of guest memory at once; the n-th descriptor is the n-th region's file.
 *
 * @param regions at most 32
 */
public record MemoryTable(List<RegionMessage> regions) {

  public MemoryTable {
    regions = List.copyOf(regions);
  }

  /** From a payload that {@link #check} has let through. */
  public static MemoryTable decode(ByteBuffer payload) {
    int count = payload.getInt(RegionLayout.COUNT);
    List<RegionMessage> regions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      regions.add(RegionMessage.decode(payload, at(i)));
    }
    return new MemoryTable(regions);
  }

  static void check(ByteBuffer payload, int fds) throws ProtocolException {
    long count = Integer.toUnsignedLong(payload.getInt(RegionLayout.COUNT));
    if (count > RegionLayout.MAX_REGIONS || payload.capacity() != at((int) count)) {
      throw new ProtocolException(
          Fault.CONTENT,
          "%d regions in %d bytes of memory table".formatted(count, payload.capacity()));
    }
    if (count != fds) {
      throw new ProtocolException(
          Fault.DESCRIPTORS, "%d descriptors for %d regions".formatted(fds, count));
    }
  }

  public byte[] encode() {
    byte[] payload = new byte[at(regions.size())];
    ByteBuffer buffer = Bytes.wrap(payload).putInt(RegionLayout.COUNT, regions.size());
    for (int i = 0; i < regions.size(); i++) {
      regions.get(i).encode(buffer, at(i));
    }
    return payload;
  }

  private static int at(int region) {
    return RegionLayout.TABLE_HEADER + region * RegionLayout.LENGTH;
  }
}
