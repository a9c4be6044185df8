package aperture.arch.ppc.tce;

import aperture.iommu.IovaAllocator;
import aperture.memory.MemoryRange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel keeps of one host bridge: the spaces of its windows. Endpoints behind it share
 * them.
 */
final class BridgeSpaces {

  /** The only address mask that lets an endpoint use the second window. */
  private static final long ALL_ADDRESSES = -1L;

  private final long bridge;
  private final DmaSpace low;
  private @Nullable DmaSpace high;
  private @Nullable TceWindow direct;

  private BridgeSpaces(long bridge, DmaSpace low) {
    this.bridge = bridge;
    this.low = low;
  }

  /** Null when the bridge has no default window of 4 KiB pages. */
  static @Nullable BridgeSpaces of(WindowTable windows, long bridge, List<MemoryRange> reserved) {
    TceWindow first = windows.find(bridge);
    return first == null || first.pageShift() != HostBridge.DEFAULT_SHIFT
        ? null
        : new BridgeSpaces(bridge, new DmaSpace(first, reserved));
  }

  /** Takes the second window into use. */
  void addSecond(TceWindow second, DdwUse use, List<MemoryRange> reserved) {
    if (use == DdwUse.DIRECT) {
      direct = second;
    } else if (use == DdwUse.DYNAMIC && second.pageShift() == HostBridge.DEFAULT_SHIFT) {
      high = new DmaSpace(second, reserved);
    }
  }

  long bridge() {
    return bridge;
  }

  /** Whether everything in memory already has an address that an endpoint can express. */
  boolean isDirect(DdwUse use, long limit) {
    return direct != null && use != DdwUse.NONE && limit == ALL_ADDRESSES;
  }

  /** The space to map in. */
  DmaSpace choose(DdwUse use, long limit) {
    DmaSpace second = high;
    return second != null && use != DdwUse.NONE && limit == ALL_ADDRESSES ? second : low;
  }

  /** The space that an address belongs to; null for one that was mapped once and for all. */
  @Nullable DmaSpace at(long iova) {
    return Long.compareUnsigned(iova, HostBridge.HIGH_START) < 0 ? low : high;
  }

  /** The address of memory in the window that maps all of it; what has none is no space. */
  long directAddress(long gpa, long size) {
    TceWindow window = direct;
    if (window == null || gpa < 0 || size <= 0) {
      return IovaAllocator.NO_SPACE;
    }
    long first = window.indexOf(window.busOffset() + gpa);
    long last = window.indexOf(window.busOffset() + gpa + size - 1);
    return first == TceWindow.OUTSIDE || last == TceWindow.OUTSIDE
        ? IovaAllocator.NO_SPACE
        : window.busOffset() + gpa;
  }
}
