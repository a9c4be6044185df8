package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.AmdViRegisters.CMDBUF;
import static aperture.arch.x86.amdvi.AmdViRegisters.CMD_HEAD;
import static aperture.arch.x86.amdvi.AmdViRegisters.CMD_TAIL;
import static aperture.arch.x86.amdvi.AmdViRegisters.EXT_FEATURES;
import static aperture.arch.x86.amdvi.AmdViRegisters.STATUS;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuInvalidator;
import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;

/**
 * The hardware end of the command buffer: fetches commands from head to tail and carries each out
 * before it fetches the next, so that a completion wait says that all before it is done.
 *
 * <p>A command that is not understood, has a reserved bit set or cannot be read is an event, and
 * stops the fetching with the head on it, until software turns commands off and on again.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 2.4, Commands.
 */
final class AmdViCommandProcessor {

  private final IommuState state;
  private final Registers registers;
  private final GuestMemory memory;
  private final IommuInvalidator invalidator;
  private final AmdViEventLog events;

  AmdViCommandProcessor(IommuState state, AmdViEventLog events) {
    this.state = state;
    this.registers = state.registers();
    this.memory = state.memory();
    this.invalidator = state.invalidator();
    this.events = events;
  }

  /** Works through the buffer; at most once around it. */
  void run() {
    if ((registers.get(STATUS) & StatusLayout.COMMANDS_RUN) == 0) {
      return;
    }
    long base = registers.get(CMDBUF);
    long tail = RingLayout.position(registers.get(CMD_TAIL), base);
    long head = RingLayout.position(registers.get(CMD_HEAD), base);
    boolean good = true;
    while (good && head != tail) {
      good = fetch(RingLayout.address(base) + head);
      if (good) {
        head = RingLayout.next(head, base);
      }
    }
    registers.set(CMD_HEAD, head);
    if (!good) {
      registers.set(STATUS, registers.get(STATUS) & ~StatusLayout.COMMANDS_RUN);
    }
  }

  private boolean fetch(long address) {
    long at = memory.offsetOf(address, RingLayout.ENTRY_SIZE);
    if (at < 0) {
      events.command(EventLayout.COMMAND_ERROR, address);
      return false;
    }
    long low = memory.getLe64(at);
    long high = memory.getLe64(at + RingLayout.HIGH);
    if (CommandLayout.malformed(low, high) || !supported(CommandLayout.operation(low))) {
      events.command(EventLayout.ILLEGAL_COMMAND, address);
      return false;
    }
    return execute(low, high);
  }

  /** Whether this unit has a command that comes only with a feature. */
  private boolean supported(int operation) {
    long features = registers.get(EXT_FEATURES);
    return switch (operation) {
      case CommandLayout.PREFETCH -> FeatureLayout.prefetch(features);
      case CommandLayout.COMPLETE_PAGE_REQUEST -> FeatureLayout.pageRequests(features);
      case CommandLayout.INVALIDATE_ALL -> FeatureLayout.invalidateAll(features);
      default -> true;
    };
  }

  private boolean execute(long low, long high) {
    switch (CommandLayout.operation(low)) {
      case CommandLayout.WAIT -> {
        return complete(low, high);
      }
      case CommandLayout.INVALIDATE_ENTRY -> invalidateEntry(CommandLayout.requester(low));
      case CommandLayout.INVALIDATE_PAGES ->
          invalidator.invalidateDomain(
              CommandLayout.domain(low), CommandLayout.address(high), CommandLayout.size(high));
      // A device's own cache of translations: here the same cache as the unit's.
      case CommandLayout.INVALIDATE_DEVICE_TLB -> invalidateRange(low, high);
      case CommandLayout.PREFETCH -> {
        if ((high & CommandLayout.PREFETCH_INVALIDATES) != 0) {
          invalidateRange(low, high);
        }
      }
      case CommandLayout.INVALIDATE_ALL -> invalidator.invalidateAll();
      // Interrupts are not remapped and pages not requested here, so nothing of theirs is kept.
      default -> {}
    }
    return true;
  }

  private void invalidateEntry(int requesterId) {
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() == requesterId) {
        invalidator.invalidateEndpoint(endpoint);
      }
    }
  }

  private void invalidateRange(long low, long high) {
    int requesterId = CommandLayout.requester(low);
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() == requesterId) {
        invalidator.invalidate(endpoint, CommandLayout.address(high), CommandLayout.size(high));
      }
    }
  }

  private boolean complete(long low, long data) {
    if ((low & CommandLayout.WAIT_STORE) != 0) {
      long address = CommandLayout.storeAddress(low);
      long at = memory.offsetOf(address, Long.BYTES);
      if (at < 0) {
        events.command(EventLayout.COMMAND_ERROR, address);
        return false;
      }
      memory.putLe64(at, data);
    }
    if ((low & CommandLayout.WAIT_INTERRUPT) != 0) {
      registers.set(STATUS, registers.get(STATUS) | StatusLayout.WAIT_INTERRUPT);
    }
    return true;
  }
}
