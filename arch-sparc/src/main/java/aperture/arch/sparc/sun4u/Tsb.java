package aperture.arch.sparc.sun4u;

import aperture.memory.GuestMemory;

/**
 * The table that the kernel made, and the dummy page right behind it: the base register alone finds
 * both.
 *
 * <pre>
 *   base                          base + 512 KiB        + 8 KiB
 *   +-----------------------------+----------------------+
 *   |    65,536 entries of 8 B    |      dummy page      |
 *   +-----------------------------+----------------------+
 * </pre>
 *
 * <p>Entries are numbered by the low bits of the bus address, so that the window's first address
 * has entry 0.
 */
final class Tsb {

  /** Bytes of table and dummy page together. */
  static final long BYTES = DvmaWindow.TSB_BYTES + TteLayout.PAGE_SIZE;

  private final GuestMemory memory;
  private final long dummy;
  private final long offset;

  private Tsb(GuestMemory memory, long base, long offset) {
    this.memory = memory;
    this.dummy = base + DvmaWindow.TSB_BYTES;
    this.offset = offset;
  }

  /** Whether table and dummy page lie in memory. */
  static boolean fits(GuestMemory memory, long base) {
    return memory.offsetOf(base, BYTES) != GuestMemory.NOT_MEMORY;
  }

  /**
   * The table at a place that {@link #fits}.
   *
   * @throws IllegalArgumentException when it does not
   */
  static Tsb at(GuestMemory memory, long base) {
    long offset = memory.offsetOf(base, BYTES);
    if (offset == GuestMemory.NOT_MEMORY) {
      throw new IllegalArgumentException("no memory for a TSB at 0x%x".formatted(base));
    }
    return new Tsb(memory, base, offset);
  }

  /** Makes every entry mean nothing: invalid, on the dummy page. */
  void clear() {
    for (long entry = 0; entry < DvmaWindow.TSB_ENTRIES; entry++) {
      memory.putBe64(offset + (entry << TteLayout.BYTES_SHIFT), TteLayout.moved(0, dummy));
    }
  }

  /**
   * Writes entries for a mapping; where both addresses allow, 64 KiB pages of eight entries.
   *
   * @return whether one of the entries was valid before, so that a translation may be cached
   */
  boolean write(long iova, long gpa, long pages, boolean writable) {
    boolean replaced = false;
    long large = 0;
    for (long page = 0; page < pages; page++) {
      long done = page << TteLayout.PAGE_SHIFT;
      if (large == 0 && startsLarge(iova + done, gpa + done, pages - page)) {
        large = TteLayout.LARGE_ENTRIES;
      }
      replaced |= put(iova + done, TteLayout.entry(gpa + done, writable, large > 0));
      large = Math.max(0, large - 1);
    }
    return replaced;
  }

  private static boolean startsLarge(long iova, long gpa, long pages) {
    return ((iova | gpa) & TteLayout.LARGE_SIZE - 1) == 0 && pages >= TteLayout.LARGE_ENTRIES;
  }

  /** Turns entries to the dummy page, valid as they are. */
  void retire(long iova, long pages) {
    for (long page = 0; page < pages; page++) {
      long at = place(iova + (page << TteLayout.PAGE_SHIFT));
      memory.putBe64(at, TteLayout.moved(memory.getBe64(at), dummy));
    }
  }

  private boolean put(long iova, long tte) {
    long at = place(iova);
    boolean replaced = TteLayout.isValid(memory.getBe64(at));
    memory.putBe64(at, tte);
    return replaced;
  }

  private long place(long iova) {
    long entry = iova >>> TteLayout.PAGE_SHIFT & DvmaWindow.TSB_ENTRIES - 1;
    return offset + (entry << TteLayout.BYTES_SHIFT);
  }
}
