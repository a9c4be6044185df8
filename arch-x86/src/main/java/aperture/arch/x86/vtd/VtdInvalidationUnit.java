package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;
import static aperture.arch.x86.vtd.VtdRegisters.FSTS;
import static aperture.arch.x86.vtd.VtdRegisters.GSTS;
import static aperture.arch.x86.vtd.VtdRegisters.IQA;
import static aperture.arch.x86.vtd.VtdRegisters.IQH;
import static aperture.arch.x86.vtd.VtdRegisters.IQT;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;

/**
 * The hardware end of the invalidation queue: fetches descriptors from head to tail and carries
 * each out before it fetches the next, so that a wait's status says that all before it is done.
 *
 * <p>A descriptor that is not understood, has a reserved bit set or cannot be read stops the queue
 * with the head on it, until software clears the error and moves the tail.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 6.5.2, Queued Invalidation Interface.
 */
final class VtdInvalidationUnit {

  private final IommuState state;
  private final Registers registers;
  private final GuestMemory memory;
  private final IommuInvalidator invalidator;
  private final VtdEvents events;

  VtdInvalidationUnit(IommuState state, VtdEvents events) {
    this.state = state;
    this.registers = state.registers();
    this.memory = state.memory();
    this.invalidator = state.invalidator();
    this.events = events;
  }

  /** Works through the queue; at most once around it. */
  void run() {
    if ((registers.get(GSTS) & CommandLayout.QUEUED_INVALIDATION) == 0
        || (registers.get(FSTS) & FaultStatusLayout.QUEUE_ERROR) != 0) {
      return;
    }
    long iqa = registers.get(IQA);
    int shift = QueueLayout.descriptorShift(iqa);
    int entries = QueueLayout.entries(iqa);
    long base = iqa & QueueLayout.ADDRESS;
    long tail = registers.get(IQT) >>> shift;
    int head = (int) (registers.get(IQH) >>> shift) & entries - 1;
    boolean good = tail < entries;
    while (good && head != tail) {
      good = fetch(base + ((long) head << shift), QueueLayout.wide(iqa));
      if (good) {
        head = head + 1 & entries - 1;
      }
    }
    registers.set(IQH, (long) head << shift);
    if (!good) {
      events.fault(FaultStatusLayout.QUEUE_ERROR);
    }
  }

  private boolean fetch(long address, boolean wide) {
    long at = memory.offsetOf(address, wide ? 2 * DescriptorLayout.SIZE : DescriptorLayout.SIZE);
    if (at < 0) {
      return false;
    }
    if (wide) {
      long upper = at + DescriptorLayout.SIZE;
      if ((memory.getLe64(upper) | memory.getLe64(upper + DescriptorLayout.HIGH)) != 0) {
        return false;
      }
    }
    return execute(memory.getLe64(at), memory.getLe64(at + DescriptorLayout.HIGH));
  }

  private boolean execute(long low, long high) {
    return switch (DescriptorLayout.type(low)) {
      case DescriptorLayout.CONTEXT -> context(low, high);
      case DescriptorLayout.IOTLB -> iotlb(low, high);
      case DescriptorLayout.DEVICE_TLB -> deviceTlb(low, high);
      case DescriptorLayout.WAIT -> complete(low, high);
      // Interrupts are not remapped here, so nothing of theirs is cached.
      case DescriptorLayout.INTERRUPT_CACHE -> true;
      // Descriptors with a PASID belong to scalable mode.
      default -> false;
    };
  }

  private boolean context(long low, long high) {
    if ((low & DescriptorLayout.CONTEXT_RESERVED_LOW) != 0
        || (high & DescriptorLayout.CONTEXT_RESERVED_HIGH) != 0) {
      return false;
    }
    switch (DescriptorLayout.granularity(low)) {
      case DescriptorLayout.GLOBAL -> invalidator.invalidateAll();
      case DescriptorLayout.DOMAIN ->
          invalidator.invalidateDomain(DescriptorLayout.domain(low), 0, 0);
      case DescriptorLayout.EXACT -> {
        int ignored = DescriptorLayout.ignoredFunctionBits(low);
        int sourceId = DescriptorLayout.sourceId(low) | ignored;
        for (Endpoint endpoint : state.endpoints()) {
          if ((endpoint.requesterId() | ignored) == sourceId) {
            invalidator.invalidateEndpoint(endpoint);
          }
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean iotlb(long low, long high) {
    int addressMask = DescriptorLayout.addressMask(high);
    if ((low & DescriptorLayout.IOTLB_RESERVED_LOW) != 0
        || (high & DescriptorLayout.IOTLB_RESERVED_HIGH) != 0) {
      return false;
    }
    switch (DescriptorLayout.granularity(low)) {
      case DescriptorLayout.GLOBAL -> invalidator.invalidateAll();
      case DescriptorLayout.DOMAIN ->
          invalidator.invalidateDomain(DescriptorLayout.domain(low), 0, 0);
      case DescriptorLayout.EXACT -> {
        if (addressMask > CapabilityLayout.maximumAddressMask(registers.get(CAP))) {
          return false;
        }
        long size = (long) SecondLevelLayout.PAGE_SIZE << addressMask;
        invalidator.invalidateDomain(
            DescriptorLayout.domain(low), DescriptorLayout.address(high) & -size, size);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** A device's own cache of translations: here the same cache as the unit's. */
  private boolean deviceTlb(long low, long high) {
    if ((low & DescriptorLayout.DEVICE_TLB_RESERVED_LOW) != 0
        || (high & DescriptorLayout.DEVICE_TLB_RESERVED_HIGH) != 0) {
      return false;
    }
    long address = DescriptorLayout.address(high);
    long size = SecondLevelLayout.PAGE_SIZE;
    if ((high & DescriptorLayout.DEVICE_TLB_SIZED) != 0) {
      int ones = Long.numberOfTrailingZeros(~(address >>> SecondLevelLayout.PAGE_SHIFT));
      int log2 = SecondLevelLayout.PAGE_SHIFT + 1 + ones;
      // No clear bit at all: everything. Size 0 from address 0 says the same to the invalidator.
      size = log2 < Long.SIZE ? 1L << log2 : 0;
      address &= -size;
    }
    int sourceId = DescriptorLayout.sourceId(low);
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() == sourceId) {
        invalidator.invalidate(endpoint, address, size);
      }
    }
    return true;
  }

  private boolean complete(long low, long high) {
    boolean write = (low & DescriptorLayout.WAIT_STATUS_WRITE) != 0;
    boolean interrupt = (low & DescriptorLayout.WAIT_INTERRUPT) != 0;
    if ((low & DescriptorLayout.WAIT_RESERVED_LOW) != 0
        || (high & DescriptorLayout.WAIT_RESERVED_HIGH) != 0
        || !(write || interrupt)) {
      return false;
    }
    if (write) {
      long at = memory.offsetOf(high, Integer.BYTES);
      if (at < 0) {
        return false;
      }
      memory.putLe32(at, DescriptorLayout.statusData(low));
    }
    if (interrupt) {
      events.waitComplete();
    }
    return true;
  }
}
