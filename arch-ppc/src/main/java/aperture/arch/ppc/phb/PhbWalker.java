package aperture.arch.ppc.phb;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * The hardware half: requester to PE, PE and window to TVE, TVE to a tree of at most five levels.
 *
 * <p>Stricter than QEMU, as the hardware is understood: a PE number that does not exist, an address
 * beyond the tables and one outside what a window passes are errors (QEMU masks the first, and lets
 * the others alias or pass).
 *
 * <p>Source: QEMU 7.2, hw/pci-host/pnv_phb4.c, pnv_phb4_resolve_pe, pnv_phb4_translate_iommu and
 * pnv_phb4_translate_tve; the same in pnv_phb3.c.
 */
final class PhbWalker extends IommuWalker {

  /** The structures that a walk reads; the second one's address is its index. */
  static final String RTT = "RTT entry";

  static final String TVE = "TVE";
  static final String TCE = "TCE";

  /** Extent of a translation that is none: no larger than what two windows can share. */
  private static final long PASS_BYTES = 1L << TveLayout.PASS_SHIFT;

  private final PhbModel model;
  private final GuestMemory memory;
  private final PhbView view;

  PhbWalker(PhbModel model, GuestMemory memory, PhbView view) {
    this.model = model;
    this.memory = memory;
    this.view = view;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    PhbView.Decoded now = view.now();
    if (!now.rttEnabled()) {
      PhbFaults.noRtt(result);
      return;
    }
    long entry = RttLayout.address(now.rtt(), endpoint.requesterId());
    long at = memory.offsetOf(entry, RttLayout.BYTES);
    if (at == GuestMemory.NOT_MEMORY) {
      result.step(RTT, entry, 0);
      PhbFaults.rttRead(result);
      return;
    }
    int pe = RttLayout.get(memory, at);
    result.step(RTT, entry, pe);
    if (pe >= model.endpoints()) {
      PhbFaults.peNumber(result);
    } else if (now.isStopped(pe)) {
      PhbFaults.stopped(result);
    } else if (BusAddress.isMessage(iova) || now.messages32() && BusAddress.isShortMessage(iova)) {
      PhbFaults.message(result, now.notes());
    } else if (!BusAddress.isMemory(iova)) {
      PhbFaults.address(result, now.notes());
    } else {
      int index = BusAddress.tveIndex(pe, BusAddress.window(iova));
      long tve = now.tve(index);
      result.step(TVE, index, tve);
      validate(now, index, tve, iova, access, result);
    }
  }

  private void validate(
      PhbView.Decoded now, int index, long tve, long iova, Access access, WalkResult result) {
    if (TveLayout.isInvalid(tve)) {
      PhbFaults.noTve(result, now.notes());
    } else if (TveLayout.levels(tve) > TveLayout.MAX_LEVELS) {
      PhbFaults.malformedTve(result, now.notes());
    } else if (TveLayout.pageShift(tve) == 0) {
      pass(now, index, tve, iova, result);
    } else if (!model.hasPages(TveLayout.pageShift(tve))) {
      PhbFaults.malformedTve(result, now.notes());
    } else {
      translate(now, index, tve, iova, access, result);
    }
  }

  private void pass(PhbView.Decoded now, int index, long tve, long iova, WalkResult result) {
    long address = BusAddress.inWindow(iova);
    if (!TveLayout.passes(model, tve)) {
      PhbFaults.malformedTve(result, now.notes());
    } else if (address < TveLayout.start(tve) || address >= TveLayout.end(tve)) {
      PhbFaults.outsidePass(result, now.notes());
    } else {
      result.translated(
          iova & -PASS_BYTES, address & -PASS_BYTES, PASS_BYTES, Permission.READ_WRITE, index);
    }
  }

  private void translate(
      PhbView.Decoded now, int index, long tve, long iova, Access access, WalkResult result) {
    long address = BusAddress.inWindow(iova);
    int bits = TveLayout.entryBits(tve);
    int levels = TveLayout.levels(tve);
    int pageShift = TveLayout.pageShift(tve);
    int shift = levels * bits + pageShift;
    if (shift + bits < Long.SIZE && address >>> shift + bits != 0) {
      PhbFaults.outsideTable(result, now.notes());
      return;
    }
    long table = TveLayout.table(tve);
    for (int level = levels; ; level--, shift -= bits) {
      // Table addresses and indices are joined, not added, so a misaligned table folds.
      long number = shift < Long.SIZE ? address >>> shift & (1L << bits) - 1 : 0;
      long where = table | number << PhbTceLayout.BYTES_SHIFT;
      long at = memory.offsetOf(where, PhbTceLayout.BYTES);
      if (at == GuestMemory.NOT_MEMORY) {
        result.step(TCE, where, 0);
        PhbFaults.tceRead(result, now.notes());
        return;
      }
      long tce = memory.getBe64(at);
      result.step(TCE, where, tce);
      if (PhbTceLayout.isEmpty(tce)) {
        PhbFaults.pageFault(result, now.notes());
        return;
      }
      if (level == 0) {
        answer(now, index, tce, pageShift, iova, access, result);
        return;
      }
      table = PhbTceLayout.table(tce);
    }
  }

  private static void answer(
      PhbView.Decoded now,
      int index,
      long tce,
      int pageShift,
      long iova,
      Access access,
      WalkResult result) {
    Permission permission = PhbTceLayout.permission(tce);
    long size = 1L << pageShift;
    if (permission.allows(access)) {
      result.translated(iova & -size, PhbTceLayout.pageOf(tce, pageShift), size, permission, index);
    } else {
      PhbFaults.accessFault(result, now.notes());
    }
  }
}
