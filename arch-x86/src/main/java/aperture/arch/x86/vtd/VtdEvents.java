package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.FECTL;
import static aperture.arch.x86.vtd.VtdRegisters.FSTS;
import static aperture.arch.x86.vtd.VtdRegisters.ICS;
import static aperture.arch.x86.vtd.VtdRegisters.IECTL;

import aperture.iommu.Registers;

/**
 * The unit's two interrupts. A message that is masked stays pending in the control register; one
 * that is not leaves at once, and nothing of it remains in the registers.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 7.3, Non-Recoverable Fault Event.
 */
final class VtdEvents {

  private final Registers registers;

  VtdEvents(Registers registers) {
    this.registers = registers;
  }

  /** Sets causes in the fault status, and raises the fault event if it had none before. */
  void fault(long causes) {
    long before = registers.get(FSTS);
    registers.set(FSTS, before | causes);
    if ((before & FaultStatusLayout.EVENT_CAUSES) == 0) {
      raise(FECTL);
    }
  }

  /** A wait descriptor asked for its interrupt. */
  void waitComplete() {
    long before = registers.get(ICS);
    if ((before & FaultStatusLayout.WAIT_COMPLETE) == 0) {
      registers.set(ICS, before | FaultStatusLayout.WAIT_COMPLETE);
      raise(IECTL);
    }
  }

  /** Software cleared a cause: a message still pending for none is dropped. */
  void serviced() {
    drop(FECTL, registers.get(FSTS) & FaultStatusLayout.EVENT_CAUSES);
    drop(IECTL, registers.get(ICS) & FaultStatusLayout.WAIT_COMPLETE);
  }

  private void drop(String control, long causes) {
    long value = registers.get(control);
    if (causes == 0 && (value & FaultStatusLayout.EVENT_PENDING) != 0) {
      registers.set(control, value & ~FaultStatusLayout.EVENT_PENDING);
    }
  }

  private void raise(String control) {
    long value = registers.get(control);
    if ((value & FaultStatusLayout.EVENT_MASKED) != 0) {
      registers.set(control, value | FaultStatusLayout.EVENT_PENDING);
    }
  }
}
