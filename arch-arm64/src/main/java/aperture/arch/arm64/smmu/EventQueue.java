package aperture.arch.arm64.smmu;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.RecordedFault;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The event queue in guest memory: the SMMU writes it and moves PROD, software reads it and moves
 * CONS. A full queue drops events and says so once, until software acknowledges.
 *
 * <p>Sources: IHI 0070, section 7.2, Event queues; section 7.4, Event queue overflow.
 */
final class EventQueue {

  private final Registers registers;
  private final RegisterView view;
  private final GuestMemory memory;
  private final EventEvidence evidence;

  EventQueue(Registers registers, RegisterView view, GuestMemory memory, EventEvidence evidence) {
    this.registers = registers;
    this.view = view;
    this.memory = memory;
    this.evidence = evidence;
  }

  /** Records an event, or drops it as the hardware would. */
  void record(Endpoint endpoint, IommuFault fault) {
    if (fault.reason() == SmmuV3Faults.NO_EVENT || !view.current().recordsEvents() || aborted()) {
      return;
    }
    int log2 = log2Size();
    long register = registers.get(RegisterName.EVENTQ_PROD);
    long acknowledged = registers.get(RegisterName.EVENTQ_CONS);
    long producer = QueueLayout.position(register, log2);
    if (QueueLayout.full(producer, QueueLayout.position(acknowledged, log2), log2)) {
      boolean toldAlready = ((register ^ acknowledged) & QueueLayout.OVERFLOW) != 0;
      if (!toldAlready) {
        registers.set(RegisterName.EVENTQ_PROD, register ^ QueueLayout.OVERFLOW);
      }
      return;
    }
    long offset = memory.offsetOf(slot(producer, log2), EventLayout.BYTES);
    if (offset < 0) {
      registers.set(
          RegisterName.GERROR,
          registers.get(RegisterName.GERROR) ^ ControlLayout.EVENT_QUEUE_ABORT);
      return;
    }
    write(offset, endpoint, fault);
    // The record is whole before PROD says that it is there.
    VarHandle.releaseFence();
    registers.set(
        RegisterName.EVENTQ_PROD,
        register & QueueLayout.OVERFLOW | QueueLayout.next(producer, log2));
  }

  /** The events that software has not consumed, oldest first. */
  List<RecordedFault> pending() {
    int log2 = log2Size();
    long consumer = QueueLayout.position(registers.get(RegisterName.EVENTQ_CONS), log2);
    long producer = QueueLayout.position(registers.get(RegisterName.EVENTQ_PROD), log2);
    long count = view.current().recordsEvents() ? QueueLayout.used(producer, consumer, log2) : 0;
    List<RecordedFault> faults = new ArrayList<>((int) count);
    for (long i = 0; i < count; i++) {
      long offset = memory.offsetOf(slot(consumer, log2), EventLayout.BYTES);
      if (offset < 0) {
        break;
      }
      faults.add(read(offset, QueueLayout.index(consumer, log2)));
      consumer = QueueLayout.next(consumer, log2);
    }
    return faults;
  }

  private void write(long offset, Endpoint endpoint, IommuFault fault) {
    int number = fault.reason();
    memory.putLe64(offset, EventLayout.identity(number, endpoint.requesterId()));
    if (!SmmuV3Faults.hasInputAddress(number)) {
      memory.putLe64(offset + EventLayout.ATTRIBUTES, 0);
      memory.putLe64(offset + EventLayout.INPUT_ADDRESS, 0);
      memory.putLe64(offset + EventLayout.FETCH_ADDRESS, fetchAddress(fault));
      return;
    }
    evidence.gather(endpoint, fault);
    int stage2Class = SmmuV3Faults.stage2Class(fault.structure());
    boolean stage2 = stage2Class >= 0;
    memory.putLe64(
        offset + EventLayout.ATTRIBUTES, attributes(fault, stage2Class, evidence.privileged()));
    memory.putLe64(offset + EventLayout.INPUT_ADDRESS, fault.iova());
    memory.putLe64(
        offset + EventLayout.FETCH_ADDRESS,
        stage2 && !SmmuV3Faults.hasFetchAddress(number)
            ? EventLayout.intermediateAddress(evidence.intermediate())
            : fetchAddress(fault));
  }

  private static long fetchAddress(IommuFault fault) {
    return SmmuV3Faults.hasFetchAddress(fault.reason())
        ? EventLayout.fetchAddress(fault.structureAddress())
        : 0;
  }

  /**
   * @param stage2Class what stage 2 was asked for, or negative for a fault of stage 1
   */
  private static long attributes(IommuFault fault, int stage2Class, boolean privileged) {
    boolean read = fault.access() == Access.READ;
    if (stage2Class >= 0) {
      boolean tableRead =
          stage2Class == EventLayout.CLASS_TABLE && fault.reason() == SmmuV3Faults.F_PERMISSION;
      return EventLayout.attributes(read, privileged, stage2Class)
          | EventLayout.STAGE_2
          | (tableRead ? EventLayout.TABLE_READ : 0);
    }
    // Stage 1 cannot read a table: that is what it did; everything else concerns the input.
    boolean reading = fault.reason() == SmmuV3Faults.F_WALK_EABT;
    return EventLayout.attributes(
        read, privileged, reading ? EventLayout.CLASS_TABLE : EventLayout.CLASS_INPUT);
  }

  private RecordedFault read(long offset, long index) {
    long identity = memory.getLe64(offset);
    int number = EventLayout.number(identity);
    boolean input = SmmuV3Faults.hasInputAddress(number);
    long attributes = input ? memory.getLe64(offset + EventLayout.ATTRIBUTES) : 0;
    boolean read = !input || EventLayout.read(attributes);
    long address = input ? memory.getLe64(offset + EventLayout.INPUT_ADDRESS) : 0;
    return new RecordedFault(
        EventLayout.streamId(identity),
        address,
        read ? Access.READ : Access.WRITE,
        number,
        "event queue entry " + index + stage2(number, attributes, offset));
  }

  /** What an event of stage 2 says beyond others, for people. */
  private String stage2(int number, long attributes, long offset) {
    if ((attributes & EventLayout.STAGE_2) == 0) {
      return "";
    }
    return ": stage 2 of %s, %s 0x%x"
        .formatted(
            EventLayout.className(attributes),
            SmmuV3Faults.hasFetchAddress(number) ? "descriptor at" : "intermediate address",
            memory.getLe64(offset + EventLayout.FETCH_ADDRESS));
  }

  private boolean aborted() {
    long active = registers.get(RegisterName.GERROR) ^ registers.get(RegisterName.GERRORN);
    return (active & ControlLayout.EVENT_QUEUE_ABORT) != 0;
  }

  private int log2Size() {
    return QueueLayout.log2Size(
        registers.get(RegisterName.EVENTQ_BASE),
        IdentificationLayout.eventQueueLog2(view.current().idr1()));
  }

  private long slot(long position, int log2) {
    long base =
        QueueLayout.address(registers.get(RegisterName.EVENTQ_BASE), log2, EventLayout.BYTES);
    return base + QueueLayout.index(position, log2) * EventLayout.BYTES;
  }
}
