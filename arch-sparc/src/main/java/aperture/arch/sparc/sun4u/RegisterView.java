package aperture.arch.sparc.sun4u;

import aperture.iommu.Registers;

/** The registers that translation depends on, decoded; decoded anew when one was written. */
final class RegisterView {

  private final Registers registers;
  private volatile Decoded decoded;

  /**
   * Decoded values.
   *
   * @param generation of the registers
   * @param enabled whether the IOMMU is on
   * @param translates whether it is on and the TSB size is defined for the index
   * @param indexShift log2 of the page size that the TSB index assumes
   * @param entries of the TSB, a power of two
   * @param base physical address of the TSB
   */
  record Decoded(
      int generation,
      boolean enabled,
      boolean translates,
      int indexShift,
      long entries,
      long base) {

    /** Physical address of the entry for a bus address. */
    long entryAddress(long address) {
      return base + ((address >>> indexShift & entries - 1) << TteLayout.BYTES_SHIFT);
    }

    /** Physical address of the dummy page, where the TSB is the kernel's own. */
    long dummy() {
      return base + DvmaWindow.TSB_BYTES;
    }

    /** Bytes from one alias of an address to the next. */
    long reach() {
      return entries << indexShift;
    }
  }

  RegisterView(Registers registers) {
    this.registers = registers;
    this.decoded = decode();
  }

  Decoded now() {
    Decoded current = decoded;
    if (current.generation != registers.generation()) {
      current = decode();
      decoded = current;
    }
    return current;
  }

  private Decoded decode() {
    // Before the values: a write in between is noticed at the next look.
    int generation = registers.generation();
    long control = registers.get(RegisterName.CONTROL);
    boolean enabled = (control & ControlLayout.ENABLE) != 0;
    return new Decoded(
        generation,
        enabled,
        enabled && ControlLayout.isDefined(control),
        (control & ControlLayout.INDEX_64K) != 0 ? TteLayout.LARGE_SHIFT : TteLayout.PAGE_SHIFT,
        ControlLayout.entries(ControlLayout.size(control)),
        registers.get(RegisterName.TSB_BASE) & -TteLayout.PAGE_SIZE);
  }
}
