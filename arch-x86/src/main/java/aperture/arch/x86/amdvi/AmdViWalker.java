package aperture.arch.x86.amdvi;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Translates requests without PASID: device table entry, then the host page table, whose levels may
 * be skipped but only ever fall.
 *
 * <p>The order of checks decides which fault a broken table gives. At each level: present,
 * permission, reserved bits, then what the next level says.
 *
 * <p>Source: AMD IOMMU, rev 3.05, sections 2.2.2, Device Table, and 2.2.3, I/O Page Tables for Host
 * Translations.
 */
final class AmdViWalker extends IommuWalker {

  /** Domain tag of translations that no device table entry gave; domain ids are 16 bits. */
  static final int NO_DOMAIN = -1;

  static final String DEVICE_ENTRY = "device table entry";
  static final String DEVICE_ENTRY_1 = "device table entry, quad 1";
  static final String DEVICE_ENTRY_2 = "device table entry, quad 2";
  static final String DEVICE_ENTRY_3 = "device table entry, quad 3";
  static final String PAGE_ENTRY = "page table entry, level ";

  private static final String[] LEVEL_NAMES = {
    "",
    PAGE_ENTRY + 1,
    PAGE_ENTRY + 2,
    PAGE_ENTRY + 3,
    PAGE_ENTRY + 4,
    PAGE_ENTRY + 5,
    PAGE_ENTRY + 6
  };

  /** Answers are given for 1 GiB at most, which is more than anybody asks for at once. */
  private static final long MAX_EXTENT = 1L << 30;

  private final GuestMemory memory;
  private final AmdViViews views;

  AmdViWalker(GuestMemory memory, AmdViViews views) {
    this.memory = memory;
    this.views = views;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    AmdViView view = views.current();
    if (!view.translating) {
      long base = iova & -MAX_EXTENT;
      result.translated(base, base, MAX_EXTENT, Permission.READ_WRITE, NO_DOMAIN);
    } else if (InterruptRange.contains(iova)) {
      AmdViFaults.INTERRUPT_REQUEST.end(result, false);
    } else if (view.segmented) {
      AmdViFaults.SEGMENTS_NOT_MODELLED.end(result, false);
    } else if (view.excludes) {
      AmdViFaults.EXCLUSION_NOT_MODELLED.end(result, false);
    } else {
      entry(view, endpoint.requesterId(), iova, access, result);
    }
  }

  private void entry(AmdViView view, int requesterId, long iova, Access access, WalkResult result) {
    long offset = DeviceEntryLayout.offset(requesterId);
    if (Long.compareUnsigned(offset, view.deviceTableBytes) >= 0) {
      AmdViFaults.BEYOND_DEVICE_TABLE.end(result, false);
      return;
    }
    long address = view.deviceTable + offset;
    long at = memory.offsetOf(address, DeviceEntryLayout.SIZE);
    if (at < 0) {
      result.step(DEVICE_ENTRY, address, 0);
      AmdViFaults.ENTRY_READ.end(result, false);
      return;
    }
    long quad0 = memory.getLe64(at);
    long quad1 = memory.getLe64(at + DeviceEntryLayout.QUAD_1);
    long quad2 = memory.getLe64(at + DeviceEntryLayout.QUAD_2);
    long quad3 = memory.getLe64(at + DeviceEntryLayout.QUAD_3);
    result.step(DEVICE_ENTRY_1, address + DeviceEntryLayout.QUAD_1, quad1);
    result.step(DEVICE_ENTRY, address, quad0);
    boolean quiet = DeviceEntryLayout.suppressesFaults(quad1);
    if ((quad0 & DeviceEntryLayout.RESERVED_0) != 0) {
      AmdViFaults.ENTRY_RESERVED.end(result, quiet);
    } else if ((quad2 & DeviceEntryLayout.RESERVED_2) != 0) {
      result.step(DEVICE_ENTRY_2, address + DeviceEntryLayout.QUAD_2, quad2);
      AmdViFaults.ENTRY_RESERVED.end(result, quiet);
    } else if ((quad3 & DeviceEntryLayout.RESERVED_3) != 0) {
      result.step(DEVICE_ENTRY_3, address + DeviceEntryLayout.QUAD_3, quad3);
      AmdViFaults.ENTRY_RESERVED.end(result, quiet);
    } else if (!DeviceEntryLayout.valid(quad0)) {
      extent(iova, iova, MAX_EXTENT, DeviceEntryLayout.PERMISSIONS, NO_DOMAIN, result);
    } else {
      translate(view, quad0, DeviceEntryLayout.domain(quad1), quiet, iova, access, result);
    }
  }

  private void translate(
      AmdViView view,
      long quad0,
      int domain,
      boolean quiet,
      long iova,
      Access access,
      WalkResult result) {
    int levels = DeviceEntryLayout.mode(quad0);
    long need = access == Access.READ ? DeviceEntryLayout.READ : DeviceEntryLayout.WRITE;
    if (!DeviceEntryLayout.translationValid(quad0)) {
      AmdViFaults.TRANSLATION_INVALID.end(result, quiet);
    } else if (levels > view.maxLevels) {
      AmdViFaults.ENTRY_MODE.end(result, quiet);
    } else if (view.guestTranslation && DeviceEntryLayout.guestWithoutPasid(quad0)) {
      AmdViFaults.GUEST_NOT_MODELLED.end(result, quiet);
    } else if ((quad0 & need) == 0) {
      AmdViFaults.ENTRY_DENIED.end(result, quiet);
    } else if (levels == 0) {
      extent(iova, iova, MAX_EXTENT, quad0, domain, result);
    } else if (PageEntryLayout.beyond(iova, levels)) {
      AmdViFaults.BEYOND_MODE.end(result, quiet);
    } else {
      tables(quad0, levels, need, domain, quiet, iova, result);
    }
  }

  /** Walks from the root down. Every round lowers the level, so that there are six at most. */
  private void tables(
      long quad0, int levels, long need, int domain, boolean quiet, long iova, WalkResult result) {
    long table = DeviceEntryLayout.root(quad0);
    long granted = quad0;
    int level = levels;
    while (true) {
      long address = table + PageEntryLayout.offset(iova, level);
      long at = memory.offsetOf(address, PageEntryLayout.ENTRY_SIZE);
      if (at < 0) {
        result.step(LEVEL_NAMES[level], address, 0);
        AmdViFaults.TABLE_READ.end(result, quiet);
        return;
      }
      long entry = memory.getLe64(at);
      result.step(LEVEL_NAMES[level], address, entry);
      granted &= entry;
      table = PageEntryLayout.address(entry);
      if (PageEntryLayout.leadsDown(entry, level, need)) {
        level--;
        continue;
      }
      AmdViFaults wrong = check(entry, level, need, iova);
      if (wrong != null) {
        wrong.end(result, quiet);
        return;
      }
      if (PageEntryLayout.isPage(entry)) {
        long size = 1L << PageEntryLayout.sizeLog2(entry, level);
        extent(iova, table & -size | iova & size - 1, size, granted, domain, result);
        return;
      }
      level = PageEntryLayout.nextLevel(entry);
    }
  }

  /** What is wrong with an entry, null when it can be followed. */
  private static @Nullable AmdViFaults check(long entry, int level, long need, long iova) {
    if (!PageEntryLayout.present(entry)) {
      return AmdViFaults.UNMAPPED;
    }
    if ((entry & need) == 0) {
      return AmdViFaults.DENIED;
    }
    if (PageEntryLayout.reserved(entry) != 0) {
      return AmdViFaults.PAGE_RESERVED;
    }
    if (PageEntryLayout.isPage(entry)) {
      return PageEntryLayout.sizeFits(entry, level) ? null : AmdViFaults.PAGE_SIZE;
    }
    int next = PageEntryLayout.nextLevel(entry);
    if (next >= level) {
      return AmdViFaults.PAGE_LEVEL;
    }
    // The bits between what this entry covers and what the next table reaches.
    long below = iova & (1L << PageEntryLayout.shift(level)) - 1;
    return PageEntryLayout.beyond(below, next) ? AmdViFaults.SKIPPED_BITS : null;
  }

  /** Answers for as much around an address as lies in its page and not in the interrupt range. */
  private static void extent(
      long iova, long output, long pageSize, long granted, int domain, WalkResult result) {
    long size = InterruptRange.extentAround(iova, Math.min(pageSize, MAX_EXTENT));
    Permission permission =
        Permission.of(
            (granted & PageEntryLayout.READ) != 0, (granted & PageEntryLayout.WRITE) != 0);
    result.translated(iova & -size, output & -size, size, permission, domain);
  }
}
