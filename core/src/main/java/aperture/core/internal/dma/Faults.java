package aperture.core.internal.dma;

import aperture.dma.DmaFault;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuWalker;
import aperture.iommu.WalkResult;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes fault values: the slow path, where allocation is fine and work is bounded. */
final class Faults {

  /** Pages looked at to tell unmapped from denied sub-ranges; a fault needs no more to be clear. */
  private static final int MAX_PAGES = 256;

  private Faults() {}

  static DmaFault wraps(Endpoint endpoint, long iova, long length, Access access) {
    return plain(
        endpoint, iova, length, access, FaultKind.ADDRESS_SIZE, "the range is empty or wraps");
  }

  static DmaFault tooLong(Endpoint endpoint, long iova, long length, Access access) {
    return plain(
        endpoint, iova, length, access, FaultKind.ADDRESS_SIZE, "the range has too many pieces");
  }

  static DmaFault notMemory(Endpoint endpoint, long address, long length, Access access) {
    return plain(
        endpoint, address, length, access, FaultKind.NOT_MEMORY, "the address is not memory");
  }

  static DmaFault detached(
      Endpoint endpoint, long iova, long length, Access access, String reason) {
    return plain(endpoint, iova, length, access, FaultKind.DETACHED, reason);
  }

  private static DmaFault plain(
      Endpoint endpoint, long iova, long length, Access access, FaultKind kind, String text) {
    IommuFault cause =
        new IommuFault(
            endpoint.id(), endpoint.requesterId(), iova, access, kind, -1, text, "", 0, 0, false);
    return new DmaFault(
        iova, length, access, List.of(new DmaFault.SubRange(iova, length)), List.of(), cause);
  }

  /**
   * Walks the range again and sorts its faulting parts.
   *
   * @param from first address that did not translate: what lies before it did
   */
  static DmaFault analyse(
      IommuWalker walker,
      Endpoint endpoint,
      Reach memory,
      long iova,
      long length,
      Access access,
      long from) {
    List<DmaFault.SubRange> unmapped = new ArrayList<>();
    List<DmaFault.SubRange> denied = new ArrayList<>();
    IommuFault cause = null;
    WalkResult walk = new WalkResult();
    long at = from;
    long left = length - (from - iova);
    for (int page = 0; page < MAX_PAGES && left > 0; page++) {
      long step = Math.min(left, Iotlb.PAGE_MASK + 1 - (at & Iotlb.PAGE_MASK));
      IommuFault fault = walkOne(walker, endpoint, memory, at, access, walk);
      if (fault != null) {
        append(fault.kind() == FaultKind.DENIED ? denied : unmapped, at, step);
        cause = cause == null ? fault : cause;
      }
      at += step;
      left -= step;
    }
    if (cause == null) {
      // The tables changed under the walk; what was seen first is gone, the access failed anyway.
      return plain(
          endpoint, iova, length, access, FaultKind.UNMAPPED, "the tables changed during the walk");
    }
    return new DmaFault(iova, length, access, unmapped, denied, cause);
  }

  private static @Nullable IommuFault walkOne(
      IommuWalker walker,
      Endpoint endpoint,
      Reach memory,
      long at,
      Access access,
      WalkResult walk) {
    Walks.walk(walker, endpoint, at, access, walk);
    if (walk.outcome() == WalkResult.Outcome.FAULT) {
      return walk.toFault(endpoint, at, access);
    }
    if (walk.outcome() == WalkResult.Outcome.TRANSLATED
        && !memory.holds(walk.gpaOf(at & ~Iotlb.PAGE_MASK), Iotlb.PAGE_MASK + 1)) {
      walk.fault(FaultKind.NOT_MEMORY, -1, "the translation leads outside memory", false);
      return walk.toFault(endpoint, at, access);
    }
    return null;
  }

  private static void append(List<DmaFault.SubRange> ranges, long iova, long length) {
    int last = ranges.size() - 1;
    if (last >= 0 && ranges.get(last).iova() + ranges.get(last).length() == iova) {
      DmaFault.SubRange before = ranges.get(last);
      ranges.set(last, new DmaFault.SubRange(before.iova(), before.length() + length));
    } else {
      ranges.add(new DmaFault.SubRange(iova, length));
    }
  }
}
