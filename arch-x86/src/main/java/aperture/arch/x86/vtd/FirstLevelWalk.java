package aperture.arch.x86.vtd;

import aperture.iommu.Access;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Walks a first-level table whose addresses are the host's. Accessed and dirty bits stay as they
 * are.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 3.6, First-Stage Translation.
 */
final class FirstLevelWalk {

  private final GuestMemory memory;

  FirstLevelWalk(GuestMemory memory) {
    this.memory = memory;
  }

  /**
   * Walks.
   *
   * @param word2 of the PASID entry, whose paging mode the unit supports
   */
  void walk(
      VtdView view,
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
    long must = mustBeSet(word2, supervisor, access);
    long granted = FirstLevelLayout.WRITE;
    long table = word2 & PasidEntryLayout.TABLE;
    for (int level = levels; ; level--) {
      long address = table + SecondLevelLayout.offset(iova, level);
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
        fault(entry, must).end(result, view, quiet);
        return;
      }
      granted &= entry;
      if (page) {
        long size = 1L << SecondLevelLayout.shift(level);
        Permission permission = permission(granted, word2, supervisor);
        long base = entry & view.addressMask & -size;
        Extents.page(view, base, size, iova, permission, quiet, domain, result);
        return;
      }
      table = entry & view.addressMask;
    }
  }

  /** Bits that every entry on the way must have set for an access. */
  static long mustBeSet(long word2, boolean supervisor, Access access) {
    long user = supervisor ? 0 : FirstLevelLayout.USER;
    boolean write = access == Access.WRITE && !ignoresWriteProtection(word2, supervisor);
    return FirstLevelLayout.PRESENT | user | (write ? FirstLevelLayout.WRITE : 0);
  }

  private static boolean ignoresWriteProtection(long word2, boolean supervisor) {
    return supervisor && (word2 & PasidEntryLayout.WRITE_PROTECT) == 0;
  }

  /** What a page allows whose entries are all present; {@code granted} is what they share. */
  static Permission permission(long granted, long word2, boolean supervisor) {
    boolean write =
        (granted & FirstLevelLayout.WRITE) != 0 || ignoresWriteProtection(word2, supervisor);
    return Permission.of(true, write);
  }

  /** What is wrong with an entry that lacks a bit it must have, or else has a reserved bit set. */
  static VtdFaults fault(long entry, long must) {
    long missing = must & ~entry;
    if ((missing & FirstLevelLayout.PRESENT) != 0) {
      return VtdFaults.FIRST_UNMAPPED;
    }
    if ((missing & FirstLevelLayout.USER) != 0) {
      return VtdFaults.SUPERVISOR_PAGE;
    }
    return missing != 0 ? VtdFaults.FIRST_WRITE_DENIED : VtdFaults.FIRST_RESERVED;
  }
}
