package aperture.arch.arm64.smmu;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import aperture.memory.GuestMemory;
import java.lang.invoke.VarHandle;

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
  private final TlbInvalidator tlb;

  CommandConsumer(IommuState state, RegisterView view, SeenTags seen) {
    this.state = state;
    this.registers = state.registers();
    this.view = view;
    this.memory = state.memory();
    this.tlb = new TlbInvalidator(state, seen);
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
    int opcode = CommandLayout.opcode(dword0);
    if (CommandLayout.namesStream(opcode) && CommandLayout.secure(dword0)) {
      return false;
    }
    if (!exists(c, opcode)) {
      return false;
    }
    switch (opcode) {
      case CommandLayout.CONFIG_STREAM,
          CommandLayout.CONFIG_CONTEXT,
          CommandLayout.CONFIG_CONTEXT_ALL ->
          forget(CommandLayout.streamId(dword0), 0);
      case CommandLayout.CONFIG_STREAM_RANGE ->
          forget(CommandLayout.streamId(dword0), CommandLayout.range(dword1) + 1);
      case CommandLayout.TLB_ALL -> tlb.machine(c, dword0, false);
      case CommandLayout.TLB_ASID -> tlb.addressSpace(c, dword0);
      case CommandLayout.TLB_ADDRESS -> tlb.addresses(c, dword0, dword1, false);
      case CommandLayout.TLB_ADDRESS_ALL_ASIDS -> tlb.addresses(c, dword0, dword1, true);
      case CommandLayout.TLB_EL2_ALL -> tlb.hypervisor(c);
      case CommandLayout.TLB_EL2_ASID -> tlb.hypervisorAddressSpace(c, dword0);
      case CommandLayout.TLB_EL2_ADDRESS -> tlb.hypervisorAddresses(c, dword0, dword1, false);
      case CommandLayout.TLB_EL2_ADDRESS_ALL_ASIDS ->
          tlb.hypervisorAddresses(c, dword0, dword1, true);
      case CommandLayout.TLB_STAGE_1_2_ALL -> tlb.machine(c, dword0, true);
      case CommandLayout.TLB_STAGE_2_ADDRESS -> tlb.intermediateAddresses(c, dword0, dword1);
      case CommandLayout.TLB_NON_SECURE_ALL -> tlb.all();
      case CommandLayout.ATC_INVALIDATE -> forgetRange(dword0, dword1);
      case CommandLayout.PRI_RESPONSE -> {
        return !CommandLayout.responseReserved(dword1);
      }
      case CommandLayout.SYNC -> {
        return complete(c, dword0, dword1);
      }
      default -> {
        // Prefetches bring nothing here, and nothing stalls that could be resumed.
      }
    }
    return true;
  }

  /** Whether this SMMU has a command: some come only with a feature. */
  private static boolean exists(SmmuConfiguration c, int opcode) {
    long idr0 = c.idr0();
    return switch (opcode) {
      case CommandLayout.PREFETCH_CONFIG,
          CommandLayout.PREFETCH_ADDRESS,
          CommandLayout.CONFIG_STREAM,
          CommandLayout.CONFIG_STREAM_RANGE,
          CommandLayout.CONFIG_CONTEXT,
          CommandLayout.CONFIG_CONTEXT_ALL,
          CommandLayout.TLB_NON_SECURE_ALL,
          CommandLayout.SYNC ->
          true;
      case CommandLayout.TLB_ALL,
          CommandLayout.TLB_ASID,
          CommandLayout.TLB_ADDRESS,
          CommandLayout.TLB_ADDRESS_ALL_ASIDS ->
          IdentificationLayout.stage1(idr0);
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

  /** Everything before a SYNC is done already; says so where software asked for a message. */
  private boolean complete(SmmuConfiguration c, long dword0, long dword1) {
    int signal = CommandLayout.signal(dword0);
    long at = CommandLayout.messageAddress(dword1);
    if (signal == CommandLayout.SIGNAL_INTERRUPT
        && at != 0
        && IdentificationLayout.messages(c.idr0())) {
      long offset = at >>> c.outputBits() == 0 ? memory.offsetOf(at, Integer.BYTES) : -1;
      if (offset >= 0) {
        VarHandle.releaseFence();
        memory.putLe32(offset, CommandLayout.messageData(dword0));
      } else {
        raise(ControlLayout.COMMAND_MESSAGE_ABORT);
      }
    }
    return signal != CommandLayout.SIGNAL_RESERVED;
  }

  /** A global error, unless software has yet to acknowledge the last of its kind. */
  private void raise(long error) {
    long raised = registers.get(RegisterName.GERROR);
    if (((raised ^ registers.get(RegisterName.GERRORN)) & error) == 0) {
      registers.set(RegisterName.GERROR, raised ^ error);
    }
  }

  /** Forgets the streams whose ids agree with {@code streamId} above the lowest bits. */
  private void forget(int streamId, int ignoredBits) {
    if (ignoredBits > CommandLayout.RANGE_ALL) {
      tlb.all();
      return;
    }
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() >>> ignoredBits == streamId >>> ignoredBits) {
        state.invalidator().invalidateEndpoint(endpoint);
      }
    }
  }

  /** What a device keeps of its own translations. */
  private void forgetRange(long dword0, long dword1) {
    long size = CommandLayout.atcBytes(dword1);
    long first = CommandLayout.address(dword1) & -size;
    for (Endpoint endpoint : state.endpoints()) {
      if (endpoint.requesterId() == CommandLayout.streamId(dword0)) {
        state.invalidator().invalidate(endpoint, first, size);
      }
    }
  }
}
