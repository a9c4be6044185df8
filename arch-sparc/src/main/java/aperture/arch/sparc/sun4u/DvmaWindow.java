package aperture.arch.sparc.sun4u;

import aperture.memory.MemoryRange;

/**
 * The bus addresses that the firmware of a Sabre machine leaves to the kernel, and the TSB that
 * fits them.
 *
 * <p>Source: Linux 6.1, arch/sparc/kernel/pci_sabre.c, sabre_probe (property "virtual-dma").
 */
final class DvmaWindow {

  static final MemoryRange RANGE = new MemoryRange(0xc000_0000L, 0x2000_0000L);

  /** Size code of the control register: 64 Ki entries of 8 KiB, all of the window. */
  static final int TSB_SIZE = 6;

  static final long TSB_ENTRIES = RANGE.size() >>> TteLayout.PAGE_SHIFT;
  static final long TSB_BYTES = TSB_ENTRIES << TteLayout.BYTES_SHIFT;

  private DvmaWindow() {}
}
