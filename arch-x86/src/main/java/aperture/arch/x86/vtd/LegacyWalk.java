package aperture.arch.x86.vtd;

import aperture.iommu.Access;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Walks in legacy mode: root entry, context entry, second-level table.
 *
 * <p>The order of checks decides which reason a broken table gives.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 3.4.2, Legacy Mode Address Translation.
 */
final class LegacyWalk {

  private final GuestMemory memory;
  private final SecondLevelWalk tables;

  LegacyWalk(GuestMemory memory, SecondLevelWalk tables) {
    this.memory = memory;
    this.tables = tables;
  }

  /**
   * Walks.
   *
   * @param type of the request: {@link Requests}
   */
  void walk(VtdView view, int requesterId, int type, long iova, Access access, WalkResult result) {
    long address = view.rootTable + RootEntryLayout.offset(requesterId);
    long at = memory.offsetOf(address, RootEntryLayout.SIZE);
    if (at < 0) {
      VtdFaults.ROOT_READ.end(result, view, false);
      return;
    }
    long low = memory.getLe64(at);
    long high = memory.getLe64(at + RootEntryLayout.HIGH);
    result.step(StructureNames.ROOT_ENTRY, address, low);
    if ((low & RootEntryLayout.PRESENT) == 0) {
      VtdFaults.ROOT_NOT_PRESENT.end(result, view, false);
    } else if ((low & view.rootReserved) != 0 || high != 0) {
      VtdFaults.ROOT_RESERVED.end(result, view, false);
    } else {
      context(view, low & view.addressMask, requesterId, type, iova, access, result);
    }
  }

  private void context(
      VtdView view,
      long table,
      int requesterId,
      int type,
      long iova,
      Access access,
      WalkResult result) {
    long address = table + ContextEntryLayout.offset(requesterId);
    long at = memory.offsetOf(address, ContextEntryLayout.SIZE);
    if (at < 0) {
      VtdFaults.CONTEXT_READ.end(result, view, false);
      return;
    }
    long low = memory.getLe64(at);
    long high = memory.getLe64(at + ContextEntryLayout.HIGH);
    result.step(StructureNames.CONTEXT_ENTRY, address, low);
    result.step(StructureNames.CONTEXT_HIGH, address + ContextEntryLayout.HIGH, high);
    boolean quiet = (low & ContextEntryLayout.FAULTS_DISABLED) != 0;
    if ((low & ContextEntryLayout.PRESENT) == 0) {
      VtdFaults.CONTEXT_NOT_PRESENT.end(result, view, quiet);
    } else if ((low & view.contextReserved) != 0
        || (high & ContextEntryLayout.RESERVED_HIGH) != 0) {
      VtdFaults.CONTEXT_RESERVED.end(result, view, quiet);
    } else if (!view.supportsWidthCode(ContextEntryLayout.widthCode(high))) {
      VtdFaults.CONTEXT_INVALID.end(result, view, quiet);
    } else {
      translate(view, low, high, type, iova, access, result);
    }
  }

  private void translate(
      VtdView view, long low, long high, int type, long iova, Access access, WalkResult result) {
    boolean quiet = (low & ContextEntryLayout.FAULTS_DISABLED) != 0;
    int domain = ContextEntryLayout.domain(high);
    int translation = ContextEntryLayout.translationType(low);
    boolean deviceTlb = translation == ContextEntryLayout.TT_DEVICE_TLB && view.deviceTlb;
    if (deviceTlb && type != Requests.TRANSLATED
        || translation == ContextEntryLayout.TT_SECOND_LEVEL && type == Requests.UNTRANSLATED) {
      tables.walk(
          view,
          low & view.addressMask,
          ContextEntryLayout.widthCode(high),
          iova,
          access,
          quiet,
          domain,
          result);
    } else {
      withoutTables(view, translation, type, iova, quiet, domain, result);
    }
  }

  /** What no table translates passes as it is, or not at all. */
  private static void withoutTables(
      VtdView view,
      int translation,
      int type,
      long iova,
      boolean quiet,
      int domain,
      WalkResult result) {
    boolean deviceTlb = translation == ContextEntryLayout.TT_DEVICE_TLB && view.deviceTlb;
    boolean passThrough = translation == ContextEntryLayout.TT_PASS_THROUGH && view.passThrough;
    if (!deviceTlb && !passThrough && translation != ContextEntryLayout.TT_SECOND_LEVEL) {
      VtdFaults.CONTEXT_INVALID.end(result, view, quiet);
    } else if (type != Requests.UNTRANSLATED && !deviceTlb) {
      VtdFaults.TYPE_BLOCKED.end(result, view, quiet);
    } else {
      Extents.passThrough(view, iova, quiet, domain, result);
    }
  }
}
