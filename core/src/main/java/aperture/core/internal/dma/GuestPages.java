package aperture.core.internal.dma;

import aperture.iommu.IovaAllocator;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.util.ArrayList;
import java.util.List;

/**
 * The page allocator of a machine: one bitmap for each region of guest memory. The first pages of
 * memory are never handed out, so that address 0 stays what it is to every driver: a mistake.
 */
public final class GuestPages implements PageAllocator {

  private static final int PAGE_SHIFT = 12;
  private static final long KEPT = 1 << 16;

  private final GuestMemory memory;
  private final List<IovaAllocator> allocators = new ArrayList<>();
  private long used;

  public GuestPages(GuestMemory memory) {
    this.memory = memory;
    boolean first = true;
    for (MemoryRange region : memory.regions()) {
      List<MemoryRange> kept = first ? List.of(new MemoryRange(region.base(), KEPT)) : List.of();
      allocators.add(new IovaAllocator(region, PAGE_SHIFT, kept));
      first = false;
    }
  }

  @Override
  public synchronized long allocate(long bytes, long alignment) {
    long gpa = keep(bytes, alignment);
    if (gpa != NO_MEMORY) {
      long size = (bytes + PAGE_SIZE - 1) >>> PAGE_SHIFT << PAGE_SHIFT;
      memory.fill(memory.offsetOf(gpa, size), size, (byte) 0);
    }
    return gpa;
  }

  /** As {@link #allocate}, with whatever the memory holds. */
  public synchronized long keep(long bytes, long alignment) {
    long pages = (bytes + PAGE_SIZE - 1) >>> PAGE_SHIFT;
    if (pages <= 0 || pages > Integer.MAX_VALUE) {
      return NO_MEMORY;
    }
    for (IovaAllocator allocator : allocators) {
      long gpa = allocator.allocate((int) pages, Math.max(1, alignment >>> PAGE_SHIFT), -1L);
      if (gpa != IovaAllocator.NO_SPACE) {
        long size = pages << PAGE_SHIFT;
        used += size;
        return gpa;
      }
    }
    return NO_MEMORY;
  }

  @Override
  public synchronized void free(long gpa, long bytes) {
    int pages = (int) ((bytes + PAGE_SIZE - 1) >>> PAGE_SHIFT);
    List<MemoryRange> regions = memory.regions();
    for (int i = 0; i < regions.size(); i++) {
      if (regions.get(i).contains(gpa)) {
        IovaAllocator allocator = allocators.get(i);
        long before = allocator.used();
        allocator.free(gpa, pages);
        long freed = before - allocator.used();
        used -= freed << PAGE_SHIFT;
        if (freed != pages) {
          throw new IllegalArgumentException(
              "0x%x, %d pages: only %d were handed out".formatted(gpa, pages, freed));
        }
        return;
      }
    }
    throw new IllegalArgumentException("0x%x is not guest memory".formatted(gpa));
  }

  /** Bytes handed out now. */
  public synchronized long used() {
    return used;
  }
}
