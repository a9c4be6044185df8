package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;
import static aperture.arch.x86.vtd.VtdRegisters.FSTS;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.RecordedFault;
import aperture.iommu.Registers;
import java.util.ArrayList;
import java.util.List;

/**
 * Primary fault logging: a ring of fault recording registers.
 *
 * <p>While the overflow bit is set nothing is recorded. A requester with a record pending gets no
 * second one. A fault that finds the next register still pending sets the overflow bit and is lost.
 * The pending records are those from the status register's index on, as far as F is set.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 7.2.1, Primary Fault Logging.
 */
final class VtdFaultRecorder {

  private final Registers registers;
  private final VtdEvents events;

  VtdFaultRecorder(Registers registers, VtdEvents events) {
    this.registers = registers;
    this.events = events;
  }

  void record(Endpoint endpoint, IommuFault fault) {
    long status = registers.get(FSTS);
    if (!fault.recorded() || (status & FaultStatusLayout.OVERFLOW) != 0) {
      return;
    }
    int count = CapabilityLayout.faultRecords(registers.get(CAP));
    boolean any = (status & FaultStatusLayout.PENDING) != 0;
    int first = any ? FaultStatusLayout.firstRecord(status) % count : 0;
    for (int i = 0; i < count; i++) {
      int index = (first + i) % count;
      long high = registers.get(VtdRegisters.faultRecordHigh(index));
      if (!FaultRecordLayout.isPending(high)) {
        write(index, endpoint, fault);
        if (!any) {
          registers.set(FSTS, FaultStatusLayout.withFirstRecord(status, index));
        }
        events.fault(FaultStatusLayout.PENDING);
        return;
      }
      if (FaultRecordLayout.sourceId(high) == endpoint.requesterId()) {
        return;
      }
    }
    events.fault(FaultStatusLayout.OVERFLOW);
  }

  private void write(int index, Endpoint endpoint, IommuFault fault) {
    boolean read = fault.access() == Access.READ;
    int pasid = Requests.pasid(endpoint);
    registers.set(VtdRegisters.faultRecordLow(index), FaultRecordLayout.low(fault.iova()));
    registers.set(
        VtdRegisters.faultRecordHigh(index),
        FaultRecordLayout.high(endpoint.requesterId(), read, fault.reason())
            | (pasid == Requests.NO_PASID ? 0 : FaultRecordLayout.pasid(pasid))
            | FaultRecordLayout.addressType(Requests.type(endpoint)));
  }

  /** The pending records, oldest first. */
  List<RecordedFault> pending() {
    List<RecordedFault> found = new ArrayList<>();
    long status = registers.get(FSTS);
    int count = CapabilityLayout.faultRecords(registers.get(CAP));
    int first = FaultStatusLayout.firstRecord(status) % count;
    for (int i = 0; i < count; i++) {
      int index = (first + i) % count;
      long high = registers.get(VtdRegisters.faultRecordHigh(index));
      if (!FaultRecordLayout.isPending(high)) {
        break;
      }
      found.add(
          new RecordedFault(
              FaultRecordLayout.sourceId(high),
              registers.get(VtdRegisters.faultRecordLow(index)),
              FaultRecordLayout.isRead(high) ? Access.READ : Access.WRITE,
              FaultRecordLayout.reason(high),
              VtdRegisters.faultRecord(index)));
    }
    return found;
  }

  /** Software wrote 1 to a record's F bit: it is free, and the index moves to the next pending. */
  void clear(int index) {
    int count = CapabilityLayout.faultRecords(registers.get(CAP));
    if (index < 0 || index >= count) {
      return;
    }
    String name = VtdRegisters.faultRecordHigh(index);
    registers.set(name, registers.get(name) & ~FaultRecordLayout.PENDING);
    long status = registers.get(FSTS);
    int first = FaultStatusLayout.firstRecord(status) % count;
    for (int i = 0; i < count; i++) {
      int next = (first + i) % count;
      if (FaultRecordLayout.isPending(registers.get(VtdRegisters.faultRecordHigh(next)))) {
        registers.set(FSTS, FaultStatusLayout.withFirstRecord(status, next));
        return;
      }
    }
    registers.set(FSTS, status & ~FaultStatusLayout.PENDING);
  }
}
