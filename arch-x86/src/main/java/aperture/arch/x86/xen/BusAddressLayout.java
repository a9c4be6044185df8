package aperture.arch.x86.xen;

/**
 * An address on the bus.
 *
 * <pre>
 *   63 | 62 .. 44 | 43 ............ 12 | 11 .. 0
 *   1  |    0     |  grant reference   | offset
 *   0  |  machine frame                | offset
 * </pre>
 *
 * <p>A device that is to use grants must therefore be able to express all 64 bits.
 *
 * <p>Source: Linux 6.1, drivers/xen/grant-dma-ops.c, XEN_GRANT_DMA_ADDR_OFF.
 */
final class BusAddressLayout {

  static final int PAGE_SHIFT = 12;
  static final int PAGE_SIZE = 1 << PAGE_SHIFT;

  /** The address of grant reference 0. */
  static final long GRANTS = 1L << 63;

  private BusAddressLayout() {}

  static boolean isGrant(long address) {
    // Bit 63 is the sign.
    return address < 0;
  }

  /** The grant reference of an address that is one; as wide as the address says, to be checked. */
  static long reference(long address) {
    return (address & ~GRANTS) >>> PAGE_SHIFT;
  }

  /** The frame of an address that is no grant. */
  static long frame(long address) {
    return address >>> PAGE_SHIFT;
  }
}
