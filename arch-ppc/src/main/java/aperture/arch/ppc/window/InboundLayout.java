package aperture.arch.ppc.window;

/**
 * The three registers of an inbound window. Bits are counted from the lowest.
 *
 * <pre>
 *   PITAR, PIWBAR  31                                            0
 *                  +---------------------------------------------+
 *                  |    memory address, bus address, each >> 12  |
 *                  +---------------------------------------------+
 *   PIWAR          31   30 29   28   24 23    20 19 16 15 12   5    0
 *                  +----+-+----+-------+--------+-----+-----+---+----+
 *                  | EN |-| PF |   -   | target |  RTT| WTT | - |size|
 *                  +----+-+----+-------+--------+-----+-----+---+----+
 * </pre>
 *
 * <p>A window has 2^(size+1) bytes and lies at a multiple of that on both sides. Target 15 is local
 * memory; others lead to other buses. PF allows prefetching, RTT and WTT say how caches are asked.
 *
 * <p>Sources: NXP MPC8544E PowerQUICC III Integrated Host Processor Family Reference Manual,
 * chapter 16, PCI Bus Interface; QEMU 7.2, hw/pci-host/ppce500.c, e500_update_piw.
 */
final class InboundLayout {

  static final int WINDOWS = 3;

  static final int SMALLEST_SHIFT = 12;
  static final int LARGEST_SHIFT = 44;

  private static final long REGISTER = 0xffff_ffffL;
  private static final int ADDRESS_SHIFT = 12;
  private static final long ENABLE = 1L << 31;
  private static final long PREFETCH = 1L << 29;
  private static final int TARGET_SHIFT = 20;
  private static final long TARGET_MASK = 0xf;
  private static final long LOCAL = 0xf;
  private static final long SNOOP = 5L << 16 | 5L << 12;
  private static final long SIZE_MASK = 0x3f;

  private static final String[] TARGETS = numbered("PITAR");
  private static final String[] BASES = numbered("PIWBAR");
  private static final String[] ATTRIBUTES = numbered("PIWAR");

  private InboundLayout() {}

  private static String[] numbered(String name) {
    String[] names = new String[WINDOWS];
    for (int i = 0; i < WINDOWS; i++) {
      names[i] = name + (i + 1);
    }
    return names;
  }

  /** Names of a window's registers; windows count from 0, their registers from 1. */
  static String target(int window) {
    return TARGETS[window];
  }

  static String base(int window) {
    return BASES[window];
  }

  static String attributes(int window) {
    return ATTRIBUTES[window];
  }

  /** The register for an address. */
  static long encode(long address) {
    return address >>> ADDRESS_SHIFT & REGISTER;
  }

  static long address(long register) {
    return (register & REGISTER) << ADDRESS_SHIFT;
  }

  /** Attributes of an enabled window to local memory. */
  static long local(int shift) {
    return ENABLE | PREFETCH | LOCAL << TARGET_SHIFT | SNOOP | shift - 1;
  }

  static boolean isEnabled(long attributes) {
    return (attributes & ENABLE) != 0;
  }

  static boolean isLocal(long attributes) {
    return (attributes >>> TARGET_SHIFT & TARGET_MASK) == LOCAL;
  }

  /** Log2 of the window's bytes. */
  static int shift(long attributes) {
    return (int) (attributes & SIZE_MASK) + 1;
  }

  static String decode(long attributes) {
    return isEnabled(attributes)
        ? "2^%d bytes, %s"
            .formatted(shift(attributes), isLocal(attributes) ? "local memory" : "another bus")
        : "off";
  }
}
