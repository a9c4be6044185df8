package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;

/**
 * What the TLB commands forget: exactly what they name, as far as domain tags can tell, and never
 * less. What both stages translated together belongs to stage 1: software that changes stage 2
 * below it has to say so for stage 1 too, because hardware may keep the two as one.
 *
 * <p>Source: IHI 0070, section 4.4, TLB invalidation commands; section 4.4.1, Range-based
 * invalidation and level hint.
 */
final class TlbInvalidator {

  private final IommuState state;
  private final SeenTags seen;

  TlbInvalidator(IommuState state, SeenTags seen) {
    this.state = state;
    this.seen = seen;
  }

  private IommuInvalidator core() {
    return state.invalidator();
  }

  void all() {
    seen.forget();
    core().invalidateAll();
  }

  /** Stage 1 of a virtual machine, and stage 2 where that is asked for. */
  void machine(SmmuConfiguration c, long dword0, boolean stage2) {
    int vmid = CommandLayout.vmid(dword0);
    if (!c.hasMachines()
        || !c.exactMachines()
        || !seen.forEach(Tags.first(c, vmid), Tags.last(c, vmid), this::wholeDomain)) {
      all();
    } else if (stage2) {
      wholeDomain(Tags.stage2(c, vmid));
    }
  }

  void addressSpace(SmmuConfiguration c, long dword0) {
    int vmid = CommandLayout.vmid(dword0);
    int asid = CommandLayout.asid(dword0);
    if (c.exactMachines()) {
      wholeDomain(Tags.stage1(c, vmid, asid));
    } else {
      all();
    }
  }

  /** Addresses of one address space of stage 1, or of all of a virtual machine. */
  void addresses(SmmuConfiguration c, long dword0, long dword1, boolean everySpace) {
    int vmid = CommandLayout.vmid(dword0);
    long unit = unit(c, dword1);
    long first = CommandLayout.address(dword1) & -unit;
    long size = size(c, dword0, dword1, unit);
    if (!everySpace && !seen.globals() && c.exactMachines()) {
      domain(Tags.stage1(c, vmid, CommandLayout.asid(dword0)), first, size);
    } else if (!c.hasMachines()) {
      everyEndpoint(first, size);
    } else if (!c.exactMachines()
        || !seen.forEach(
            Tags.first(c, vmid), Tags.last(c, vmid), tag -> domain(tag, first, size))) {
      all();
    }
  }

  /** Intermediate addresses of a virtual machine, where they are also what devices use. */
  void intermediateAddresses(SmmuConfiguration c, long dword0, long dword1) {
    if (!c.exactMachines()) {
      all();
      return;
    }
    long unit = unit(c, dword1);
    int tag = Tags.stage2(c, CommandLayout.vmid(dword0));
    long first = CommandLayout.address(dword1) & -unit;
    core().invalidateDomain(tag, first, size(c, dword0, dword1, unit));
  }

  void hypervisor(SmmuConfiguration c) {
    if (!seen.forEach(Tags.hypervisor(c, 0), Tags.lastHypervisor(c), this::wholeDomain)) {
      all();
    }
  }

  void hypervisorAddressSpace(SmmuConfiguration c, long dword0) {
    wholeDomain(Tags.hypervisor(c, CommandLayout.asid(dword0)));
  }

  void hypervisorAddresses(SmmuConfiguration c, long dword0, long dword1, boolean everySpace) {
    long unit = unit(c, dword1);
    long first = CommandLayout.address(dword1) & -unit;
    long size = size(c, dword0, dword1, unit);
    if (!everySpace && !seen.globals()) {
      domain(Tags.hypervisor(c, CommandLayout.asid(dword0)), first, size);
    } else if (!seen.forEach(
        Tags.hypervisor(c, 0), Tags.lastHypervisor(c), tag -> domain(tag, first, size))) {
      all();
    }
  }

  private void wholeDomain(int tag) {
    core().invalidateDomain(tag, 0, 0);
  }

  /** A command's address carries no tag byte: where devices use one, no range can be told. */
  private void domain(int tag, long first, long size) {
    if (seen.topByteIgnored()) {
      wholeDomain(tag);
    } else {
      core().invalidateDomain(tag, first, size);
    }
  }

  private void everyEndpoint(long first, long size) {
    for (Endpoint endpoint : state.endpoints()) {
      if (seen.topByteIgnored()) {
        core().invalidateEndpoint(endpoint);
      } else {
        core().invalidate(endpoint, first, size);
      }
    }
  }

  private static boolean isRange(SmmuConfiguration c, long dword1) {
    return IdentificationLayout.rangeInvalidation(c.idr3()) && CommandLayout.granule(dword1) != 0;
  }

  /** Bytes that an entry covers which the command touches: all of it goes. */
  private static long unit(SmmuConfiguration c, long dword1) {
    if (!isRange(c, dword1)) {
      return TableLayout.largestBlock(c.idr5());
    }
    int granule = CommandLayout.granule(dword1);
    int level = CommandLayout.level(dword1);
    return level == 0
        ? TableLayout.largestBlock(granule, c.outputBits())
        : 1L << TableLayout.shift(granule, level);
  }

  /** Bytes from the first unit on; 0 means to the end of the address space. */
  private static long size(SmmuConfiguration c, long dword0, long dword1, long unit) {
    if (!isRange(c, dword1)) {
      return unit;
    }
    long address = CommandLayout.address(dword1);
    long last = address + (CommandLayout.rangeBytes(dword0, dword1) - 1);
    boolean wraps = Long.compareUnsigned(last, address) < 0;
    return wraps ? 0 : (last | unit - 1) + 1 - (address & -unit);
  }
}
