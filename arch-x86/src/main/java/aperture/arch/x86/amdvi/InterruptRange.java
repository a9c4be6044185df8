package aperture.arch.x86.amdvi;

import aperture.memory.MemoryRange;

/**
 * The addresses that mean message interrupts on x86: the unit looks at them before it looks at any
 * table, and what comes of them is no memory.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 2.1.5, Special Address Controls.
 */
final class InterruptRange {

  static final MemoryRange RANGE = new MemoryRange(0xfee0_0000L, 0x10_0000);

  private static final long OFFSETS = RANGE.size() - 1;

  private InterruptRange() {}

  static boolean contains(long address) {
    return (address & ~OFFSETS) == RANGE.base();
  }

  /**
   * The largest naturally aligned extent around an address that stays clear of the range.
   *
   * @param address outside the range
   * @param most upper bound, a power of two
   */
  static long extentAround(long address, long most) {
    // The extent ends where the address and the range first differ, seen from the top.
    long clear = Long.highestOneBit((address ^ RANGE.base()) & ~OFFSETS);
    return Long.compareUnsigned(clear, most) < 0 ? clear : most;
  }
}
