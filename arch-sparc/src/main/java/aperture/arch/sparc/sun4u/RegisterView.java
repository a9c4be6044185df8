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
   * @param defined whether the TSB size is defined for the index
   * @param translates whether it is on, the size is defined, and the TSB is where memory may be:
   *     one at the end of all addresses must not go on at 0
   * @param indexShift log2 of the page size that the TSB index assumes
   * @param entries of the TSB, a power of two
   * @param base physical address of the TSB
   */
  record Decoded(
      int generation,
      boolean enabled,
      boolean defined,
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
    boolean defined = ControlLayout.isDefined(control);
    long base = registers.get(RegisterName.TSB_BASE) & -TteLayout.PAGE_SIZE;
    return new Decoded(
        generation,
        enabled,
        defined,
        enabled && defined && base >= 0,
        (control & ControlLayout.INDEX_64K) != 0 ? TteLayout.LARGE_SHIFT : TteLayout.PAGE_SHIFT,
        ControlLayout.entries(ControlLayout.size(control)),
        base);
  }
}
