package tern;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.Registers;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/** The hardware half: three reads at most, each of one aligned entry. */
final class TernWalker extends IommuWalker {

  private static final long UNREADABLE = 0;

  private final Registers registers;
  private final GuestMemory memory;
  private volatile Enabled enabled;

  /** What a walk needs of the registers, and when they were read. */
  private record Enabled(int generation, boolean translates, long root) {}

  TernWalker(IommuState state) {
    registers = state.registers();
    memory = state.memory();
    enabled = read();
  }

  private Enabled read() {
    // Before the values: a write in between is noticed at the next look.
    int generation = registers.generation();
    return new Enabled(
        generation,
        (registers.get(RegisterName.CONTROL) & RegisterName.ENABLE) != 0,
        TableLayout.address(registers.get(RegisterName.ROOT)));
  }

  private Enabled now() {
    Enabled current = enabled;
    if (current.generation != registers.generation()) {
      current = read();
      enabled = current;
    }
    return current;
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    Enabled bridge = now();
    if (!bridge.translates) {
      fault(result, TernFaults.DISABLED);
      return;
    }
    if (!TableLayout.expresses(endpoint.requesterId())) {
      fault(result, TernFaults.NO_REQUESTER);
      return;
    }
    if (iova >>> TableLayout.IOVA_BITS != 0) {
      fault(result, TernFaults.IOVA_SIZE);
      return;
    }
    long directory =
        next(
            result,
            "root entry",
            TableLayout.rootEntry(bridge.root, endpoint.requesterId()),
            TernFaults.NO_REQUESTER);
    if (directory == UNREADABLE) {
      return;
    }
    long table =
        next(
            result,
            "directory entry",
            TableLayout.directoryEntry(directory, iova),
            TernFaults.NO_TABLE);
    if (table != UNREADABLE) {
      leaf(endpoint, iova, access, result, TableLayout.tableEntry(table, iova));
    }
  }

  private long next(WalkResult result, String structure, long address, TernFaults invalid) {
    long at = memory.offsetOf(address, TableLayout.ENTRY_BYTES);
    if (at == GuestMemory.NOT_MEMORY) {
      fault(result, TernFaults.TABLE_ACCESS);
      return UNREADABLE;
    }
    long entry = memory.getBe64(at);
    result.step(structure, address, entry);
    if (!TableLayout.valid(entry)) {
      fault(result, invalid);
      return UNREADABLE;
    }
    long page = TableLayout.address(entry);
    if (page == UNREADABLE) {
      fault(result, TernFaults.TABLE_ACCESS); // the first page is never memory of a Tern
    }
    return page;
  }

  private void leaf(Endpoint endpoint, long iova, Access access, WalkResult result, long address) {
    long at = memory.offsetOf(address, TableLayout.ENTRY_BYTES);
    if (at == GuestMemory.NOT_MEMORY) {
      fault(result, TernFaults.TABLE_ACCESS);
      return;
    }
    long entry = memory.getBe64(at);
    result.step("table entry", address, entry);
    Permission permission =
        Permission.of((entry & TableLayout.READ) != 0, (entry & TableLayout.WRITE) != 0);
    if (permission == Permission.NONE) {
      fault(result, TernFaults.NO_PAGE);
    } else if (!permission.allows(access)) {
      fault(result, access == Access.READ ? TernFaults.NO_READ : TernFaults.NO_WRITE);
    } else {
      result.translated(
          iova & -TableLayout.PAGE_BYTES,
          TableLayout.address(entry),
          TableLayout.PAGE_BYTES,
          permission,
          endpoint.requesterId());
    }
  }

  private static void fault(WalkResult result, TernFaults fault) {
    result.fault(fault.kind(), fault.code(), fault.text(), true);
  }
}
