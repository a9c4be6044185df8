package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.ECAP;
import static aperture.arch.x86.vtd.VtdRegisters.IQERCD;
import static aperture.arch.x86.vtd.VtdRegisters.VER;

import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;

/**
 * Carries out invalidation descriptors.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 6.5.2, Queued Invalidation Interface.
 */
final class VtdDescriptors {

  /** The descriptor was carried out. */
  static final int DONE = 0;

  /** It was, but the device that it is for did not answer. Other answers are causes of an error. */
  static final int TIME_OUT = -1;

  private final Registers registers;
  private final GuestMemory memory;
  private final VtdEvents events;
  private final VtdInvalidations invalidations;

  VtdDescriptors(IommuState state, VtdEvents events) {
    this.registers = state.registers();
    this.memory = state.memory();
    this.events = events;
    invalidations = new VtdInvalidations(state);
  }

  /**
   * Carries one out.
   *
   * @param scalable whether the unit has scalable mode, which descriptors with a PASID belong to
   * @return {@link #DONE}, {@link #TIME_OUT}, or a cause of {@link QueueErrorLayout}
   */
  int carryOut(long low, long high, boolean scalable) {
    return switch (DescriptorLayout.type(low)) {
      case DescriptorLayout.CONTEXT -> context(low, high);
      case DescriptorLayout.IOTLB -> iotlb(low, high);
      case DescriptorLayout.DEVICE_TLB -> deviceTlb(low, high);
      case DescriptorLayout.INTERRUPT_CACHE -> interrupts(low, high);
      case DescriptorLayout.WAIT -> complete(low, high);
      default -> scalable ? withPasid(low, high) : QueueErrorLayout.TYPE;
    };
  }

  private int withPasid(long low, long high) {
    return switch (DescriptorLayout.type(low)) {
      case DescriptorLayout.PASID_IOTLB -> pasidIotlb(low, high);
      case DescriptorLayout.PASID_CACHE -> pasidCache(low, high);
      case DescriptorLayout.PASID_DEVICE_TLB -> pasidDeviceTlb(low, high);
      default -> QueueErrorLayout.TYPE;
    };
  }

  private int context(long low, long high) {
    if ((low & DescriptorLayout.CONTEXT_RESERVED_LOW) != 0
        || (high & DescriptorLayout.CONTEXT_RESERVED_HIGH) != 0) {
      return QueueErrorLayout.RESERVED;
    }
    switch (DescriptorLayout.granularity(low)) {
      case DescriptorLayout.GLOBAL -> invalidations.everything();
      case DescriptorLayout.DOMAIN -> invalidations.contextsOf(DescriptorLayout.domain(low));
      case DescriptorLayout.EXACT ->
          invalidations.device(
              DescriptorLayout.sourceId(low), DescriptorLayout.ignoredFunctionBits(low));
      default -> {
        return QueueErrorLayout.RESERVED;
      }
    }
    return DONE;
  }

  private int iotlb(long low, long high) {
    if ((low & DescriptorLayout.IOTLB_RESERVED_LOW) != 0
        || (high & DescriptorLayout.IOTLB_RESERVED_HIGH) != 0) {
      return QueueErrorLayout.RESERVED;
    }
    return switch (DescriptorLayout.granularity(low)) {
      case DescriptorLayout.GLOBAL -> {
        invalidations.everything();
        yield DONE;
      }
      case DescriptorLayout.DOMAIN -> {
        invalidations.domain(DescriptorLayout.domain(low));
        yield DONE;
      }
      case DescriptorLayout.EXACT -> pages(low, high);
      default -> QueueErrorLayout.RESERVED;
    };
  }

  private int pages(long low, long high) {
    boolean good =
        invalidations.pages(
            DescriptorLayout.domain(low),
            DescriptorLayout.address(high),
            DescriptorLayout.addressMask(high));
    return good ? DONE : QueueErrorLayout.RESERVED;
  }

  /** The translations of a PASID are tagged with its domain and nothing finer. */
  private int pasidIotlb(long low, long high) {
    if ((low & DescriptorLayout.PASID_RESERVED_LOW) != 0
        || (high & DescriptorLayout.IOTLB_RESERVED_HIGH) != 0) {
      return QueueErrorLayout.RESERVED;
    }
    return switch (DescriptorLayout.granularity(low)) {
      case DescriptorLayout.DOMAIN -> {
        invalidations.domain(DescriptorLayout.domain(low));
        yield DONE;
      }
      case DescriptorLayout.EXACT -> pages(low, high);
      default -> QueueErrorLayout.RESERVED;
    };
  }

  private int pasidCache(long low, long high) {
    if ((low & DescriptorLayout.PASID_RESERVED_LOW) != 0
        || (high & DescriptorLayout.PASID_CACHE_RESERVED_HIGH) != 0) {
      return QueueErrorLayout.RESERVED;
    }
    switch (DescriptorLayout.granularity(low)) {
      case DescriptorLayout.PASID_CACHE_DOMAIN, DescriptorLayout.PASID_CACHE_ONE ->
          invalidations.domain(DescriptorLayout.domain(low));
      case DescriptorLayout.PASID_CACHE_GLOBAL -> invalidations.everything();
      default -> {
        return QueueErrorLayout.RESERVED;
      }
    }
    return DONE;
  }

  private int deviceTlb(long low, long high) {
    if ((low & DescriptorLayout.DEVICE_TLB_RESERVED_LOW) != 0
        || (high & DescriptorLayout.DEVICE_TLB_RESERVED_HIGH) != 0) {
      return QueueErrorLayout.RESERVED;
    }
    boolean sized = (high & DescriptorLayout.DEVICE_TLB_SIZED) != 0;
    int sourceId = DescriptorLayout.sourceId(low);
    return answer(
        sourceId,
        invalidations.deviceTlb(
            sourceId,
            Requests.NO_PASID,
            false,
            DescriptorLayout.address(high),
            DescriptorLayout.sizeOf(high, sized)));
  }

  private int pasidDeviceTlb(long low, long high) {
    if ((low & DescriptorLayout.PASID_DEVICE_TLB_RESERVED_LOW) != 0
        || (high & DescriptorLayout.PASID_DEVICE_TLB_RESERVED_HIGH) != 0) {
      return QueueErrorLayout.RESERVED;
    }
    boolean sized = (high & DescriptorLayout.PASID_DEVICE_TLB_SIZED) != 0;
    int sourceId = DescriptorLayout.pasidSourceId(low);
    return answer(
        sourceId,
        invalidations.deviceTlb(
            sourceId,
            DescriptorLayout.pasid(low),
            (high & DescriptorLayout.PASID_DEVICE_TLB_GLOBAL) != 0,
            DescriptorLayout.address(high),
            DescriptorLayout.sizeOf(high, sized)));
  }

  private int answer(int sourceId, boolean answered) {
    if (answered || emulated()) {
      return DONE;
    }
    registers.set(IQERCD, QueueErrorLayout.withSilentDevice(registers.get(IQERCD), sourceId));
    return TIME_OUT;
  }

  /** Interrupts are not remapped here, so nothing of theirs is cached. */
  private int interrupts(long low, long high) {
    boolean bad =
        (low & DescriptorLayout.INTERRUPT_RESERVED_LOW) != 0
            || (high & DescriptorLayout.INTERRUPT_RESERVED_HIGH) != 0
            || DescriptorLayout.handleMask(low)
                > CapabilityLayout.maximumHandleMask(registers.get(ECAP));
    return bad && !emulated() ? QueueErrorLayout.RESERVED : DONE;
  }

  private boolean emulated() {
    return CapabilityLayout.emulated(registers.get(VER));
  }

  private int complete(long low, long high) {
    boolean write = (low & DescriptorLayout.WAIT_STATUS_WRITE) != 0;
    boolean interrupt = (low & DescriptorLayout.WAIT_INTERRUPT) != 0;
    if ((low & DescriptorLayout.WAIT_RESERVED_LOW) != 0
        || (high & DescriptorLayout.WAIT_RESERVED_HIGH) != 0
        || !(write || interrupt)) {
      return QueueErrorLayout.RESERVED;
    }
    if (write) {
      long at = memory.offsetOf(high, Integer.BYTES);
      if (at < 0) {
        return QueueErrorLayout.FETCH;
      }
      memory.putLe32(at, DescriptorLayout.statusData(low));
    }
    if (interrupt) {
      events.waitComplete();
    }
    return DONE;
  }
}
