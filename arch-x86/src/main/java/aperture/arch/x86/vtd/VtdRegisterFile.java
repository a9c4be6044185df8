package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;
import static aperture.arch.x86.vtd.VtdRegisters.CCMD;
import static aperture.arch.x86.vtd.VtdRegisters.ECAP;
import static aperture.arch.x86.vtd.VtdRegisters.FEADDR;
import static aperture.arch.x86.vtd.VtdRegisters.FECTL;
import static aperture.arch.x86.vtd.VtdRegisters.FEDATA;
import static aperture.arch.x86.vtd.VtdRegisters.FSTS;
import static aperture.arch.x86.vtd.VtdRegisters.GCMD;
import static aperture.arch.x86.vtd.VtdRegisters.GSTS;
import static aperture.arch.x86.vtd.VtdRegisters.ICS;
import static aperture.arch.x86.vtd.VtdRegisters.IECTL;
import static aperture.arch.x86.vtd.VtdRegisters.IOTLB;
import static aperture.arch.x86.vtd.VtdRegisters.IQA;
import static aperture.arch.x86.vtd.VtdRegisters.IQH;
import static aperture.arch.x86.vtd.VtdRegisters.IQT;
import static aperture.arch.x86.vtd.VtdRegisters.IVA;
import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;
import static aperture.arch.x86.vtd.VtdRegisters.VER;

import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;

/**
 * What happens when software writes a register: read-only bits stay, write-one-to-clear bits clear,
 * commands take effect before the write returns.
 *
 * <p>The root table address is in effect as soon as it is written; the command that makes a real
 * unit take it over only drops what was cached. Called under the lock of the machine's IOMMU.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 11.4, Register Descriptions.
 */
final class VtdRegisterFile {

  private final Registers registers;
  private final GuestMemory memory;
  private final IommuState state;
  private final VtdInvalidationUnit queue;
  private final VtdFaultRecorder faults;
  private final VtdEvents events;
  private final VtdInvalidations invalidations;

  VtdRegisterFile(
      IommuState state, VtdInvalidationUnit queue, VtdFaultRecorder faults, VtdEvents events) {
    this.registers = state.registers();
    this.memory = state.memory();
    this.state = state;
    this.queue = queue;
    this.faults = faults;
    this.events = events;
    invalidations = new VtdInvalidations(state);
  }

  /** Power-on values; every register not set here reads 0. */
  void reset(int width, TranslationMode mode) {
    registers.set(VER, CapabilityLayout.VERSION);
    registers.set(CAP, CapabilityLayout.capability(width));
    registers.set(ECAP, CapabilityLayout.extendedCapability(mode));
    registers.set(FECTL, FaultStatusLayout.EVENT_MASKED);
    registers.set(IECTL, FaultStatusLayout.EVENT_MASKED);
  }

  long read(String name) {
    return registers.get(name);
  }

  /** Writes a register; one that software cannot write stays as it is. */
  void write(String name, long value) {
    switch (name) {
      case GCMD -> command(value);
      case RTADDR -> registers.set(RTADDR, value & RootAddressLayout.WRITABLE);
      case IQA -> registers.set(IQA, value & QueueLayout.IQA_WRITABLE);
      case IQT -> {
        registers.set(IQT, value & QueueLayout.IQT_WRITABLE);
        queue.run();
      }
      case CCMD, IOTLB -> invalidate(name, value);
      case IVA -> registers.set(IVA, value & DescriptorLayout.IVA_WRITABLE);
      case FSTS -> status(value & FaultStatusLayout.WRITE_ONE_TO_CLEAR);
      case ICS -> clearOnes(ICS, value & FaultStatusLayout.WAIT_COMPLETE);
      case FECTL, IECTL -> control(name, value);
      case FEDATA -> registers.set(FEDATA, value & FaultStatusLayout.EVENT_DATA);
      case FEADDR -> registers.set(FEADDR, value & FaultStatusLayout.EVENT_ADDRESS);
      default -> {}
    }
  }

  /** Writes the high half of a fault recording register: 1 in F frees it. */
  void writeFaultRecord(int index, long high) {
    if (FaultRecordLayout.isPending(high)) {
      faults.clear(index);
      events.serviced();
    }
  }

  /** Clearing a time-out lets the queue run on; an error of the queue waits for its tail, too. */
  private void status(long ones) {
    boolean timedOut = (registers.get(FSTS) & ones & FaultStatusLayout.TIME_OUT) != 0;
    boolean stopped = (registers.get(FSTS) & FaultStatusLayout.QUEUE_ERROR) != 0;
    clearOnes(FSTS, ones);
    if (timedOut && !stopped) {
      queue.run();
    }
  }

  /** The registers that invalidate are out of use while the queue is in use. */
  private void invalidate(String name, long value) {
    if ((registers.get(GSTS) & CommandLayout.QUEUED_INVALIDATION) != 0) {
      return;
    }
    if (name.equals(CCMD)) {
      boolean asked = (value & ContextCommandLayout.INVALIDATE) != 0;
      int done = asked ? contexts(value) : 0;
      registers.set(CCMD, ContextCommandLayout.done(value, done));
    } else {
      boolean asked = (value & IotlbLayout.INVALIDATE) != 0;
      int done = asked ? translations(value) : 0;
      registers.set(IOTLB, IotlbLayout.done(value, done));
    }
  }

  /** Returns the granularity that was done: that of the request, or 0. */
  private int contexts(long value) {
    int granularity = ContextCommandLayout.asked(value);
    switch (granularity) {
      case DescriptorLayout.GLOBAL -> invalidations.everything();
      case DescriptorLayout.DOMAIN -> invalidations.contextsOf(ContextCommandLayout.domain(value));
      case DescriptorLayout.EXACT ->
          invalidations.device(
              ContextCommandLayout.sourceId(value),
              DescriptorLayout.ignoredBits(ContextCommandLayout.functionMask(value)));
      default -> {}
    }
    return granularity;
  }

  private int translations(long value) {
    int granularity = IotlbLayout.asked(value);
    switch (granularity) {
      case DescriptorLayout.GLOBAL -> invalidations.everything();
      case DescriptorLayout.DOMAIN -> invalidations.domain(IotlbLayout.domain(value));
      case DescriptorLayout.EXACT -> {
        long iva = registers.get(IVA);
        long address = DescriptorLayout.address(iva);
        int mask = DescriptorLayout.addressMask(iva);
        return invalidations.pages(IotlbLayout.domain(value), address, mask) ? granularity : 0;
      }
      default -> {}
    }
    return granularity;
  }

  private void clearOnes(String name, long ones) {
    registers.set(name, registers.get(name) & ~ones);
    events.serviced();
  }

  /** Unmasking sends the pending message. */
  private void control(String name, long value) {
    boolean masked = (value & FaultStatusLayout.EVENT_MASKED) != 0;
    long pending = registers.get(name) & FaultStatusLayout.EVENT_PENDING;
    registers.set(name, masked ? FaultStatusLayout.EVENT_MASKED | pending : 0);
  }

  private void command(long command) {
    long before = registers.get(GSTS);
    long changed = (before ^ command) & CommandLayout.STICKY;
    if ((changed & CommandLayout.QUEUED_INVALIDATION) != 0) {
      queuedInvalidation((command & CommandLayout.QUEUED_INVALIDATION) != 0);
    }
    long oneShot = command & (CommandLayout.ROOT_TABLE | CommandLayout.INTERRUPT_TABLE);
    long switched = changed & ~CommandLayout.QUEUED_INVALIDATION;
    if ((oneShot | switched) != 0) {
      registers.set(GSTS, (registers.get(GSTS) ^ switched) | oneShot);
    }
    if (((oneShot & CommandLayout.ROOT_TABLE) | (changed & CommandLayout.TRANSLATION)) != 0) {
      // Another root, or none: nothing cached before may answer from now on.
      state.invalidator().invalidateAll();
    }
  }

  private void queuedInvalidation(boolean on) {
    if (on) {
      registers.set(IQH, 0);
      registers.set(GSTS, registers.get(GSTS) | CommandLayout.QUEUED_INVALIDATION);
      queue.run();
    } else if (registers.get(IQH) == registers.get(IQT) && lastWasWait()) {
      registers.set(IQH, 0);
      registers.set(GSTS, registers.get(GSTS) & ~CommandLayout.QUEUED_INVALIDATION);
    }
  }

  /** The queue may be turned off only behind a wait, which proves that all is done. */
  private boolean lastWasWait() {
    long iqa = registers.get(IQA);
    long size = 1L << QueueLayout.descriptorShift(iqa);
    long last = registers.get(IQH) - size & QueueLayout.bytes(iqa) - 1;
    long at = memory.offsetOf((iqa & QueueLayout.ADDRESS) + last, size);
    return at >= 0 && DescriptorLayout.type(memory.getLe64(at)) == DescriptorLayout.WAIT;
  }
}
