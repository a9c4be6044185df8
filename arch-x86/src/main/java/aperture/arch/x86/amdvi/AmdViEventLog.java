package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.AmdViRegisters.DEVTAB;
import static aperture.arch.x86.amdvi.AmdViRegisters.EVTLOG;
import static aperture.arch.x86.amdvi.AmdViRegisters.EVT_HEAD;
import static aperture.arch.x86.amdvi.AmdViRegisters.EVT_TAIL;
import static aperture.arch.x86.amdvi.AmdViRegisters.STATUS;

import aperture.iommu.Access;
import aperture.iommu.IommuFault;
import aperture.iommu.RecordedFault;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;

/**
 * The event log in guest memory: the unit writes events and moves the tail, software reads them and
 * moves the head. A full log stops, and stays stopped until software turns it off, clears the
 * overflow and turns it on again.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 2.5, Event Logging.
 */
final class AmdViEventLog {

  private final Registers registers;
  private final GuestMemory memory;

  AmdViEventLog(Registers registers, GuestMemory memory) {
    this.registers = registers;
    this.memory = memory;
  }

  /** Logs what a request came to. */
  void request(int requesterId, IommuFault fault) {
    if (!fault.recorded()) {
      return;
    }
    int code = EventLayout.code(fault.reason());
    int domain =
        EventLayout.hasDomain(code)
            ? DeviceTable.domain(memory, registers.get(DEVTAB), requesterId)
            : 0;
    boolean write = fault.access() == Access.WRITE;
    write(
        EventLayout.request(fault.reason(), write, requesterId, domain),
        EventLayout.addressesTable(code) ? fault.structureAddress() : fault.iova());
  }

  /** Logs what a command came to. */
  void command(int code, long address) {
    write(EventLayout.command(code), address);
  }

  private void write(long low, long high) {
    long status = registers.get(STATUS);
    if ((status & StatusLayout.EVENTS_RUN) == 0) {
      return;
    }
    long base = registers.get(EVTLOG);
    long tail = RingLayout.position(registers.get(EVT_TAIL), base);
    long next = RingLayout.next(tail, base);
    if (next == RingLayout.position(registers.get(EVT_HEAD), base)) {
      registers.set(
          STATUS,
          status & ~StatusLayout.EVENTS_RUN
              | StatusLayout.EVENT_OVERFLOW
              | StatusLayout.EVENT_INTERRUPT);
      return;
    }
    long at = memory.offsetOf(RingLayout.address(base) + tail, RingLayout.ENTRY_SIZE);
    if (at < 0) {
      return;
    }
    memory.putLe64(at + RingLayout.HIGH, high);
    memory.putLe64(at, low);
    // The event is whole before the tail says that it is there; pairs with software's reads.
    VarHandle.releaseFence();
    registers.set(EVT_TAIL, next);
    registers.set(STATUS, status | StatusLayout.EVENT_INTERRUPT);
  }

  /** The requests' events that software has not consumed, oldest first. */
  List<RecordedFault> pending() {
    List<RecordedFault> found = new ArrayList<>();
    long base = registers.get(EVTLOG);
    long tail = RingLayout.position(registers.get(EVT_TAIL), base);
    long head = RingLayout.position(registers.get(EVT_HEAD), base);
    for (; head != tail; head = RingLayout.next(head, base)) {
      long at = memory.offsetOf(RingLayout.address(base) + head, RingLayout.ENTRY_SIZE);
      if (at < 0) {
        break;
      }
      long low = memory.getLe64(at);
      if (EventLayout.isRequest(low)) {
        found.add(
            new RecordedFault(
                EventLayout.requester(low),
                memory.getLe64(at + RingLayout.HIGH),
                EventLayout.isWrite(low) ? Access.WRITE : Access.READ,
                EventLayout.reason(low),
                "event log entry " + head / RingLayout.ENTRY_SIZE));
      }
    }
    return found;
  }
}
