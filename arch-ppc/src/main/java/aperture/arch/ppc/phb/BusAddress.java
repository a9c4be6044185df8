package aperture.arch.ppc.phb;

import aperture.iommu.IommuInvalidator;

/**
 * How the bridge reads a bus address.
 *
 * <pre>
 *   63    60 59     58                                             0
 *   +-------+------+------------------------------------------------+
 *   |   0   |window|   memory; 0xffff0000 to 0xffffffff: messages   |
 *   |   1   |                 message interrupts                    |
 *   | other |                     no answer                         |
 *   +-------+------+------------------------------------------------+
 * </pre>
 *
 * <p>Source: QEMU 7.2, hw/pci-host/pnv_phb4.c, pnv_phb4_translate_iommu.
 */
final class BusAddress {

  /** Windows of each PE. */
  static final int WINDOWS = 2;

  /** First address of the second window. */
  static final long SECOND_WINDOW = 1L << 59;

  static final int WINDOW_SHIFT = 59;

  private static final int SPACE_SHIFT = 60;
  private static final int MESSAGE_SHIFT = 16;
  private static final long MESSAGE_PAGE = 0xffff;

  private BusAddress() {}

  static boolean isMemory(long address) {
    return address >>> SPACE_SHIFT == 0;
  }

  static boolean isMessage(long address) {
    return address >>> SPACE_SHIFT == 1;
  }

  /** Whether it is a message where 32-bit messages are enabled. */
  static boolean isShortMessage(long address) {
    return address >>> MESSAGE_SHIFT == MESSAGE_PAGE;
  }

  static int window(long address) {
    return (int) (address >>> WINDOW_SHIFT) & 1;
  }

  /** The address without the window's number. */
  static long inWindow(long address) {
    return address & SECOND_WINDOW - 1;
  }

  /** The number of a window's entry. */
  static int tveIndex(int pe, int window) {
    return pe * WINDOWS + window;
  }

  /** Drops what is cached of all windows of a PE: a window's tag is the number of its entry. */
  static void forget(int pe, IommuInvalidator invalidator) {
    for (int window = 0; window < WINDOWS; window++) {
      invalidator.invalidateDomain(tveIndex(pe, window), 0, 0);
    }
  }
}
