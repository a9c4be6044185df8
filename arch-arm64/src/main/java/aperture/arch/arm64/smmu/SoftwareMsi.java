package aperture.arch.arm64.smmu;

import aperture.memory.MemoryRange;
import java.util.List;

/**
 * Where message interrupts go: the window of IOVAs that the kernel sets aside for doorbells, and
 * the doorbell that a machine lists inside it.
 *
 * <p>Source: Linux 6.1, drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, MSI_IOVA_BASE and
 * MSI_IOVA_LENGTH.
 */
final class SoftwareMsi {

  static final MemoryRange WINDOW = new MemoryRange(0x0800_0000L, 0x10_0000L);

  static final long NO_DOORBELL = -1;

  private SoftwareMsi() {}

  /**
   * The page of the doorbell, or {@link #NO_DOORBELL}.
   *
   * @param page bytes of a page
   */
  static long doorbell(List<MemoryRange> reserved, long page) {
    for (MemoryRange range : reserved) {
      if (!range.equals(WINDOW) && WINDOW.contains(range.base())) {
        return range.base() & -page;
      }
    }
    return NO_DOORBELL;
  }
}
