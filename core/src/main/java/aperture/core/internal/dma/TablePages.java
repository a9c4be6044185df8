package aperture.core.internal.dma;

import aperture.memory.PageAllocator;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Map;

/**
 * The machine's pages as a table driver gets them: remembered, so that tables left behind by a
 * driver that is gone can be given back, and that nothing else is. Guarded by the lock of the
 * IOMMU.
 */
final class TablePages implements PageAllocator {

  private static final System.Logger LOG = System.getLogger(TablePages.class.getName());

  private final PageAllocator pages;
  private Map<Long, Long> live = new HashMap<>();
  private boolean damageNoted;

  TablePages(PageAllocator pages) {
    this.pages = pages;
  }

  @Override
  public long allocate(long bytes, long alignment) {
    long gpa = pages.allocate(bytes, alignment);
    if (gpa != NO_MEMORY) {
      live.put(gpa, bytes);
    }
    return gpa;
  }

  /**
   * Gives a table back. Its driver found it by a pointer in guest memory, which others can write:
   * what is no table of this IOMMU, or no longer, stays as it is.
   */
  @Override
  public void free(long gpa, long bytes) {
    if (live.remove(gpa, bytes)) {
      pages.free(gpa, bytes);
    } else if (!damageNoted) {
      damageNoted = true;
      LOG.log(
          Level.WARNING,
          "a pointer in the IOMMU''s tables was overwritten: 0x{0} is none of them",
          Long.toHexString(gpa));
    }
  }

  /** Starts a new set of tables and returns the pages of the present one, still taken. */
  Map<Long, Long> setAside() {
    Map<Long, Long> old = live;
    live = new HashMap<>();
    return old;
  }

  /** Gives back what was allocated since {@link #setAside} and takes the old set again. */
  void restore(Map<Long, Long> old) {
    live.forEach(pages::free);
    live = old;
  }

  /** Gives back a set put aside. */
  void discard(Map<Long, Long> old) {
    old.forEach(pages::free);
  }
}
