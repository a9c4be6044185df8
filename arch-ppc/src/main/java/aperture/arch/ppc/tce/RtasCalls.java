package aperture.arch.ppc.tce;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.PlatformTable;
import aperture.iommu.PlatformTables;
import aperture.memory.GuestMemory;

/**
 * The firmware's half: the calls by which a guest makes and removes DMA windows. Called by one
 * thread at a time. The argument block is the guest's: its counts are read once, each argument
 * once, and it must lie in memory.
 *
 * <p>Statuses are those of QEMU's own implementation, with these choices where that one is
 * careless:
 *
 * <ul>
 *   <li>a block that is not in memory, or counts more than 16 cells either way, is {@code
 *       H_PARAMETER} and nothing is written (QEMU reads garbage);
 *   <li>a second window is placed where none begins: at 0x0800000000000000, or at 0 when that is
 *       taken (QEMU lets two windows overlap there once the default one was removed);
 *   <li>a window of more than 2^31 entries is a hardware error: the table cannot be had.
 * </ul>
 *
 * <p>As in QEMU, removing the last window brings the default one back only when the removed one had
 * another LIOBN than the default window.
 *
 * <p>Source: QEMU 7.2, hw/ppc/spapr_rtas_ddw.c, and hw/ppc/spapr_rtas.c, spapr_rtas_call.
 */
final class RtasCalls {

  /** Entries of the largest window that a query promises, in its long form. */
  private static final long LARGEST = 1L << 37;

  /** The same for the short form, which has one cell. */
  private static final int LARGEST_SHORT = 0x8000_0000;

  /** Entries that a table of the platform can have. */
  private static final long MAX_ENTRIES = 1L << 31;

  private final IommuState state;
  private final DdwRules rules;

  RtasCalls(IommuState state, DdwRules rules) {
    this.state = state;
    this.rules = rules;
  }

  /**
   * Does what a guest's call asks.
   *
   * @param block guest-physical address of the argument block
   * @return the status of {@code H_RTAS}
   */
  long call(long block) {
    GuestMemory memory = state.memory();
    long header = memory.offsetOf(block, RtasLayout.at(RtasLayout.ARGUMENTS));
    if (header == GuestMemory.NOT_MEMORY) {
      return HypercallStatus.PARAMETER;
    }
    int token = memory.getBe32(header + RtasLayout.at(RtasLayout.TOKEN));
    int nargs = memory.getBe32(header + RtasLayout.at(RtasLayout.NARGS));
    int nret = memory.getBe32(header + RtasLayout.at(RtasLayout.NRET));
    if (nargs < 0 || nargs > RtasLayout.MAX_CELLS || nret < 0 || nret > RtasLayout.MAX_CELLS) {
      return HypercallStatus.PARAMETER;
    }
    long cells = memory.offsetOf(block, RtasLayout.at(RtasLayout.ARGUMENTS + nargs + nret));
    if (cells == GuestMemory.NOT_MEMORY) {
      return HypercallStatus.PARAMETER;
    }
    int[] arguments = new int[nargs];
    for (int i = 0; i < nargs; i++) {
      arguments[i] = memory.getBe32(cells + RtasLayout.at(RtasLayout.ARGUMENTS + i));
    }
    int[] results = new int[nret];
    boolean known = dispatch(token, arguments, results);
    for (int i = 0; i < nret; i++) {
      // A call that fails fills in its status alone.
      if (i == 0 || results[0] == RtasStatus.SUCCESS) {
        memory.putBe32(cells + RtasLayout.at(RtasLayout.ARGUMENTS + nargs + i), results[i]);
      }
    }
    return known ? HypercallStatus.SUCCESS : HypercallStatus.PARAMETER;
  }

  /** False for a token that nobody has. */
  private boolean dispatch(int token, int[] arguments, int[] results) {
    int status =
        switch (token) {
          case RtasLayout.QUERY -> query(arguments, results);
          case RtasLayout.CREATE -> create(arguments, results);
          case RtasLayout.REMOVE -> remove(arguments, results);
          case RtasLayout.RESET -> reset(arguments, results);
          default -> RtasStatus.PARAMETER;
        };
    if (results.length > 0) {
      results[0] = status;
    }
    return !RtasLayout.name(token).isEmpty();
  }

  private int query(int[] arguments, int[] results) {
    boolean wide = results.length == RtasLayout.LONG_QUERY_RESULTS;
    if (arguments.length != RtasLayout.BRIDGE_ARGUMENTS
        || !wide && results.length != RtasLayout.SHORT_QUERY_RESULTS) {
      return RtasStatus.PARAMETER;
    }
    long bridge = bridge(arguments);
    if (bridge < 0) {
      return RtasStatus.PARAMETER;
    }
    int at = 1;
    results[at++] = HostBridge.WINDOWS - HostBridge.windows(state.tables(), bridge);
    if (wide) {
      results[at++] = RtasLayout.high(LARGEST);
    }
    results[at++] = wide ? (int) LARGEST : LARGEST_SHORT;
    results[at++] = rules.queryMask();
    results[at] = 0;
    return RtasStatus.SUCCESS;
  }

  private int create(int[] arguments, int[] results) {
    if (arguments.length != RtasLayout.CREATE_ARGUMENTS
        || results.length != RtasLayout.CREATE_RESULTS) {
      return RtasStatus.PARAMETER;
    }
    long bridge = bridge(arguments);
    int pageShift = arguments[RtasLayout.PAGE_SHIFT];
    int windowShift = arguments[RtasLayout.WINDOW_SHIFT];
    if (bridge < 0
        || !rules.allows(pageShift)
        || windowShift < pageShift
        || windowShift >= Long.SIZE) {
      return RtasStatus.PARAMETER;
    }
    PlatformTables tables = state.tables();
    long liobn = freeLiobn(bridge);
    // Compared as shifts: a window of 2^63 bytes and pages of 4 KiB must not wrap to a small one.
    if (liobn < 0 || windowShift - pageShift > Long.numberOfTrailingZeros(MAX_ENTRIES)) {
      return RtasStatus.HARDWARE;
    }
    long start = startOfNew(bridge);
    HostBridge.create(tables, liobn, start, pageShift, 1L << windowShift - pageShift);
    results[1] = (int) liobn;
    results[2] = RtasLayout.high(start);
    results[3] = (int) start;
    return RtasStatus.SUCCESS;
  }

  private int remove(int[] arguments, int[] results) {
    if (arguments.length != RtasLayout.REMOVE_ARGUMENTS
        || results.length != RtasLayout.STATUS_RESULT) {
      return RtasStatus.PARAMETER;
    }
    long liobn = arguments[RtasLayout.LIOBN] & 0xffff_ffffL;
    long bridge = HostBridge.defaultOf(liobn);
    PlatformTable table = state.tables().find(liobn).orElse(null);
    if (!rules.enabled() || table == null || liobn - bridge >= HostBridge.WINDOWS) {
      return RtasStatus.PARAMETER;
    }
    drop(table);
    if (HostBridge.windows(state.tables(), bridge) == 0 && liobn != bridge) {
      HostBridge.reset(state.tables(), bridge);
    }
    return RtasStatus.SUCCESS;
  }

  private int reset(int[] arguments, int[] results) {
    if (arguments.length != RtasLayout.BRIDGE_ARGUMENTS
        || results.length != RtasLayout.STATUS_RESULT) {
      return RtasStatus.PARAMETER;
    }
    long bridge = bridge(arguments);
    if (bridge < 0) {
      return RtasStatus.PARAMETER;
    }
    for (int window = 0; window < HostBridge.WINDOWS; window++) {
      state.tables().find(bridge | window).ifPresent(this::drop);
    }
    HostBridge.reset(state.tables(), bridge);
    return RtasStatus.SUCCESS;
  }

  /** Removes a window; when this returns no device reaches memory through it. */
  private void drop(PlatformTable table) {
    TceWindow window = TceWindow.of(table);
    state.tables().remove(table.id());
    state
        .invalidator()
        .invalidateDomain(
            window.domain(), window.busOffset(), window.entries() << window.pageShift());
  }

  private long freeLiobn(long bridge) {
    for (int window = 0; window < HostBridge.WINDOWS; window++) {
      if (state.tables().find(bridge | window).isEmpty()) {
        return bridge | window;
      }
    }
    return -1;
  }

  private long startOfNew(long bridge) {
    boolean any = false;
    for (int window = 0; window < HostBridge.WINDOWS; window++) {
      PlatformTable table = state.tables().find(bridge | window).orElse(null);
      if (table != null) {
        any = true;
        if (TceWindow.of(table).busOffset() == HostBridge.HIGH_START) {
          return HostBridge.DEFAULT_START;
        }
      }
    }
    return any ? HostBridge.HIGH_START : HostBridge.DEFAULT_START;
  }

  /** The default LIOBN of the bridge that a call names; -1 when there is none, or no such calls. */
  private long bridge(int[] arguments) {
    long buid = RtasLayout.join(arguments[RtasLayout.BUID_HIGH], arguments[RtasLayout.BUID_LOW]);
    long liobn = HostBridge.defaultOfBuid(buid);
    return rules.enabled() && liobn >= 0 && exists(liobn) ? liobn : -1;
  }

  /** A bridge is known by its windows, or by a device behind it. */
  private boolean exists(long bridge) {
    if (HostBridge.windows(state.tables(), bridge) > 0) {
      return true;
    }
    for (Endpoint endpoint : state.endpoints()) {
      if (Liobns.isBehind(endpoint, bridge)) {
        return true;
      }
    }
    return false;
  }
}
