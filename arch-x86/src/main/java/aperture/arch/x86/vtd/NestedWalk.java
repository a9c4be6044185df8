package aperture.arch.x86.vtd;

import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import aperture.memory.GuestMemory;

/**
 * Walks a first-level table whose addresses a second-level table translates once more: the tables'
 * and the page's.
 *
 * <p>The caller's result carries the answers of the second level on the way. What it says in the
 * end is the smaller of the two pages, with what both levels allow.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 3.8, Nested Translation.
 */
final class NestedWalk {

  private final GuestMemory memory;
  private final SecondLevelWalk secondLevel;

  NestedWalk(GuestMemory memory, SecondLevelWalk secondLevel) {
    this.memory = memory;
    this.secondLevel = secondLevel;
  }

  /**
   * Walks.
   *
   * @param word0 of the PASID entry, whose address width the unit supports
   * @param word2 of the PASID entry, whose paging mode the unit supports
   */
  void walk(
      VtdView view,
      long word0,
      long word2,
      boolean supervisor,
      long iova,
      Access access,
      boolean quiet,
      int domain,
      WalkResult result) {
    int levels = FirstLevelLayout.levels(PasidEntryLayout.mode(word2));
    if (!FirstLevelLayout.canonical(iova, levels)) {
      VtdFaults.NOT_CANONICAL.end(result, view, quiet);
      return;
    }
    long must = FirstLevelWalk.mustBeSet(word2, supervisor, access);
    long granted = FirstLevelLayout.WRITE;
    long table = word2 & PasidEntryLayout.TABLE;
    for (int level = levels; ; level--) {
      long guest = table + SecondLevelLayout.offset(iova, level);
      translate(view, word0, guest, Access.READ, quiet, domain, result);
      if (result.outcome() != Outcome.TRANSLATED) {
        tableFault(view, level == levels, quiet, result);
        return;
      }
      long address = result.gpaOf(guest);
      long at = memory.offsetOf(address, SecondLevelLayout.ENTRY_SIZE);
      if (at < 0) {
        (level == levels ? VtdFaults.FIRST_ROOT_READ : VtdFaults.FIRST_READ)
            .end(result, view, quiet);
        return;
      }
      long entry = memory.getLe64(at);
      result.step(StructureNames.firstLevel(level), address, entry);
      boolean page = view.scalable.isPage(entry, level);
      if ((entry & must) != must || (entry & view.scalable.reserved(level, page)) != 0) {
        FirstLevelWalk.fault(entry, must).end(result, view, quiet);
        return;
      }
      granted &= entry;
      table = entry & view.addressMask;
      if (page) {
        Permission permission = FirstLevelWalk.permission(granted, word2, supervisor);
        long size = 1L << SecondLevelLayout.shift(level);
        page(view, word0, table & -size, size, permission, iova, access, quiet, domain, result);
        return;
      }
    }
  }

  private void translate(
      VtdView view,
      long word0,
      long address,
      Access access,
      boolean quiet,
      int domain,
      WalkResult result) {
    long root = word0 & PasidEntryLayout.TABLE;
    int widthCode = PasidEntryLayout.widthCode(word0);
    secondLevel.walk(view, root, widthCode, address, access, quiet, domain, result);
  }

  /** The second level does not lead to a first-level table. */
  private static void tableFault(VtdView view, boolean top, boolean quiet, WalkResult result) {
    if (result.faultKind() == FaultKind.DENIED) {
      (top ? VtdFaults.NESTED_ROOT_DENIED : VtdFaults.NESTED_TABLE_DENIED).end(result, view, quiet);
    } else if (result.faultKind() == FaultKind.ADDRESS_SIZE) {
      VtdFaults.NESTED_BEYOND.end(result, view, quiet);
    }
  }

  private void page(
      VtdView view,
      long word0,
      long base,
      long pageSize,
      Permission first,
      long iova,
      Access access,
      boolean quiet,
      int domain,
      WalkResult result) {
    long guest = base | iova & pageSize - 1;
    translate(view, word0, guest, access, quiet, domain, result);
    if (result.outcome() == Outcome.TRANSLATED) {
      long output = result.gpaOf(guest);
      long size = Math.min(pageSize, result.size());
      Permission second = result.permission();
      Permission both =
          Permission.of(first.read() && second.read(), first.write() && second.write());
      result.translated(iova & -size, output & -size, size, both, domain);
    }
  }
}
