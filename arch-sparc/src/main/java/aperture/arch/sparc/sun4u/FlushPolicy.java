package aperture.arch.sparc.sun4u;

import java.util.BitSet;

/**
 * When the kernel drops translations whose entries it changed.
 *
 * <p>Strict: with every change of a valid entry, at once. Lazy, as this platform's kernel does it:
 * not at all, until an address is handed out again that was let go since everything was dropped
 * last; then everything is dropped, and a new generation begins. Until then a device that goes on
 * using an address after unmap may still reach the old page. The value {@code OS_LAZY_FLUSH} among
 * the registers, which is the kernel's and read at bring-up and by a successor, chooses; 0 is
 * strict.
 *
 * <p>Source: Linux 6.1, arch/sparc/kernel/iommu.c, iommu_flushall, and iommu-common.c,
 * iommu_tbl_range_alloc (lazy flush).
 */
final class FlushPolicy {

  static final String LAZY = "OS_LAZY_FLUSH";

  private static final int ENTRIES = (int) DvmaWindow.TSB_ENTRIES;

  private final FlushRegister flush;
  private final BitSet stale = new BitSet(ENTRIES);
  private boolean lazy;

  FlushPolicy(FlushRegister flush) {
    this.flush = flush;
  }

  /** Chooses; what is cached now is taken for dropped. */
  void choose(boolean wantsLazy) {
    lazy = wantsLazy;
    stale.clear();
  }

  /** Entries were let go. */
  void retired(long iova, long size) {
    if (!lazy) {
      flush.flush(iova, size);
      return;
    }
    for (int entry = first(iova), left = pages(size); left > 0; left--, entry++) {
      stale.set(wrapped(entry));
    }
  }

  /**
   * Entries were written anew.
   *
   * @param replaced whether one of them was valid before
   */
  void reused(long iova, long size, boolean replaced) {
    if (!lazy) {
      if (replaced) {
        flush.flush(iova, size);
      }
    } else if (anyStale(iova, size)) {
      flush.flushAll();
      stale.clear();
    }
  }

  private boolean anyStale(long iova, long size) {
    for (int entry = first(iova), left = pages(size); left > 0; left--, entry++) {
      if (stale.get(wrapped(entry))) {
        return true;
      }
    }
    return false;
  }

  private static int first(long iova) {
    return wrapped((int) (iova >>> TteLayout.PAGE_SHIFT));
  }

  private static int wrapped(int entry) {
    return entry & ENTRIES - 1;
  }

  private static int pages(long size) {
    return (int) Math.min(size >>> TteLayout.PAGE_SHIFT, ENTRIES);
  }
}
