package aperture.arch.x86.vtd;

import aperture.iommu.Access;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Walks in scalable mode: root entry, context entry, PASID directory, and the tables that the PASID
 * entry names.
 *
 * <p>Source: Intel VT-d, rev 5.10, sections 3.4.3, Scalable Mode Address Translation, and 9.2 to
 * 9.6.
 */
final class ScalableWalk {

  private final GuestMemory memory;
  private final PasidWalk pasids;

  ScalableWalk(GuestMemory memory, SecondLevelWalk tables) {
    this.memory = memory;
    pasids = new PasidWalk(memory, tables);
  }

  /**
   * Walks.
   *
   * @param pasid of the request, or {@link Requests#NO_PASID}
   * @param type of the request: {@link Requests}
   */
  void walk(
      VtdView view,
      int requesterId,
      int pasid,
      int type,
      long iova,
      Access access,
      WalkResult result) {
    long address = view.rootTable + RootEntryLayout.scalableOffset(requesterId);
    long at = memory.offsetOf(address, RootEntryLayout.HIGH);
    if (at < 0) {
      VtdFaults.ROOT_READ.end(result, view, false);
      return;
    }
    long entry = memory.getLe64(at);
    result.step(StructureNames.SCALABLE_ROOT, address, entry);
    if ((entry & RootEntryLayout.PRESENT) == 0) {
      VtdFaults.ROOT_NOT_PRESENT.end(result, view, false);
    } else if ((entry & view.rootReserved) != 0) {
      VtdFaults.ROOT_RESERVED.end(result, view, false);
    } else {
      context(view, entry & view.addressMask, requesterId, pasid, type, iova, access, result);
    }
  }

  private void context(
      VtdView view,
      long table,
      int requesterId,
      int pasid,
      int type,
      long iova,
      Access access,
      WalkResult result) {
    long address = table + ScalableContextLayout.offset(requesterId);
    long at = memory.offsetOf(address, ScalableContextLayout.SIZE);
    if (at < 0) {
      VtdFaults.CONTEXT_READ.end(result, view, false);
      return;
    }
    long word0 = memory.getLe64(at);
    long word1 = memory.getLe64(at + ScalableContextLayout.WORD_1);
    long rest =
        memory.getLe64(at + ScalableContextLayout.WORD_2)
            | memory.getLe64(at + ScalableContextLayout.WORD_3);
    result.step(StructureNames.SCALABLE_CONTEXT, address, word0);
    result.step(StructureNames.SCALABLE_CONTEXT_1, address + ScalableContextLayout.WORD_1, word1);
    boolean quiet = (word0 & ScalableContextLayout.FAULTS_DISABLED) != 0;
    if ((word0 & ScalableContextLayout.PRESENT) == 0) {
      VtdFaults.CONTEXT_NOT_PRESENT.end(result, view, quiet);
    } else if ((word0 & view.scalable.contextReserved) != 0
        || (word1 & ScalableContextLayout.RESERVED_1) != 0
        || rest != 0) {
      VtdFaults.CONTEXT_RESERVED.end(result, view, quiet);
    } else if (type != Requests.UNTRANSLATED && !deviceTlb(view, word0)) {
      VtdFaults.TYPE_BLOCKED.end(result, view, quiet);
    } else if (pasid == Requests.NO_PASID) {
      withoutPasid(view, word0, word1, type, iova, access, result);
    } else if ((word0 & ScalableContextLayout.PASIDS_ENABLED) == 0) {
      VtdFaults.PASID_DISABLED.end(result, view, quiet);
    } else if (beyondDirectory(view, word0, pasid)) {
      VtdFaults.PASID_TOO_LARGE.end(result, view, quiet);
    } else {
      pasids.walk(view, word0, pasid, false, type, iova, access, result);
    }
  }

  private static boolean deviceTlb(VtdView view, long word0) {
    return view.deviceTlb && (word0 & ScalableContextLayout.DEVICE_TLB) != 0;
  }

  private static boolean beyondDirectory(VtdView view, long word0, int pasid) {
    return view.scalable.boundsPasids
        && PasidDirectoryLayout.index(pasid) >= ScalableContextLayout.directoryEntries(word0);
  }

  private void withoutPasid(
      VtdView view, long word0, long word1, int type, long iova, Access access, WalkResult result) {
    int pasid = ScalableContextLayout.ridPasid(word1);
    if (beyondDirectory(view, word0, pasid)) {
      boolean quiet = (word0 & ScalableContextLayout.FAULTS_DISABLED) != 0;
      VtdFaults.RID_PASID.end(result, view, quiet);
      return;
    }
    boolean supervisor =
        view.scalable.supervisor && (word1 & ScalableContextLayout.SUPERVISOR) != 0;
    pasids.walk(view, word0, pasid, supervisor, type, iova, access, result);
  }
}
