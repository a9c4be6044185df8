package aperture.arch.x86.vtd;

import aperture.iommu.Permission;
import aperture.iommu.WalkResult;

/** Ends walks with an extent that stays clear of the interrupt range. */
final class Extents {

  /** Untranslated addresses are answered in pieces of at most 1 GiB. */
  private static final long IDENTITY = 1L << 30;

  private Extents() {}

  /** A page was found. What of it would lead to the interrupt range is not part of the answer. */
  static void page(
      VtdView view,
      long base,
      long pageSize,
      long iova,
      Permission permission,
      boolean quiet,
      int domain,
      WalkResult result) {
    long output = base | iova & pageSize - 1;
    if (InterruptRange.contains(output)) {
      VtdFaults.LEADS_TO_INTERRUPT.end(result, view, quiet);
      return;
    }
    // A page no larger than the range lies in it or outside, never around it.
    long size =
        pageSize <= InterruptRange.RANGE.size()
            ? pageSize
            : InterruptRange.extentAround(output, pageSize);
    result.translated(iova & -size, output & -size, size, permission, domain);
  }

  /** The address means itself; the interrupt range is none of it. */
  static void passThrough(VtdView view, long iova, boolean quiet, int domain, WalkResult result) {
    if (beyond(iova, view.guestWidth)) {
      VtdFaults.BEYOND_HOST.end(result, view, quiet);
    } else if (InterruptRange.contains(iova)) {
      VtdFaults.LEADS_TO_INTERRUPT.end(result, view, quiet);
    } else {
      identity(iova, InterruptRange.extentAround(iova, IDENTITY), domain, result);
    }
  }

  /** Nothing is translated at all. */
  static void untranslated(long iova, int domain, WalkResult result) {
    identity(iova, IDENTITY, domain, result);
  }

  private static void identity(long iova, long size, int domain, WalkResult result) {
    result.translated(iova & -size, iova & -size, size, Permission.READ_WRITE, domain);
  }

  /** Whether an address needs more than so many bits. */
  static boolean beyond(long address, int width) {
    return width < Long.SIZE && address >>> width != 0;
  }
}
