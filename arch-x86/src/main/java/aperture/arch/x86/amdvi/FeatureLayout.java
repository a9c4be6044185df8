package aperture.arch.x86.amdvi;

/**
 * The extended feature register.
 *
 * <pre>
 *   13 12 GATS | 11 10 HATS | 9 PC | 8 HE | 7 GA | 6 IA | 4 GT | 3 NX | 2 XT | 1 PPR | 0 PreF
 * </pre>
 *
 * <p>HATS says how many levels a host page table may have: 4 + HATS; 3 is reserved.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 3.4.2, Extended Feature Register. The reset value is the
 * one of QEMU 7.2, hw/i386/amd_iommu.h.
 */
final class FeatureLayout {

  /** Prefetch, page requests, guest translation, invalidate-all, 6 levels. */
  static final long RESET = 0x29d3;

  private static final long PREFETCH = 1;
  private static final long PAGE_REQUESTS = 1 << 1;
  private static final long GUEST_TRANSLATION = 1 << 4;
  private static final long INVALIDATE_ALL = 1 << 6;
  private static final int HATS_SHIFT = 10;
  private static final int HATS_MASK = 3;
  private static final int LEVELS_OF_HATS_0 = 4;

  private FeatureLayout() {}

  static boolean prefetch(long features) {
    return (features & PREFETCH) != 0;
  }

  static boolean pageRequests(long features) {
    return (features & PAGE_REQUESTS) != 0;
  }

  static boolean guestTranslation(long features) {
    return (features & GUEST_TRANSLATION) != 0;
  }

  static boolean invalidateAll(long features) {
    return (features & INVALIDATE_ALL) != 0;
  }

  /** Most levels of a host page table. */
  static int levels(long features) {
    int levels = LEVELS_OF_HATS_0 + ((int) (features >>> HATS_SHIFT) & HATS_MASK);
    return Math.min(levels, PageEntryLayout.MAX_LEVELS);
  }
}
