package aperture.arch.x86.xen;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.PlatformTables;
import aperture.iommu.Registers;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * What a back end in the device domain reaches with a bus address: the frame that a grant names, or
 * in a paravirtualized guest any frame of the guest by its machine address.
 *
 * <p>Sources: xen/include/public/grant_table.h; Linux 6.1, drivers/xen/grant-dma-ops.c.
 */
final class XenWalker extends IommuWalker {

  /** Domain tags: of machine addresses, and of grants. */
  static final int MACHINE_ADDRESSES = 0;

  static final int GRANTS = 1;

  /** The domain of the devices. */
  static final int BACK_END = 0;

  static final String GRANT_ENTRY = "grant entry";
  static final String MACHINE_ENTRY = "machine-to-physical entry";
  static final String LIST_ENTRY = "physical-to-machine entry";

  private final IommuState state;
  private final Registers registers;
  private final PlatformTables tables;
  private final GuestMemory memory;
  private final boolean machineFrames;
  private volatile XenView view;

  /**
   * @param machineFrames whether frame numbers are the machine's, not the guest's own
   */
  XenWalker(IommuState state, boolean machineFrames) {
    this.state = state;
    this.registers = state.registers();
    this.tables = state.tables();
    this.memory = state.memory();
    this.machineFrames = machineFrames;
    view = XenView.of(state);
  }

  private XenView current() {
    XenView now = view;
    if (!now.isOf(registers, tables)) {
      now = XenView.of(state);
      view = now;
    }
    return now;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    long page = iova & -BusAddressLayout.PAGE_SIZE;
    if (BusAddressLayout.isGrant(iova)) {
      grant(current(), page, access, result);
    } else if (machineFrames) {
      machine(
          current(),
          page,
          BusAddressLayout.frame(iova),
          Permission.READ_WRITE,
          MACHINE_ADDRESSES,
          result);
    } else {
      XenFaults.NOT_A_GRANT.end(result);
    }
  }

  private void grant(XenView now, long page, Access access, WalkResult result) {
    long reference = BusAddressLayout.reference(page);
    if (reference >= now.grantEntries) {
      XenFaults.BEYOND_TABLE.end(result);
      return;
    }
    long address = now.grantTable + reference * GrantEntryLayout.SIZE;
    long at = offset(now.grantTable, address, GrantEntryLayout.SIZE);
    if (at < 0) {
      result.step(GRANT_ENTRY, address, 0);
      XenFaults.TABLE_READ.end(result);
      return;
    }
    long entry = memory.getLe64(at);
    result.step(GRANT_ENTRY, address, entry);
    boolean readOnly = (entry & GrantEntryLayout.READ_ONLY) != 0;
    int type = GrantEntryLayout.type(entry);
    if (type == GrantEntryLayout.FREE) {
      XenFaults.FREE.end(result);
    } else if (type != GrantEntryLayout.ACCESS) {
      XenFaults.NO_ACCESS.end(result);
    } else if ((entry & GrantEntryLayout.SUB_PAGE) != 0) {
      XenFaults.SUB_PAGE.end(result);
    } else if (GrantEntryLayout.domain(entry) != BACK_END) {
      XenFaults.OTHER_DOMAIN.end(result);
    } else if (readOnly && access == Access.WRITE) {
      XenFaults.READ_ONLY.end(result);
    } else {
      Permission permission = readOnly ? Permission.READ : Permission.READ_WRITE;
      long frame = GrantEntryLayout.frame(entry);
      if (machineFrames) {
        machine(now, page, frame, permission, GRANTS, result);
      } else {
        answer(page, frame, permission, GRANTS, result);
      }
    }
  }

  /**
   * From a machine frame to the guest's: the hypervisor's table and the guest's list must agree.
   */
  private void machine(
      XenView now, long page, long frame, Permission permission, int tag, WalkResult result) {
    MachineFrames frames = now.frames;
    if (frames == null) {
      XenFaults.NO_MACHINE_TABLE.end(result);
      return;
    }
    long index = frames.index(frame);
    if (index < 0) {
      XenFaults.FOREIGN_FRAME.end(result);
      return;
    }
    long physical = frames.physical(index);
    result.step(MACHINE_ENTRY, index, physical);
    if (Long.compareUnsigned(physical, now.listEntries) >= 0) {
      XenFaults.FOREIGN_FRAME.end(result);
      return;
    }
    long address = now.list + PhysicalToMachineLayout.offset(physical);
    long at = offset(now.list, address, PhysicalToMachineLayout.ENTRY_SIZE);
    if (at < 0) {
      result.step(LIST_ENTRY, address, 0);
      XenFaults.LIST_READ.end(result);
      return;
    }
    long entry = memory.getLe64(at);
    result.step(LIST_ENTRY, address, entry);
    if (entry == frame) {
      answer(page, physical, permission, tag, result);
    } else {
      XenFaults.FOREIGN_FRAME.end(result);
    }
  }

  /** Where an entry lies in memory: a table at the end of all addresses does not go on at 0. */
  private long offset(long table, long address, int bytes) {
    return table < 0 ? -1 : memory.offsetOf(address, bytes);
  }

  private static void answer(
      long page, long physical, Permission permission, int tag, WalkResult result) {
    long gpa = physical << BusAddressLayout.PAGE_SHIFT;
    result.translated(page, gpa, BusAddressLayout.PAGE_SIZE, permission, tag);
  }
}
