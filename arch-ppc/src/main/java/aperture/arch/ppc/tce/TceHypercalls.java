package aperture.arch.ppc.tce;

import static aperture.arch.ppc.tce.HypercallStatus.FUNCTION;
import static aperture.arch.ppc.tce.HypercallStatus.PARAMETER;
import static aperture.arch.ppc.tce.HypercallStatus.SUCCESS;

import aperture.iommu.IommuInvalidator;
import aperture.memory.GuestMemory;

/**
 * The hypervisor's half: the calls by which a guest edits its TCE tables. Synchronous; every store
 * that takes a right away is invalidated before the call returns. Called by one thread at a time.
 *
 * <p>Statuses are those of QEMU's own implementation. Where KVM answers the calls in the kernel
 * they differ so:
 *
 * <table>
 *   <caption>Differences of KVM</caption>
 *   <tr><td>all</td><td>an unaligned I/O bus address is {@code H_PARAMETER} (here the low bits are
 *       dropped); an unknown LIOBN goes to user space ({@code H_TOO_HARD})</td></tr>
 *   <tr><td>H_PUT_TCE</td><td>an entry with rights whose page is misaligned or outside memory goes
 *       to user space (here any value is stored)</td></tr>
 *   <tr><td>H_PUT_TCE_INDIRECT</td><td>count 0 succeeds (here {@code H_PARAMETER}); all entries are
 *       checked before the first is stored (here earlier ones stay)</td></tr>
 *   <tr><td>H_STUFF_TCE</td><td>count 0 succeeds (here {@code H_PARAMETER}); an entry with rights is
 *       {@code H_PARAMETER} (here it is stored)</td></tr>
 * </table>
 *
 * <p>A list that is not in memory is {@code H_PARAMETER}: QEMU reads garbage then, which no guest
 * can want.
 *
 * <p>Sources: QEMU 7.2, hw/ppc/spapr_iommu.c, h_put_tce, h_put_tce_indirect, h_stuff_tce and
 * h_get_tce; Linux 6.1, arch/powerpc/kvm/book3s_64_vio.c.
 */
final class TceHypercalls {

  private final WindowTable windows;
  private final GuestMemory memory;
  private final IommuInvalidator invalidator;

  /**
   * Answer of H_GET_TCE.
   *
   * @param status in r3
   * @param tce in r4; 0 unless the call succeeded
   */
  record Reply(long status, long tce) {}

  TceHypercalls(WindowTable windows, GuestMemory memory, IommuInvalidator invalidator) {
    this.windows = windows;
    this.memory = memory;
    this.invalidator = invalidator;
  }

  /**
   * Does what a guest's call instruction asks.
   *
   * @param registers r3 to r7; results replace r3 and, for a read, r4
   */
  void call(long[] registers) {
    long liobn = registers[HypercallLayout.R4];
    long ioba = registers[HypercallLayout.R5];
    long r6 = registers[HypercallLayout.R6];
    long r7 = registers[HypercallLayout.R7];
    long opcode = registers[HypercallLayout.R3];
    long status;
    if (opcode == HypercallLayout.H_GET_TCE) {
      Reply reply = getTce(liobn, ioba);
      status = reply.status();
      if (status == SUCCESS) {
        registers[HypercallLayout.R4] = reply.tce();
      }
    } else if (opcode == HypercallLayout.H_PUT_TCE) {
      status = putTce(liobn, ioba, r6);
    } else if (opcode == HypercallLayout.H_PUT_TCE_INDIRECT) {
      status = putTceIndirect(liobn, ioba, r6, r7);
    } else if (opcode == HypercallLayout.H_STUFF_TCE) {
      status = stuffTce(liobn, ioba, r6, r7);
    } else {
      status = FUNCTION;
    }
    registers[HypercallLayout.R3] = status;
  }

  /** H_GET_TCE: reads one entry. */
  Reply getTce(long liobn, long ioba) {
    TceWindow window = windows.find(liobn);
    long index = window == null ? TceWindow.OUTSIDE : window.indexOf(ioba);
    return window == null || index == TceWindow.OUTSIDE
        ? new Reply(PARAMETER, 0)
        : new Reply(SUCCESS, window.get(index));
  }

  /** H_PUT_TCE: writes one entry. */
  long putTce(long liobn, long ioba, long tce) {
    TceWindow window = windows.find(liobn);
    long index = window == null ? TceWindow.OUTSIDE : window.indexOf(ioba);
    if (window == null || index == TceWindow.OUTSIDE) {
      return PARAMETER;
    }
    if (store(window, index, tce)) {
      invalidate(window, index, 1);
    }
    return SUCCESS;
  }

  /**
   * H_PUT_TCE_INDIRECT: writes a row of entries from a list.
   *
   * @param list guest-physical address of the list
   * @param count entries, 1 to 512
   */
  long putTceIndirect(long liobn, long ioba, long list, long count) {
    TceWindow window = windows.find(liobn);
    if (window == null
        || count < 1
        || count > HypercallLayout.LIST_ENTRIES
        || (list & (HypercallLayout.LIST_PAGE - 1)) != 0) {
      return PARAMETER;
    }
    long entries = memory.offsetOf(list, count * TceLayout.BYTES);
    long first = window.indexOf(ioba);
    if (entries == GuestMemory.NOT_MEMORY || first == TceWindow.OUTSIDE) {
      return PARAMETER;
    }
    long fitting = Math.min(count, window.entries() - first);
    boolean narrowed = false;
    for (long i = 0; i < fitting; i++) {
      narrowed |= store(window, first + i, memory.getBe64(entries + i * TceLayout.BYTES));
    }
    if (narrowed) {
      invalidate(window, first, fitting);
    }
    return fitting == count ? SUCCESS : PARAMETER;
  }

  /**
   * H_STUFF_TCE: writes one value to a row of entries.
   *
   * @param count entries, 1 to the number that the window has
   */
  long stuffTce(long liobn, long ioba, long tce, long count) {
    TceWindow window = windows.find(liobn);
    if (window == null || count < 1 || count > window.entries()) {
      return PARAMETER;
    }
    long first = window.indexOf(ioba);
    if (first == TceWindow.OUTSIDE) {
      return PARAMETER;
    }
    long fitting = Math.min(count, window.entries() - first);
    boolean narrowed = false;
    for (long i = 0; i < fitting; i++) {
      narrowed |= store(window, first + i, tce);
    }
    if (narrowed) {
      invalidate(window, first, fitting);
    }
    return fitting == count ? SUCCESS : PARAMETER;
  }

  /** Stores; true when somebody may have cached what the entry meant before. */
  private static boolean store(TceWindow window, long index, long tce) {
    long before = window.get(index);
    window.set(index, tce);
    return !TceLayout.isEmpty(before) && before != tce;
  }

  private void invalidate(TceWindow window, long first, long count) {
    invalidator.invalidateDomain(
        window.domain(), window.addressOf(first), count << window.pageShift());
  }
}
