package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.ECAP;
import static aperture.arch.x86.vtd.VtdRegisters.FSTS;
import static aperture.arch.x86.vtd.VtdRegisters.GSTS;
import static aperture.arch.x86.vtd.VtdRegisters.IQA;
import static aperture.arch.x86.vtd.VtdRegisters.IQERCD;
import static aperture.arch.x86.vtd.VtdRegisters.IQH;
import static aperture.arch.x86.vtd.VtdRegisters.IQT;
import static aperture.arch.x86.vtd.VtdRegisters.VER;

import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;

/**
 * The hardware end of the invalidation queue: fetches descriptors from head to tail and has each
 * carried out before it fetches the next, so that a wait's status says that all before it is done.
 *
 * <p>A descriptor that is not understood, has a reserved bit set or cannot be read stops the queue
 * with the head on it, until software clears the error and moves the tail. A device that does not
 * answer stops the queue behind the descriptor, until software clears the error; the emulated unit
 * takes a device that is not there for one that has nothing to forget.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 6.5.2, Queued Invalidation Interface.
 */
final class VtdInvalidationUnit {

  private static final long STOPPED = FaultStatusLayout.QUEUE_ERROR | FaultStatusLayout.TIME_OUT;

  private final Registers registers;
  private final GuestMemory memory;
  private final VtdEvents events;
  private final VtdDescriptors descriptors;

  VtdInvalidationUnit(IommuState state, VtdEvents events) {
    this.registers = state.registers();
    this.memory = state.memory();
    this.events = events;
    descriptors = new VtdDescriptors(state, events);
  }

  /** Works through the queue; at most once around it. */
  void run() {
    if ((registers.get(GSTS) & CommandLayout.QUEUED_INVALIDATION) == 0
        || (registers.get(FSTS) & STOPPED) != 0) {
      return;
    }
    long iqa = registers.get(IQA);
    int shift = QueueLayout.descriptorShift(iqa);
    int entries = QueueLayout.entries(iqa);
    long base = iqa & QueueLayout.ADDRESS;
    long tail = registers.get(IQT) >>> shift;
    int head = (int) (registers.get(IQH) >>> shift) & entries - 1;
    int cause = tail < entries ? VtdDescriptors.DONE : QueueErrorLayout.TAIL;
    while (cause == VtdDescriptors.DONE && head != tail) {
      cause = fetch(base + ((long) head << shift), QueueLayout.wide(iqa));
      if (cause <= VtdDescriptors.DONE) {
        head = head + 1 & entries - 1;
      }
    }
    registers.set(IQH, (long) head << shift);
    if (cause != VtdDescriptors.DONE) {
      stop(cause);
    }
  }

  private void stop(int cause) {
    boolean emulated = CapabilityLayout.emulated(registers.get(VER));
    if (cause == VtdDescriptors.TIME_OUT) {
      events.fault(FaultStatusLayout.TIME_OUT);
      return;
    }
    if (!emulated) {
      registers.set(IQERCD, QueueErrorLayout.withCause(registers.get(IQERCD), cause));
    }
    events.fault(FaultStatusLayout.QUEUE_ERROR);
  }

  private int fetch(long address, boolean wide) {
    long at = memory.offsetOf(address, wide ? 2 * DescriptorLayout.SIZE : DescriptorLayout.SIZE);
    if (at < 0) {
      return QueueErrorLayout.FETCH;
    }
    if (wide) {
      long upper = at + DescriptorLayout.SIZE;
      if ((memory.getLe64(upper) | memory.getLe64(upper + DescriptorLayout.HIGH)) != 0) {
        return QueueErrorLayout.RESERVED;
      }
    }
    long low = memory.getLe64(at);
    long high = memory.getLe64(at + DescriptorLayout.HIGH);
    boolean scalable = CapabilityLayout.scalable(registers.get(ECAP));
    return descriptors.carryOut(low, high, scalable);
  }
}
