package aperture.arch.sparc.sun4u;

/**
 * How the host bridge reads a bus address.
 *
 * <pre>
 *   63             50 49            32 31                          0
 *   +----------------+----------------+-----------------------------+
 *   | 00000000000000 | 00000000000000 |  translated through the TSB |
 *   | 11111111111111 |      physical address: bypasses the IOMMU    |
 *   | anything else: no answer from the bridge                      |
 *   +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Only as many bits as make the TSB index count among the 32: addresses alias.
 *
 * <p>Sources: Linux 6.1, arch/sparc/include/asm/pci.h (bypass addresses); arch/sparc/kernel/pci.c
 * and iommu.c (32-bit addresses). QEMU 7.2 knows no bypass and lets all 64 bits alias.
 */
final class BusAddress {

  /** Addresses below it are translated. */
  static final long TRANSLATED = 1L << 32;

  private static final int BYPASS_SHIFT = 50;
  private static final long BYPASS_PREFIX = -1L >>> BYPASS_SHIFT;

  private BusAddress() {}

  static boolean isBypass(long address) {
    return address >>> BYPASS_SHIFT == BYPASS_PREFIX;
  }

  /** The physical address in a bypass address. */
  static long physical(long address) {
    return address & ~(-1L << BYPASS_SHIFT);
  }

  static boolean isTranslated(long address) {
    return Long.compareUnsigned(address, TRANSLATED) < 0;
  }
}
