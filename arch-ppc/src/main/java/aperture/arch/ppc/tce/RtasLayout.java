package aperture.arch.ppc.tce;

/**
 * The argument block of a firmware call (RTAS): 32-bit big-endian cells in the guest's memory, the
 * block's address in r4 of {@code H_RTAS}.
 *
 * <pre>
 *   cell 0      1       2      3            3 + nargs        3 + nargs + nret
 *   +-------+-------+------+--------------+----------------+
 *   | token | nargs | nret |  arguments   |    results     |
 *   +-------+-------+------+--------------+----------------+
 *
 *   call                       arguments                              results
 *   ibm,query-pe-dma-window    config, buid hi, buid lo               status, windows left,
 *                                                                     [largest hi,] largest lo,
 *                                                                     page sizes, migration
 *   ibm,create-pe-dma-window   config, buid hi, buid lo,              status, liobn,
 *                              page shift, window shift               address hi, address lo
 *   ibm,remove-pe-dma-window   liobn                                  status
 *   ibm,reset-pe-dma-window    config, buid hi, buid lo               status
 * </pre>
 *
 * <p>The first result is the status. A config address is bus number in 23:16, device and function
 * in 15:8; the bridge alone decides here, so it is not looked at. A guest learns the tokens from
 * the device tree and assumes none.
 *
 * <p>Sources: Linux on Power Architecture Platform Reference, version 1.1, chapter 7, Run-Time
 * Abstraction Services; Linux 6.1, arch/powerpc/platforms/pseries/iommu.c, query_ddw and
 * create_ddw; QEMU 7.2, hw/ppc/spapr_rtas_ddw.c.
 */
final class RtasLayout {

  static final int CELL = 4;

  static final int TOKEN = 0;
  static final int NARGS = 1;
  static final int NRET = 2;
  static final int ARGUMENTS = 3;

  /** Cells of arguments, or of results, that a block may have. */
  static final int MAX_CELLS = 16;

  static final int QUERY = 0x2026;
  static final int CREATE = 0x2027;
  static final int REMOVE = 0x2028;
  static final int RESET = 0x2029;

  /** Places of arguments. */
  static final int CONFIG = 0;

  static final int BUID_HIGH = 1;
  static final int BUID_LOW = 2;
  static final int PAGE_SHIFT = 3;
  static final int WINDOW_SHIFT = 4;
  static final int LIOBN = 0;

  static final int BRIDGE_ARGUMENTS = 3;
  static final int CREATE_ARGUMENTS = 5;
  static final int REMOVE_ARGUMENTS = 1;

  static final int SHORT_QUERY_RESULTS = 5;
  static final int LONG_QUERY_RESULTS = 6;
  static final int CREATE_RESULTS = 4;
  static final int STATUS_RESULT = 1;

  private RtasLayout() {}

  /** Byte offset of a cell in a block. */
  static long at(int cell) {
    return (long) cell * CELL;
  }

  static long join(int high, int low) {
    return (long) high << 32 | low & 0xffff_ffffL;
  }

  static int high(long value) {
    return (int) (value >>> 32);
  }

  /** The name of a call in the device tree; empty for a token that is none. */
  static String name(int token) {
    return switch (token) {
      case QUERY -> "ibm,query-pe-dma-window";
      case CREATE -> "ibm,create-pe-dma-window";
      case REMOVE -> "ibm,remove-pe-dma-window";
      case RESET -> "ibm,reset-pe-dma-window";
      default -> "";
    };
  }
}
