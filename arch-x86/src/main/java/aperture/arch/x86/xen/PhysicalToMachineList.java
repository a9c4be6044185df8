package aperture.arch.x86.xen;

import static aperture.arch.x86.xen.XenRegisters.P2M_LIST;
import static aperture.arch.x86.xen.XenRegisters.P2M_PAGES;

import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;

/**
 * The physical-to-machine list in guest memory: the domain builder writes it when a guest starts,
 * the guest's kernel reads it from then on.
 */
final class PhysicalToMachineList {

  private final IommuState state;
  private final GuestMemory memory;

  PhysicalToMachineList(IommuState state) {
    this.state = state;
    this.memory = state.memory();
  }

  /** Gives every page of memory a machine frame, and tells guest and hypervisor. */
  void build() throws IommuException {
    MemoryRange last = memory.regions().getLast();
    long frames = (last.last() >>> BusAddressLayout.PAGE_SHIFT) + 1;
    if (frames > MachineFrames.MAX_FRAMES) {
      throw new IommuException("a guest of %d frames is too large".formatted(frames));
    }
    long bytes = PhysicalToMachineLayout.offset(frames);
    long list = state.pages().allocate(bytes, BusAddressLayout.PAGE_SIZE);
    if (list == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for a list of %d frames".formatted(frames));
    }
    MachineFrames machine = MachineFrames.create(state.tables(), frames);
    long at = memory.offsetOf(list, bytes);
    for (long frame = 0; frame < frames; frame++) {
      boolean page = memory.contiguousFrom(frame << BusAddressLayout.PAGE_SHIFT) > 0;
      memory.putLe64(
          at + PhysicalToMachineLayout.offset(frame),
          page ? machine.give(frame) : PhysicalToMachineLayout.NONE);
    }
    state.registers().set(P2M_PAGES, frames);
    state.registers().set(P2M_LIST, list);
  }

  /**
   * The machine frame of a guest-physical one.
   *
   * @throws IommuException when it has none
   */
  long machine(long physical) throws IommuException {
    long entries = state.registers().get(P2M_PAGES);
    long address = state.registers().get(P2M_LIST) + PhysicalToMachineLayout.offset(physical);
    long at = memory.offsetOf(address, PhysicalToMachineLayout.ENTRY_SIZE);
    if (Long.compareUnsigned(physical, entries) >= 0 || at < 0) {
      throw new IommuException("frame 0x%x is not in the list".formatted(physical));
    }
    long machine = memory.getLe64(at);
    if (machine == PhysicalToMachineLayout.NONE) {
      throw new IommuException("frame 0x%x has no memory".formatted(physical));
    }
    return machine;
  }
}
