package aperture.arch.ppc.phb;

/**
 * The registers that translation depends on, by their offset in the bridge's space.
 *
 * <pre>
 *   0x160 CONFIG          55 32-bit message interrupts enabled
 *   0x168 RTT_BAR         63 enabled, 55:17 address
 *   0x188 PELTV_BAR       63 enabled, 55:13 address
 *   0x1a8 PEST_BAR        63 enabled, 55:12 address
 *   0x208 RTC_INVALIDATE  63 all, 47:32 requester id
 *   0x210 TCE_KILL        63 all, 62 one PE, 61 one page, 60 page size given,
 *                         59:12 address with the size in 13:12 (0 4K, 1 64K, 2 2M, 3 1G),
 *                         8:0 PE number
 *   0x220 IODA_ADDR       63 step on, 52:48 table, 9:0 index
 *   0x228 IODA_DATA0      the selected entry
 * </pre>
 *
 * <p>Sources: skiboot, include/phb3-regs.h and phb4-regs.h; QEMU 7.2,
 * include/hw/pci-host/pnv_phb4_regs.h.
 */
final class PhbRegister {

  static final int CONFIG = 0x160;
  static final int RTT_BAR = 0x168;
  static final int PELTV_BAR = 0x188;
  static final int PEST_BAR = 0x1a8;
  static final int RTC_INVALIDATE = 0x208;
  static final int TCE_KILL = 0x210;
  static final int IODA_ADDR = 0x220;
  static final int IODA_DATA0 = 0x228;

  /** Tables inside the bridge that {@link #IODA_ADDR} selects. */
  static final int PESTA = 7;

  static final int PESTB = 8;
  static final int TVT = 9;

  static final long BAR_ENABLE = 1L << 63;
  static final long CONFIG_MSI32 = 1L << 55;

  static final long ALL = 1L << 63;
  static final long KILL_PE = 1L << 62;
  static final long KILL_PAGE = 1L << 61;
  static final long KILL_SIZE = 1L << 60;

  private static final long ADDRESS_BITS = (1L << 56) - 1;
  private static final long RTT_MASK = ADDRESS_BITS & -(1L << 17);
  private static final long PEST_MASK = ADDRESS_BITS & -(1L << 12);
  private static final int REQUESTER_SHIFT = 32;
  private static final long REQUESTER_MASK = 0xffff;
  private static final long KILL_ADDRESS = (1L << 60) - 1;
  private static final long KILL_PE_MASK = 0x1ff;
  private static final int KILL_SIZE_SHIFT = 12;
  private static final int[] KILL_SHIFTS = {12, 16, 21, 30};
  private static final long STEP = 1L << 63;
  private static final int TABLE_SHIFT = 48;
  private static final long TABLE_MASK = 0x1f;
  private static final long INDEX_MASK = 0x3ff;

  private PhbRegister() {}

  /** The name under which a register is kept; empty for one that is not modelled. */
  static String name(int offset) {
    return switch (offset) {
      case CONFIG -> "PHB_CONFIG";
      case RTT_BAR -> "PHB_RTT_BAR";
      case PELTV_BAR -> "PHB_PELTV_BAR";
      case PEST_BAR -> "PHB_PEST_BAR";
      case IODA_ADDR -> "PHB_IODA_ADDR";
      default -> "";
    };
  }

  static boolean isEnabled(long bar) {
    return (bar & BAR_ENABLE) != 0;
  }

  static long rttAddress(long bar) {
    return bar & RTT_MASK;
  }

  static long pestAddress(long bar) {
    return bar & PEST_MASK;
  }

  /** The command that forgets a requester. */
  static long forget(int requesterId) {
    return (requesterId & REQUESTER_MASK) << REQUESTER_SHIFT;
  }

  static int invalidatedRequester(long value) {
    return (int) (value >>> REQUESTER_SHIFT & REQUESTER_MASK);
  }

  /** The command that drops one page of a size that the bridge knows. */
  static long pageKill(int pe, long address, int shift) {
    for (int code = 0; code < KILL_SHIFTS.length; code++) {
      if (KILL_SHIFTS[code] == shift) {
        long size = code == 0 ? 0 : KILL_SIZE | (long) code << KILL_SIZE_SHIFT;
        return KILL_PAGE | address & KILL_ADDRESS & -(1L << shift) | size | pe;
      }
    }
    return KILL_PE | pe;
  }

  static int killedPe(long value) {
    return (int) (value & KILL_PE_MASK);
  }

  static int killedShift(long value) {
    return (value & KILL_SIZE) == 0
        ? KILL_SHIFTS[0]
        : KILL_SHIFTS[(int) (value >>> KILL_SIZE_SHIFT & 3)];
  }

  static long killedAddress(long value) {
    return value & KILL_ADDRESS & -(1L << killedShift(value));
  }

  static int table(long iodaAddress) {
    return (int) (iodaAddress >>> TABLE_SHIFT & TABLE_MASK);
  }

  static int index(long iodaAddress) {
    return (int) (iodaAddress & INDEX_MASK);
  }

  static long select(int table, int index, boolean step) {
    return (step ? STEP : 0) | (long) table << TABLE_SHIFT | index;
  }

  /** The selection after an access to the entry. */
  static long stepped(long iodaAddress) {
    return (iodaAddress & STEP) == 0
        ? iodaAddress
        : iodaAddress & ~INDEX_MASK | iodaAddress + 1 & INDEX_MASK;
  }
}
