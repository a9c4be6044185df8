package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.AmdViRegisters.CMDBUF;
import static aperture.arch.x86.amdvi.AmdViRegisters.CMD_HEAD;
import static aperture.arch.x86.amdvi.AmdViRegisters.CMD_TAIL;
import static aperture.arch.x86.amdvi.AmdViRegisters.CONTROL;
import static aperture.arch.x86.amdvi.AmdViRegisters.DEVTAB;
import static aperture.arch.x86.amdvi.AmdViRegisters.EVTLOG;
import static aperture.arch.x86.amdvi.AmdViRegisters.EVT_HEAD;
import static aperture.arch.x86.amdvi.AmdViRegisters.EVT_TAIL;
import static aperture.arch.x86.amdvi.AmdViRegisters.EXT_FEATURES;
import static aperture.arch.x86.amdvi.AmdViRegisters.STATUS;

import aperture.iommu.IommuState;
import aperture.iommu.Registers;

/**
 * What happens when software writes a register: read-only bits stay, write-one-to-clear bits clear,
 * a ring that runs keeps its base, and commands take effect before the write returns.
 *
 * <p>Writes of which the architecture says that what happens is undefined do nothing: a base or a
 * hardware's pointer while its ring runs, a pointer beyond its ring. Called under the lock of the
 * machine's IOMMU.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 3.4, IOMMU MMIO Registers.
 */
final class AmdViRegisterFile {

  private final IommuState state;
  private final Registers registers;
  private final AmdViCommandProcessor commands;

  AmdViRegisterFile(IommuState state, AmdViCommandProcessor commands) {
    this.state = state;
    this.registers = state.registers();
    this.commands = commands;
  }

  /** Power-on values; every register not set here reads 0. */
  void reset() {
    registers.set(EXT_FEATURES, FeatureLayout.RESET);
  }

  long read(String name) {
    return registers.get(name);
  }

  /** Writes a register; one that software cannot write stays as it is. */
  void write(String name, long value) {
    switch (name) {
      case DEVTAB -> registers.set(DEVTAB, value & DeviceTableLayout.WRITABLE);
      case CONTROL -> control(value);
      case STATUS ->
          registers.set(STATUS, registers.get(STATUS) & ~(value & StatusLayout.WRITE_ONE_TO_CLEAR));
      case CMDBUF -> ring(StatusLayout.COMMANDS_RUN, CMDBUF, CMD_HEAD, CMD_TAIL, value);
      case EVTLOG -> ring(StatusLayout.EVENTS_RUN, EVTLOG, EVT_HEAD, EVT_TAIL, value);
      case CMD_HEAD -> {
        if (!runs(StatusLayout.COMMANDS_RUN)) {
          pointer(CMD_HEAD, CMDBUF, value);
        }
      }
      case CMD_TAIL -> {
        pointer(CMD_TAIL, CMDBUF, value);
        commands.run();
      }
      case EVT_HEAD -> pointer(EVT_HEAD, EVTLOG, value);
      case EVT_TAIL -> {
        if (!runs(StatusLayout.EVENTS_RUN)) {
          pointer(EVT_TAIL, EVTLOG, value);
        }
      }
      default -> {}
    }
  }

  private boolean runs(long ring) {
    return (registers.get(STATUS) & ring) != 0;
  }

  private void ring(long run, String base, String head, String tail, long value) {
    long register = RingLayout.writable(value);
    if (!runs(run) && RingLayout.valid(register)) {
      registers.set(base, register);
      registers.set(head, 0);
      registers.set(tail, 0);
    }
  }

  private void pointer(String name, String base, long value) {
    long register = registers.get(base);
    if (RingLayout.inside(value, register)) {
      registers.set(name, RingLayout.position(value, register));
    }
  }

  /**
   * A ring starts when its bit, or the unit's, turns on; an error stops it and needs a new start.
   */
  private void control(long value) {
    long before = registers.get(CONTROL);
    long status = registers.get(STATUS);
    registers.set(CONTROL, value);
    if (!ControlLayout.logsEvents(value)) {
      status &= ~StatusLayout.EVENTS_RUN;
    } else if (!ControlLayout.logsEvents(before) && (status & StatusLayout.EVENT_OVERFLOW) == 0) {
      status |= StatusLayout.EVENTS_RUN;
    }
    if (!ControlLayout.takesCommands(value)) {
      status &= ~StatusLayout.COMMANDS_RUN;
    } else if (!ControlLayout.takesCommands(before)) {
      status |= StatusLayout.COMMANDS_RUN;
    }
    registers.set(STATUS, status);
    if (ControlLayout.enabled(value) != ControlLayout.enabled(before)) {
      // What was answered with the unit off, or on, may not be answered from now on.
      state.invalidator().invalidateAll();
    }
    commands.run();
  }
}
