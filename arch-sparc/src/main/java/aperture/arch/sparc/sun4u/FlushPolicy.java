package aperture.arch.sparc.sun4u;

import aperture.iommu.InvalidationMode;
import java.util.BitSet;

/**
 * When the kernel drops translations whose entries it changed.
 *
 * <p>Strict: with every change of a valid entry, at once. Lazy, as this platform's kernel does it:
 * not until an address is handed out again that was let go since everything was dropped last; then
 * everything is dropped, and a new generation begins. Until then a device that goes on using an
 * address after unmap may still reach the old page. Unlike the kernel, for which nothing else ends
 * a generation, it also ends when {@link #flush} is asked for, and when a device has used an
 * address that was let go: that device has the dummy page cached where the next mapping will be.
 *
 * <p>Source: Linux 6.1, arch/sparc/kernel/iommu.c, iommu_flushall, and iommu-common.c,
 * iommu_tbl_range_alloc (lazy flush).
 */
final class FlushPolicy {

  private static final int ENTRIES = (int) DvmaWindow.TSB_ENTRIES;

  private final FlushRegister flush;
  private final WalkNote dummies;
  private final boolean lazy;
  private final BitSet stale = new BitSet(ENTRIES);

  /**
   * @param dummies that a walk may have cached the dummy page
   */
  FlushPolicy(FlushRegister flush, WalkNote dummies, InvalidationMode mode) {
    this.flush = flush;
    this.dummies = dummies;
    this.lazy = mode == InvalidationMode.LAZY;
  }

  /** Whether it is lazy. */
  boolean putsOff() {
    return lazy;
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
    if (!replaced) {
      return;
    }
    if (!lazy) {
      flush.flush(iova, size);
    } else if (anyStale(iova, size) || dummies.any()) {
      dropAll();
    }
  }

  /** Whether a device may still reach a page through an entry that was let go. */
  boolean deferred() {
    return !stale.isEmpty();
  }

  /** Ends the generation, if anything was let go in it. */
  void flush() {
    if (deferred()) {
      dropAll();
    }
  }

  private void dropAll() {
    stale.clear();
    // Before the drop: what a walk notes from here on is cached after it, or not at all.
    dummies.forget();
    flush.flushAll();
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
