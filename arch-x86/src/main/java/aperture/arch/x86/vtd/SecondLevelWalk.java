package aperture.arch.x86.vtd;

import aperture.iommu.Access;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Walks a second-level table, for legacy and for scalable mode.
 *
 * <p>Permission is tested before reserved bits at each level, so that an entry that is not present
 * never counts as malformed.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 3.7, Second-Stage Translation.
 */
final class SecondLevelWalk {

  private final GuestMemory memory;

  SecondLevelWalk(GuestMemory memory) {
    this.memory = memory;
  }

  /**
   * Walks.
   *
   * @param root guest-physical address of the top table
   * @param widthCode of the table, one that the unit supports
   * @param quiet whether qualified faults are not recorded
   */
  void walk(
      VtdView view,
      long root,
      int widthCode,
      long iova,
      Access access,
      boolean quiet,
      int domain,
      WalkResult result) {
    if (Long.compareUnsigned(iova, view.inputEnd(widthCode)) >= 0) {
      VtdFaults.BEYOND_WIDTH.end(result, view, quiet);
      return;
    }
    long need = access == Access.READ ? SecondLevelLayout.READ : SecondLevelLayout.WRITE;
    long telling = view.notOfTable | need;
    long granted = SecondLevelLayout.PERMISSIONS;
    long table = root;
    int levels = ContextEntryLayout.levels(widthCode);
    for (int level = levels; ; level--) {
      long address = table + SecondLevelLayout.offset(iova, level);
      long at = memory.offsetOf(address, SecondLevelLayout.ENTRY_SIZE);
      if (at < 0) {
        unreadable(view, level == levels, quiet, result);
        return;
      }
      long entry = memory.getLe64(at);
      result.step(StructureNames.secondLevel(level), address, entry);
      granted &= entry;
      // One comparison passes what nearly every entry above level 1 is: it allows what is needed,
      // points to a table, and has nothing that such an entry must not have.
      if (level == 1 || ((entry ^ need) & telling) != 0) {
        last(view, entry, level, need, granted, iova, quiet, domain, result);
        return;
      }
      table = entry & view.addressMask;
    }
  }

  /** Ends at a page, or at an entry that is in the way. */
  private static void last(
      VtdView view,
      long entry,
      int level,
      long need,
      long granted,
      long iova,
      boolean quiet,
      int domain,
      WalkResult result) {
    boolean page = view.isPage(entry, level);
    if ((entry & need) == 0 || (entry & view.reserved(level, page)) != 0) {
      fault(entry, need).end(result, view, quiet);
      return;
    }
    long base = entry & view.addressMask;
    long size = 1L << SecondLevelLayout.shift(level);
    Extents.page(view, base, size, iova, permission(granted), quiet, domain, result);
  }

  private static Permission permission(long granted) {
    return Permission.of(
        (granted & SecondLevelLayout.READ) != 0, (granted & SecondLevelLayout.WRITE) != 0);
  }

  private static void unreadable(VtdView view, boolean top, boolean quiet, WalkResult result) {
    (top ? VtdFaults.TABLE_ROOT_READ : VtdFaults.TABLE_READ).end(result, view, quiet);
  }

  /** What is wrong with an entry that does not allow what is needed, or else is malformed. */
  private static VtdFaults fault(long entry, long need) {
    if ((entry & need) != 0) {
      return VtdFaults.ENTRY_RESERVED;
    }
    boolean present = (entry & SecondLevelLayout.PERMISSIONS) != 0;
    if (need == SecondLevelLayout.READ) {
      return present ? VtdFaults.READ_DENIED : VtdFaults.READ_UNMAPPED;
    }
    return present ? VtdFaults.WRITE_DENIED : VtdFaults.WRITE_UNMAPPED;
  }
}
