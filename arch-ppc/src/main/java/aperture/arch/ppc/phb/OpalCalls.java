package aperture.arch.ppc.phb;

import aperture.iommu.IommuState;
import aperture.memory.GuestMemory;

/**
 * The firmware's half: the calls by which a kernel ties requesters to PEs, sets windows up, and
 * lets a PE go on after an error. Called by one thread at a time.
 *
 * <p>Source: skiboot, hw/phb4.c, phb4_set_pe, phb4_map_pe_dma_window, phb4_map_pe_dma_window_real,
 * phb4_tce_kill, phb4_eeh_freeze_status and phb4_eeh_freeze_clear; the same in hw/phb3.c.
 */
final class OpalCalls {

  /** What to let go on: loads and stores, DMA. */
  static final int CLEAR_MMIO = 1;

  static final int CLEAR_DMA = 2;

  /** What to drop from the cache of TCEs. */
  enum Kill {
    PAGES,
    PE,
    ALL
  }

  private static final int MAX_LEVELS = 5;
  private static final long LEAST_TABLE = 4096;
  private static final int LARGEST_TABLE_BITS = 39;
  private static final long PASS_END = 1L << 50;
  private static final long PASS_UNIT = 1L << TveLayout.PASS_SHIFT;

  private final PhbModel model;
  private final IommuState state;
  private final PhbRegisterFile registers;

  OpalCalls(PhbModel model, IommuState state, PhbRegisterFile registers) {
    this.model = model;
    this.state = state;
    this.registers = registers;
  }

  /** Gives a requester to a PE. */
  int setPe(int pe, int requesterId) {
    long bar = registers.read(PhbRegister.RTT_BAR);
    if (!isPe(pe) || requesterId < 0 || requesterId >= RttLayout.ENTRIES) {
      return OpalStatus.PARAMETER;
    }
    GuestMemory memory = state.memory();
    long entry = RttLayout.address(PhbRegister.rttAddress(bar), requesterId);
    long at = memory.offsetOf(entry, RttLayout.BYTES);
    if (!PhbRegister.isEnabled(bar) || at == GuestMemory.NOT_MEMORY) {
      return OpalStatus.HARDWARE;
    }
    RttLayout.put(memory, at, pe);
    registers.write(PhbRegister.RTC_INVALIDATE, PhbRegister.forget(requesterId));
    return OpalStatus.SUCCESS;
  }

  /**
   * Sets a window up with tables.
   *
   * @param window twice the PE number, and 1 more for the second window
   * @param levels tables on the way, 1 to 5
   * @param bytes of each table, a power of two from 4096 on; 0 takes the window away
   */
  int mapPeDmaWindow(int pe, int window, int levels, long table, long bytes, long pageSize) {
    if (!isPe(pe) || window >> 1 != pe) {
      return OpalStatus.PARAMETER;
    }
    if (bytes == 0) {
      return set(window, TveLayout.INVALID);
    }
    int pageShift = Long.numberOfTrailingZeros(pageSize);
    int tableBits = Long.numberOfTrailingZeros(bytes);
    if (levels < 1
        || levels > MAX_LEVELS
        || Long.bitCount(bytes) != 1
        || bytes < LEAST_TABLE
        || tableBits > LARGEST_TABLE_BITS
        || Long.bitCount(pageSize) != 1
        || !model.hasPages(pageShift)) {
      return OpalStatus.PARAMETER;
    }
    int entryBits = tableBits - PhbTceLayout.BYTES_SHIFT;
    return set(window, TveLayout.translating(table, levels, entryBits, pageShift));
  }

  /**
   * Lets addresses pass untranslated.
   *
   * @param start first bus address, with the bit that selects the window
   * @param size bytes, a multiple of 16 MiB as the start is; 0 takes the window away
   */
  int mapPeDmaWindowReal(int pe, int window, long start, long size) {
    if (!isPe(pe) || window >> 1 != pe) {
      return OpalStatus.PARAMETER;
    }
    if (size == 0) {
      return set(window, TveLayout.INVALID);
    }
    long first = BusAddress.inWindow(start);
    long end = first + size;
    if (start >>> BusAddress.WINDOW_SHIFT != (window & 1)
        || (start & PASS_UNIT - 1) != 0
        || (size & PASS_UNIT - 1) != 0
        || size < 0
        || Long.compareUnsigned(end, first) < 0
        || Long.compareUnsigned(end, PASS_END) >= 0) {
      return OpalStatus.PARAMETER;
    }
    return set(window, TveLayout.passing(model, first, end));
  }

  /** Drops cached TCEs: some pages from an address on, a PE's, or all. */
  int tceKill(Kill kill, int pe, int pageShift, long address, long pages) {
    if (kill == Kill.ALL || !model.killsPages()) {
      registers.write(PhbRegister.TCE_KILL, PhbRegister.ALL);
      return OpalStatus.SUCCESS;
    }
    if (!isPe(pe) || kill == Kill.PAGES && !model.hasPages(pageShift)) {
      return OpalStatus.PARAMETER;
    }
    if (kill == Kill.PE) {
      registers.write(PhbRegister.TCE_KILL, PhbRegister.KILL_PE | pe);
      return OpalStatus.SUCCESS;
    }
    for (long page = 0; page < pages; page++) {
      registers.write(
          PhbRegister.TCE_KILL, PhbRegister.pageKill(pe, address + (page << pageShift), pageShift));
    }
    return OpalStatus.SUCCESS;
  }

  /** Whether the PE is stopped: {@link OpalStatus#FROZEN} or success. */
  int freezeStatus(int pe) {
    if (!isPe(pe)) {
      return OpalStatus.PARAMETER;
    }
    boolean stopped =
        PestLayout.isStopped(registers.entry(PhbRegister.PESTA, pe))
            || PestLayout.isStopped(registers.entry(PhbRegister.PESTB, pe));
    return stopped ? OpalStatus.FROZEN : OpalStatus.SUCCESS;
  }

  /** Lets the PE go on. */
  int freezeClear(int pe, int what) {
    if (!isPe(pe) || (what & ~(CLEAR_MMIO | CLEAR_DMA)) != 0 || what == 0) {
      return OpalStatus.PARAMETER;
    }
    if ((what & CLEAR_MMIO) != 0) {
      registers.setEntry(PhbRegister.PESTA, pe, 0);
    }
    if ((what & CLEAR_DMA) != 0) {
      registers.setEntry(PhbRegister.PESTB, pe, 0);
    }
    return OpalStatus.SUCCESS;
  }

  private int set(int window, long tve) {
    registers.setEntry(PhbRegister.TVT, window, tve);
    // A window that moved must not be answered from what was cached of its old tables.
    state.invalidator().invalidateDomain(window, 0, 0);
    return OpalStatus.SUCCESS;
  }

  private boolean isPe(int pe) {
    return pe >= 0 && pe < model.endpoints();
  }
}
