package aperture.arch.ppc.tce;

import aperture.iommu.IommuState;
import aperture.iommu.Permission;
import aperture.memory.GuestMemory;

/**
 * The kernel's list page, by which it maps more than one page with a call. Where it lies is noted
 * with the registers, so that a successor finds it.
 */
final class TceList {

  /** The register of the kernel's that has the page's address. */
  static final String PAGE = "OS_TCE_LIST_PAGE";

  private final IommuState state;
  private final TceHypercalls hypercalls;

  TceList(IommuState state, TceHypercalls hypercalls) {
    this.state = state;
    this.hypercalls = hypercalls;
  }

  long page() {
    return state.registers().get(PAGE);
  }

  /**
   * Maps a row of pages, a list full at a time, until one cannot be.
   *
   * @param shift log2 of the size of the window's pages
   * @return the status of the last call
   */
  long put(long liobn, long ioba, long gpa, long pages, int shift, Permission permission) {
    GuestMemory memory = state.memory();
    long list = page();
    long at = memory.offsetOf(list, HypercallLayout.LIST_PAGE);
    if (at == GuestMemory.NOT_MEMORY) {
      return HypercallStatus.PARAMETER;
    }
    long status = HypercallStatus.SUCCESS;
    long done = 0;
    while (done < pages && status == HypercallStatus.SUCCESS) {
      int count = (int) Math.min(pages - done, HypercallLayout.LIST_ENTRIES);
      for (int i = 0; i < count; i++) {
        long entry = TceLayout.entry(gpa + (done + i << shift), permission);
        memory.putBe64(at + (long) i * TceLayout.BYTES, entry);
      }
      status = hypercalls.putTceIndirect(liobn, ioba + (done << shift), list, count);
      done += count;
    }
    return status;
  }
}
