package aperture.arch.arm64.smmu;

import aperture.iommu.IommuState;
import aperture.iommu.Registers;

/**
 * What happens when software writes a register: acknowledgements, registers that are locked while
 * in use, and commands consumed before the write returns.
 *
 * <p>Source: IHI 0070, section 6.3, Register formats.
 */
final class SmmuV3Hardware {

  private final Registers registers;
  private final CommandConsumer commands;

  SmmuV3Hardware(IommuState state, RegisterView view, SeenTags seen) {
    this.registers = state.registers();
    this.commands = new CommandConsumer(state, view, seen);
  }

  /** Power-on: the identification registers get their values, everything else reads 0. */
  void reset() {
    registers.set(RegisterName.IDR0, IdentificationLayout.IDR0_RESET);
    registers.set(RegisterName.IDR1, IdentificationLayout.IDR1_RESET);
    registers.set(RegisterName.IDR3, IdentificationLayout.IDR3_RESET);
    registers.set(RegisterName.IDR5, IdentificationLayout.IDR5_RESET);
    registers.set(RegisterName.AIDR, IdentificationLayout.AIDR_RESET);
  }

  long read(String name) {
    return registers.get(name);
  }

  void write(String name, long value) {
    long cr0 = registers.get(RegisterName.CR0);
    switch (name) {
      case RegisterName.CR0 -> {
        long taken = ControlLayout.enabled(cr0) ? ControlLayout.whileEnabled(value, cr0) : value;
        registers.set(name, taken);
        registers.set(RegisterName.CR0ACK, taken & ControlLayout.ACKNOWLEDGED);
        commands.consume();
      }
      case RegisterName.GBPA -> {
        if ((value & ControlLayout.BYPASS_UPDATE) != 0) {
          registers.set(name, value & ~ControlLayout.BYPASS_UPDATE);
        }
      }
      case RegisterName.IRQ_CTRL -> {
        registers.set(name, value);
        registers.set(RegisterName.IRQ_CTRLACK, value);
      }
      case RegisterName.STRTAB_BASE, RegisterName.STRTAB_BASE_CFG, RegisterName.CR2 ->
          setUnless(ControlLayout.enabled(cr0), name, value);
      case RegisterName.CMDQ_BASE, RegisterName.CMDQ_CONS ->
          setUnless(ControlLayout.commandsEnabled(cr0), name, value);
      case RegisterName.EVENTQ_BASE, RegisterName.EVENTQ_PROD ->
          setUnless(ControlLayout.eventsEnabled(cr0), name, value);
      case RegisterName.CMDQ_PROD, RegisterName.GERRORN -> {
        registers.set(name, value);
        commands.consume();
      }
      case RegisterName.IDR0,
          RegisterName.IDR1,
          RegisterName.IDR3,
          RegisterName.IDR5,
          RegisterName.AIDR,
          RegisterName.CR0ACK,
          RegisterName.IRQ_CTRLACK,
          RegisterName.GERROR -> {
        // Read only.
      }
      default -> registers.set(name, value);
    }
  }

  private void setUnless(boolean locked, String name, long value) {
    if (!locked) {
      registers.set(name, value);
    }
  }
}
