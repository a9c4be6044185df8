package aperture.arch.x86.xen;

import aperture.iommu.Access;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Reads the entry of the grant table that an address names, as the hypervisor does when a back end
 * in the device domain maps the grant.
 *
 * <p>Source: xen/include/public/grant_table.h.
 */
final class GrantReader {

  /** No grant, and the reason is in the result. */
  static final long NONE = GrantEntryLayout.FREE;

  /** The domain of the devices. */
  static final int BACK_END = 0;

  static final String GRANT_ENTRY = "grant entry";

  private final GuestMemory memory;

  GrantReader(GuestMemory memory) {
    this.memory = memory;
  }

  /**
   * Finds a grant.
   *
   * @param page the page of an address that is a grant's
   * @return its entry, which allows the access, or {@link #NONE} with the fault in {@code result}
   */
  long find(XenView now, long page, Access access, WalkResult result) {
    long offset = BusAddressLayout.reference(page) * GrantEntryLayout.SIZE;
    if (offset >= now.grantBytes) {
      XenFaults.BEYOND_TABLE.end(result);
      return NONE;
    }
    long address = now.grantTable + offset;
    long at = memory.offsetOf(address, GrantEntryLayout.SIZE);
    // A table in the upper half is nowhere in memory, not even where it goes on at address 0.
    if ((at | now.grantTable) < 0) {
      result.step(GRANT_ENTRY, address, 0);
      XenFaults.TABLE_READ.end(result);
      return NONE;
    }
    long entry = memory.getLe64(at);
    result.step(GRANT_ENTRY, address, entry);
    // One comparison passes what nearly every entry is.
    return GrantEntryLayout.grantsAll(entry, BACK_END) ? entry : less(entry, access, result);
  }

  /** An entry that grants less than everything, if anything. */
  private static long less(long entry, Access access, WalkResult result) {
    int type = GrantEntryLayout.type(entry);
    if (type == GrantEntryLayout.FREE) {
      XenFaults.FREE.end(result);
    } else if (type != GrantEntryLayout.ACCESS) {
      XenFaults.NO_ACCESS.end(result);
    } else if ((entry & GrantEntryLayout.SUB_PAGE) != 0) {
      XenFaults.SUB_PAGE.end(result);
    } else if (GrantEntryLayout.domain(entry) != BACK_END) {
      XenFaults.OTHER_DOMAIN.end(result);
    } else if (access == Access.WRITE) {
      XenFaults.READ_ONLY.end(result);
    } else {
      return entry;
    }
    return NONE;
  }
}
