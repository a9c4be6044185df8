package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;

/**
 * The SMMU's end of the command queue: reads commands between CONS and PROD and turns each into
 * invalidations, complete before CONS passes it. A bad command stops the queue with an error that
 * software must acknowledge.
 *
 * <p>Sources: IHI 0070, section 4, Commands; section 7.1, Command queue errors.
 */
final class CommandConsumer {

  private final IommuState state;
  private final Registers registers;
  private final RegisterView view;
  private final GuestMemory memory;

  CommandConsumer(IommuState state, RegisterView view) {
    this.state = state;
    this.registers = state.registers();
    this.view = view;
    this.memory = state.memory();
  }

  /** Consumes what is there, at most one queue full. */
  void consume() {
    SmmuConfiguration c = view.current();
    if (!ControlLayout.commandsEnabled(c.cr0()) || stopped()) {
      return;
    }
    long base = registers.get(RegisterName.CMDQ_BASE);
    int log2 = QueueLayout.log2Size(base, IdentificationLayout.commandQueueLog2(c.idr1()));
    long first = QueueLayout.address(base, log2, CommandLayout.BYTES);
    long consumer = QueueLayout.position(registers.get(RegisterName.CMDQ_CONS), log2);
    long producer = QueueLayout.position(registers.get(RegisterName.CMDQ_PROD), log2);
    long count = QueueLayout.used(producer, consumer, log2);
    for (long i = 0; i < count; i++) {
      long at = first + QueueLayout.index(consumer, log2) * CommandLayout.BYTES;
      long offset = memory.offsetOf(at, CommandLayout.BYTES);
      if (offset < 0) {
        stop(consumer, CommandLayout.ERROR_ABORT);
        return;
      }
      if (!execute(c, memory.getLe64(offset), memory.getLe64(offset + Long.BYTES))) {
        stop(consumer, CommandLayout.ERROR_ILLEGAL);
        return;
      }
      consumer = QueueLayout.next(consumer, log2);
    }
    registers.set(RegisterName.CMDQ_CONS, consumer);
  }

  private boolean stopped() {
    long active = registers.get(RegisterName.GERROR) ^ registers.get(RegisterName.GERRORN);
    return (active & ControlLayout.COMMAND_QUEUE_ERROR) != 0;
  }

  private void stop(long consumer, int error) {
    registers.set(RegisterName.CMDQ_CONS, QueueLayout.withError(consumer, error));
    registers.set(
        RegisterName.GERROR,
        registers.get(RegisterName.GERROR) ^ ControlLayout.COMMAND_QUEUE_ERROR);
  }

  /** Does what a command says; false when this SMMU has no such command. */
  private boolean execute(SmmuConfiguration c, long dword0, long dword1) {
    if (CommandLayout.secure(dword0)) {
      return false;
    }
    int opcode = CommandLayout.opcode(dword0);
    switch (opcode) {
      case CommandLayout.SYNC, CommandLayout.PREFETCH_CONFIG, CommandLayout.PREFETCH_ADDRESS -> {}
      case CommandLayout.CONFIG_STREAM,
          CommandLayout.CONFIG_CONTEXT,
          CommandLayout.CONFIG_CONTEXT_ALL ->
          forget(CommandLayout.streamId(dword0), 0);
      case CommandLayout.CONFIG_STREAM_RANGE ->
          forget(CommandLayout.streamId(dword0), CommandLayout.range(dword1) + 1);
      case CommandLayout.TLB_ASID ->
          state.invalidator().invalidateDomain(CommandLayout.asid(dword0), 0, 0);
      case CommandLayout.TLB_ADDRESS, CommandLayout.TLB_ADDRESS_ALL_ASIDS ->
          invalidateAddresses(c, dword0, dword1);
      case CommandLayout.TLB_ALL, CommandLayout.TLB_NON_SECURE_ALL ->
          state.invalidator().invalidateAll();
      default -> {
        if (!hasOptional(c, opcode)) {
          return false;
        }
        // None of those keeps anything that could be forgotten apart.
        state.invalidator().invalidateAll();
      }
    }
    return true;
  }

  /** Whether this SMMU has a command that comes only with a feature. */
  private static boolean hasOptional(SmmuConfiguration c, int opcode) {
    long idr0 = c.idr0();
    return switch (opcode) {
      case CommandLayout.TLB_EL2_ALL,
          CommandLayout.TLB_EL2_ASID,
          CommandLayout.TLB_EL2_ADDRESS,
          CommandLayout.TLB_EL2_ADDRESS_ALL_ASIDS ->
          IdentificationLayout.hypervisor(idr0);
      case CommandLayout.TLB_STAGE_1_2_ALL, CommandLayout.TLB_STAGE_2_ADDRESS ->
          IdentificationLayout.stage2(idr0);
      case CommandLayout.ATC_INVALIDATE -> IdentificationLayout.ats(idr0);
      case CommandLayout.PRI_RESPONSE -> IdentificationLayout.pri(idr0);
      case CommandLayout.RESUME, CommandLayout.STALL_TERMINATE ->
          IdentificationLayout.stallModel(idr0) != IdentificationLayout.STALL_NOT_SUPPORTED;
      default -> false;
    };
  }

  /** Forgets the streams whose ids agree with {@code streamId} above the lowest bits. */
  private void forget(int streamId, int ignoredBits) {
    if (ignoredBits > CommandLayout.RANGE_ALL) {
      state.invalidator().invalidateAll();
      return;
    }
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() >>> ignoredBits == streamId >>> ignoredBits) {
        state.invalidator().invalidateEndpoint(endpoint);
      }
    }
  }

  private void invalidateAddresses(SmmuConfiguration c, long dword0, long dword1) {
    long address = CommandLayout.address(dword1);
    long size;
    if (IdentificationLayout.rangeInvalidation(c.idr3()) && CommandLayout.hasRange(dword1)) {
      size = CommandLayout.rangeBytes(dword0, dword1);
    } else {
      // One address means the whole entry that translates it, which may be the largest block.
      size = TableLayout.LARGEST_BLOCK;
      address &= -size;
    }
    if (Long.compareUnsigned(address + (size - 1), address) < 0) {
      size = 0; // To the end of the address space.
    }
    if (CommandLayout.opcode(dword0) == CommandLayout.TLB_ADDRESS) {
      state.invalidator().invalidateDomain(CommandLayout.asid(dword0), address, size);
    } else {
      for (Endpoint endpoint : state.endpoints()) {
        state.invalidator().invalidate(endpoint, address, size);
      }
    }
  }
}
