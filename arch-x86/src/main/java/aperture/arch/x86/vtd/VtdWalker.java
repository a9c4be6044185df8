package aperture.arch.x86.vtd;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Translates requests without PASID in legacy mode: root entry, context entry, second-level table.
 *
 * <p>The order of checks decides which reason a broken table gives. Permission is tested before
 * reserved bits at each level, so that an entry that is not present never counts as malformed.
 *
 * <p>Source: Intel VT-d, rev 5.10, sections 3.4.2, Legacy Mode Address Translation, and 3.7,
 * Second-Stage Translation.
 */
final class VtdWalker implements IommuWalker {

  /** Domain tag of translations that no context entry gave; domain ids are 16 bits. */
  static final int NO_DOMAIN = -1;

  static final String ROOT_ENTRY = "root entry";
  static final String CONTEXT_ENTRY = "context entry";
  static final String CONTEXT_HIGH = "context entry, high half";
  static final String SECOND_LEVEL = "second-level entry, level ";

  private static final String[] LEVEL_NAMES = {
    "", SECOND_LEVEL + 1, SECOND_LEVEL + 2, SECOND_LEVEL + 3, SECOND_LEVEL + 4, SECOND_LEVEL + 5
  };

  /** Untranslated addresses are answered in pieces of at most 1 GiB. */
  private static final long IDENTITY_EXTENT = 1L << 30;

  private static final int REQUESTER_BITS = 16;

  private final GuestMemory memory;
  private final VtdViews views;

  VtdWalker(GuestMemory memory, VtdViews views) {
    this.memory = memory;
    this.views = views;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    VtdView view = views.current();
    if (!view.translating) {
      identity(iova, IDENTITY_EXTENT, NO_DOMAIN, result);
    } else if (InterruptRange.contains(iova)) {
      VtdFaults.INTERRUPT_REQUEST.end(result, false);
    } else if (view.mode == RootAddressLayout.TTM_LEGACY) {
      root(view, endpoint.requesterId(), iova, access, result);
    } else {
      withoutLegacyTables(view).end(result, false);
    }
  }

  /** A root table that turned into something else after this instance was attached. */
  private static VtdFaults withoutLegacyTables(VtdView view) {
    if (view.mode == RootAddressLayout.TTM_SCALABLE && view.scalable) {
      return VtdFaults.SCALABLE_NOT_MODELLED;
    }
    boolean abort = view.mode == RootAddressLayout.TTM_ABORT && view.abortMode;
    return abort ? VtdFaults.ABORT_MODE : VtdFaults.ROOT_ADDRESS_INVALID;
  }

  private void root(VtdView view, int requesterId, long iova, Access access, WalkResult result) {
    if (requesterId >>> REQUESTER_BITS != 0) {
      VtdFaults.ROOT_NOT_PRESENT.end(result, false);
      return;
    }
    long address = view.rootTable + RootEntryLayout.offset(requesterId);
    long at = memory.offsetOf(address, RootEntryLayout.SIZE);
    if (at < 0) {
      VtdFaults.ROOT_READ.end(result, false);
      return;
    }
    long low = memory.getLe64(at);
    long high = memory.getLe64(at + RootEntryLayout.HIGH);
    result.step(ROOT_ENTRY, address, low);
    if ((low & RootEntryLayout.PRESENT) == 0) {
      VtdFaults.ROOT_NOT_PRESENT.end(result, false);
    } else if ((low & view.rootReserved) != 0 || high != 0) {
      VtdFaults.ROOT_RESERVED.end(result, false);
    } else {
      context(view, low & view.addressMask, requesterId, iova, access, result);
    }
  }

  private void context(
      VtdView view, long table, int requesterId, long iova, Access access, WalkResult result) {
    long address = table + ContextEntryLayout.offset(requesterId);
    long at = memory.offsetOf(address, ContextEntryLayout.SIZE);
    if (at < 0) {
      VtdFaults.CONTEXT_READ.end(result, false);
      return;
    }
    long low = memory.getLe64(at);
    long high = memory.getLe64(at + ContextEntryLayout.HIGH);
    result.step(CONTEXT_ENTRY, address, low);
    result.step(CONTEXT_HIGH, address + ContextEntryLayout.HIGH, high);
    boolean quiet = (low & ContextEntryLayout.FAULTS_DISABLED) != 0;
    int widthCode = ContextEntryLayout.widthCode(high);
    if ((low & ContextEntryLayout.PRESENT) == 0) {
      VtdFaults.CONTEXT_NOT_PRESENT.end(result, quiet);
    } else if ((low & view.contextReserved) != 0
        || (high & ContextEntryLayout.RESERVED_HIGH) != 0) {
      VtdFaults.CONTEXT_RESERVED.end(result, quiet);
    } else if (!view.supportsWidthCode(widthCode)) {
      VtdFaults.CONTEXT_INVALID.end(result, quiet);
    } else {
      translate(view, low, high, iova, access, result);
    }
  }

  private void translate(
      VtdView view, long low, long high, long iova, Access access, WalkResult result) {
    boolean quiet = (low & ContextEntryLayout.FAULTS_DISABLED) != 0;
    int domain = ContextEntryLayout.domain(high);
    int widthCode = ContextEntryLayout.widthCode(high);
    int type = ContextEntryLayout.translationType(low);
    if (type == ContextEntryLayout.TT_PASS_THROUGH && view.passThrough) {
      if (beyond(iova, view.guestWidth)) {
        VtdFaults.BEYOND_WIDTH.end(result, quiet);
      } else {
        identity(iova, InterruptRange.extentAround(iova, IDENTITY_EXTENT), domain, result);
      }
    } else if (type != ContextEntryLayout.TT_SECOND_LEVEL
        && !(type == ContextEntryLayout.TT_DEVICE_TLB && view.deviceTlb)) {
      VtdFaults.CONTEXT_INVALID.end(result, quiet);
    } else if (beyond(iova, Math.min(ContextEntryLayout.width(widthCode), view.guestWidth))) {
      VtdFaults.BEYOND_WIDTH.end(result, quiet);
    } else {
      secondLevel(
          view,
          low & view.addressMask,
          ContextEntryLayout.levels(widthCode),
          iova,
          access,
          quiet,
          domain,
          result);
    }
  }

  private void secondLevel(
      VtdView view,
      long root,
      int levels,
      long iova,
      Access access,
      boolean quiet,
      int domain,
      WalkResult result) {
    boolean read = access == Access.READ;
    long need = read ? SecondLevelLayout.READ : SecondLevelLayout.WRITE;
    long granted = SecondLevelLayout.PERMISSIONS;
    long table = root;
    for (int level = levels; ; level--) {
      long address = table + SecondLevelLayout.offset(iova, level);
      long at = memory.offsetOf(address, SecondLevelLayout.ENTRY_SIZE);
      if (at < 0) {
        (level == levels ? VtdFaults.TABLE_ROOT_READ : VtdFaults.TABLE_READ).end(result, quiet);
        return;
      }
      long entry = memory.getLe64(at);
      result.step(LEVEL_NAMES[level], address, entry);
      if ((entry & need) == 0) {
        permissionFault(read, entry).end(result, quiet);
        return;
      }
      granted &= entry;
      boolean page = view.isPage(entry, level);
      if ((entry & view.reserved(level, page)) != 0) {
        VtdFaults.ENTRY_RESERVED.end(result, quiet);
        return;
      }
      table = entry & view.addressMask;
      if (page) {
        page(table, 1L << SecondLevelLayout.shift(level), iova, granted, quiet, domain, result);
        return;
      }
    }
  }

  private static VtdFaults permissionFault(boolean read, long entry) {
    boolean present = (entry & SecondLevelLayout.PERMISSIONS) != 0;
    if (read) {
      return present ? VtdFaults.READ_DENIED : VtdFaults.READ_UNMAPPED;
    }
    return present ? VtdFaults.WRITE_DENIED : VtdFaults.WRITE_UNMAPPED;
  }

  /** A page was found. What of it would lead to the interrupt range is not part of the answer. */
  private static void page(
      long base,
      long pageSize,
      long iova,
      long granted,
      boolean quiet,
      int domain,
      WalkResult result) {
    long output = base | iova & pageSize - 1;
    if (InterruptRange.contains(output)) {
      VtdFaults.LEADS_TO_INTERRUPT.end(result, quiet);
      return;
    }
    long size = InterruptRange.extentAround(output, pageSize);
    Permission permission =
        Permission.of(
            (granted & SecondLevelLayout.READ) != 0, (granted & SecondLevelLayout.WRITE) != 0);
    result.translated(iova & -size, output & -size, size, permission, domain);
  }

  private static void identity(long iova, long size, int domain, WalkResult result) {
    result.translated(iova & -size, iova & -size, size, Permission.READ_WRITE, domain);
  }

  private static boolean beyond(long iova, int width) {
    return width < Long.SIZE && iova >>> width != 0;
  }
}
