package aperture.arch.x86.vtd;

import aperture.iommu.Access;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Walks from a scalable-mode context entry on: PASID directory entry, PASID entry, tables.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 3.4.3, Scalable Mode Address Translation.
 */
final class PasidWalk {

  private final GuestMemory memory;
  private final SecondLevelWalk secondLevel;
  private final FirstLevelWalk firstLevel;
  private final NestedWalk nested;

  PasidWalk(GuestMemory memory, SecondLevelWalk secondLevel) {
    this.memory = memory;
    this.secondLevel = secondLevel;
    firstLevel = new FirstLevelWalk(memory);
    nested = new NestedWalk(memory, secondLevel);
  }

  /**
   * Walks.
   *
   * @param context word 0 of the context entry
   * @param supervisor whether the request has the supervisor's privilege
   */
  void walk(
      VtdView view,
      long context,
      int pasid,
      boolean supervisor,
      int type,
      long iova,
      Access access,
      WalkResult result) {
    boolean quiet = (context & ScalableContextLayout.FAULTS_DISABLED) != 0;
    long address =
        (context & PasidDirectoryLayout.TABLE)
            + (long) PasidDirectoryLayout.index(pasid) * PasidDirectoryLayout.SIZE;
    long at = memory.offsetOf(address, PasidDirectoryLayout.SIZE);
    if (at < 0) {
      VtdFaults.DIRECTORY_READ.end(result, view, quiet);
      return;
    }
    long entry = memory.getLe64(at);
    result.step(StructureNames.PASID_DIRECTORY, address, entry);
    quiet |= (entry & PasidDirectoryLayout.FAULTS_DISABLED) != 0;
    if ((entry & PasidDirectoryLayout.PRESENT) == 0) {
      VtdFaults.DIRECTORY_NOT_PRESENT.end(result, view, quiet);
    } else if ((entry & view.scalable.directoryReserved) != 0) {
      VtdFaults.DIRECTORY_RESERVED.end(result, view, quiet);
    } else {
      long table = entry & PasidDirectoryLayout.TABLE;
      entry(view, table, pasid, supervisor, type, quiet, iova, access, result);
    }
  }

  private void entry(
      VtdView view,
      long table,
      int pasid,
      boolean supervisor,
      int type,
      boolean faultsDisabled,
      long iova,
      Access access,
      WalkResult result) {
    long address = table + PasidEntryLayout.offset(pasid);
    long at = memory.offsetOf(address, PasidEntryLayout.SIZE);
    if (at < 0) {
      VtdFaults.PASID_READ.end(result, view, faultsDisabled);
      return;
    }
    long word0 = memory.getLe64(at);
    long word1 = memory.getLe64(at + PasidEntryLayout.WORD_1);
    long word2 = memory.getLe64(at + PasidEntryLayout.WORD_2);
    result.step(StructureNames.PASID_ENTRY, address, word0);
    result.step(StructureNames.PASID_ENTRY_1, address + PasidEntryLayout.WORD_1, word1);
    result.step(StructureNames.PASID_ENTRY_2, address + PasidEntryLayout.WORD_2, word2);
    boolean quiet = faultsDisabled || (word0 & PasidEntryLayout.FAULTS_DISABLED) != 0;
    if ((word0 & PasidEntryLayout.PRESENT) == 0) {
      VtdFaults.PASID_NOT_PRESENT.end(result, view, quiet);
    } else if ((word0 & view.scalable.pasidReserved0) != 0
        || (word1 & view.scalable.pasidReserved1) != 0
        || (word2 & view.scalable.pasidReserved2) != 0) {
      VtdFaults.PASID_RESERVED.end(result, view, quiet);
    } else if (!valid(view, word0, word2)) {
      VtdFaults.PASID_INVALID.end(result, view, quiet);
    } else if (supervisor && (word2 & PasidEntryLayout.SUPERVISOR_ENABLED) == 0) {
      VtdFaults.SUPERVISOR_DISABLED.end(result, view, quiet);
    } else if (type == Requests.TRANSLATED) {
      Extents.passThrough(view, iova, quiet, PasidEntryLayout.domain(word1), result);
    } else {
      tables(view, word0, word1, word2, supervisor, quiet, iova, access, result);
    }
  }

  /** Whether the unit has the tables that an entry names. */
  private static boolean valid(VtdView view, long word0, long word2) {
    boolean width = view.supportsWidthCode(PasidEntryLayout.widthCode(word0));
    boolean mode = view.scalable.supportsMode(PasidEntryLayout.mode(word2));
    return switch (PasidEntryLayout.type(word0)) {
      case PasidEntryLayout.FIRST_LEVEL -> view.scalable.firstLevel && mode;
      case PasidEntryLayout.SECOND_LEVEL -> view.scalable.secondLevel && width;
      case PasidEntryLayout.NESTED -> view.scalable.nested && mode && width;
      case PasidEntryLayout.PASS_THROUGH -> view.passThrough && width;
      default -> false;
    };
  }

  private void tables(
      VtdView view,
      long word0,
      long word1,
      long word2,
      boolean supervisor,
      boolean quiet,
      long iova,
      Access access,
      WalkResult result) {
    int domain = PasidEntryLayout.domain(word1);
    switch (PasidEntryLayout.type(word0)) {
      case PasidEntryLayout.FIRST_LEVEL ->
          firstLevel.walk(view, word2, supervisor, iova, access, quiet, domain, result);
      case PasidEntryLayout.SECOND_LEVEL ->
          secondLevel.walk(
              view,
              word0 & PasidEntryLayout.TABLE,
              PasidEntryLayout.widthCode(word0),
              iova,
              access,
              quiet,
              domain,
              result);
      case PasidEntryLayout.NESTED ->
          nested.walk(view, word0, word2, supervisor, iova, access, quiet, domain, result);
      default -> Extents.passThrough(view, iova, quiet, domain, result);
    }
  }
}
