package aperture.arch.x86.xen;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * What a back end in the device domain reaches of a paravirtualized guest, whose frame numbers are
 * the machine's: any frame of the guest by its machine address, and the frame that a grant names.
 *
 * <p>Source: Linux 6.1, drivers/xen/grant-dma-ops.c.
 */
final class XenPvWalker extends IommuWalker {

  /** Domain tag of machine addresses; grants have that of the other kind. */
  static final int MACHINE_ADDRESSES = 0;

  static final String MACHINE_ENTRY = "machine-to-physical entry";
  static final String LIST_ENTRY = "physical-to-machine entry";

  private final XenViews views;
  private final MachineTable machine;
  private final GuestMemory memory;
  private final GrantReader grants;

  XenPvWalker(IommuState state) {
    views = new XenViews(state.registers());
    machine = new MachineTable(state.tables());
    memory = state.memory();
    grants = new GrantReader(memory);
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    XenView now = views.current();
    long page = iova & -BusAddressLayout.PAGE_SIZE;
    if (!BusAddressLayout.isGrant(iova)) {
      long frame = BusAddressLayout.frame(iova);
      machine(now, page, frame, Permission.READ_WRITE, MACHINE_ADDRESSES, result);
      return;
    }
    long entry = grants.find(now, page, access, result);
    if (entry != GrantReader.NONE) {
      long frame = GrantEntryLayout.frame(entry);
      machine(now, page, frame, GrantEntryLayout.permission(entry), XenHvmWalker.GRANTS, result);
    }
  }

  /**
   * From a machine frame to the guest's: the hypervisor's table and the guest's list must agree.
   */
  private void machine(
      XenView now, long page, long frame, Permission permission, int tag, WalkResult result) {
    MachineFrames frames = machine.current();
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
    long at = memory.offsetOf(address, PhysicalToMachineLayout.ENTRY_SIZE);
    // A list in the upper half is nowhere in memory, not even where it goes on at address 0.
    if ((at | now.list) < 0) {
      result.step(LIST_ENTRY, address, 0);
      XenFaults.LIST_READ.end(result);
      return;
    }
    long entry = memory.getLe64(at);
    result.step(LIST_ENTRY, address, entry);
    if (entry == frame) {
      long gpa = physical << BusAddressLayout.PAGE_SHIFT;
      result.translated(page, gpa, BusAddressLayout.PAGE_SIZE, permission, tag);
    } else {
      XenFaults.FOREIGN_FRAME.end(result);
    }
  }
}
