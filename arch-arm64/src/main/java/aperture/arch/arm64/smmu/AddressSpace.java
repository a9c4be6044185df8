package aperture.arch.arm64.smmu;

import aperture.iommu.FlushQueue;
import aperture.iommu.IovaAllocator;
import aperture.iommu.MappingLedger;
import aperture.memory.MemoryRange;
import java.util.List;

/**
 * One endpoint's address space as its driver knows it; all of it can be found again in the tables
 * and the ledger.
 */
final class AddressSpace implements FlushQueue.Owner {

  /** Highest IOVA that 32 bits express: such IOVAs are preferred. */
  private static final long LOW_LIMIT = 0xffff_ffffL;

  private static final long HIGH_LIMIT = Bits.mask(TableShape.INPUT_BITS);

  private final TableShape shape;
  private final int pagesPerBlock;
  private final long context;
  private final long root;
  private final int asid;
  private final IovaAllocator iovas;

  /** Smallest request for which there was no room below 4 GiB since something was freed there. */
  private int tooLargeForLow = Integer.MAX_VALUE;

  AddressSpace(TableShape shape, long context, long root, int asid, List<MemoryRange> reserved) {
    this.shape = shape;
    this.pagesPerBlock = (int) (shape.reach(TableShape.BLOCK_LEVEL) >>> shape.pageShift());
    this.context = context;
    this.root = root;
    this.asid = asid;
    // IOVA 0 is never handed out, or a forgotten address would work.
    this.iovas =
        new IovaAllocator(
            new MemoryRange(shape.page(), HIGH_LIMIT + 1 - shape.page()),
            shape.pageShift(),
            reserved);
  }

  long context() {
    return context;
  }

  long root() {
    return root;
  }

  int asid() {
    return asid;
  }

  /** Takes everything that the ledger says is mapped for an endpoint. */
  void rebuild(int endpoint, MappingLedger ledger) {
    ledger.forEach((owner, iova, gpa, size, permission) -> {
      if (owner.index() == endpoint) {
        take(iova, (int) (size >>> shape.pageShift()));
      }
    });
  }

  /**
   * Chooses an IOVA, below 4 GiB while there is room.
   *
   * @return {@link IovaAllocator#NO_SPACE} when nothing fits
   */
  long allocate(int count, long gpa, long limit) {
    long highest = Long.compareUnsigned(limit, HIGH_LIMIT) < 0 ? limit : HIGH_LIMIT;
    if (count < tooLargeForLow) {
      long iova = place(count, gpa, Math.min(highest, LOW_LIMIT));
      if (iova != IovaAllocator.NO_SPACE) {
        return iova;
      }
      if (highest >= LOW_LIMIT) {
        tooLargeForLow = count;
      }
    }
    return highest > LOW_LIMIT ? place(count, gpa, highest) : IovaAllocator.NO_SPACE;
  }

  /** Lays a large range so that IOVA and memory agree within a block, and blocks can be used. */
  private long place(int count, long gpa, long limit) {
    int first = count < pagesPerBlock ? TableLayout.LAST_LEVEL : shape.largestLeaf();
    for (int level = first; level < TableLayout.LAST_LEVEL; level++) {
      long block = shape.reach(level);
      int slack = (int) (block >>> shape.pageShift()) - 1;
      if (count > slack && count <= Integer.MAX_VALUE - slack) {
        long wide = iovas.allocate(count + slack, limit);
        if (wide != IovaAllocator.NO_SPACE) {
          int before = (int) ((gpa - wide & block - 1) >>> shape.pageShift());
          long iova = wide + ((long) before << shape.pageShift());
          release(wide, before);
          release(iova + ((long) count << shape.pageShift()), slack - before);
          return iova;
        }
      }
    }
    return iovas.allocate(count, limit);
  }

  private void release(long iova, int count) {
    if (count > 0) {
      iovas.free(iova, count);
    }
  }

  /** Marks an IOVA as in use; false when it is already, and nothing happens then. */
  boolean take(long iova, int count) {
    return iovas.take(iova, count);
  }

  @Override
  public void free(long iova, int count) {
    iovas.free(iova, count);
    if (Long.compareUnsigned(iova, LOW_LIMIT) <= 0) {
      tooLargeForLow = Integer.MAX_VALUE;
    }
  }
}
