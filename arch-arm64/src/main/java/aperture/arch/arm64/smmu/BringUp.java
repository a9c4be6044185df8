package aperture.arch.arm64.smmu;

import aperture.iommu.IommuException;
import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import aperture.memory.PageAllocator;

/**
 * Brings the SMMU up as a kernel does at boot: memory for the stream table and the queues, then the
 * registers, each step acknowledged before the next.
 *
 * <p>Source: Linux 6.1, drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c, arm_smmu_init_structures and
 * arm_smmu_device_reset.
 */
final class BringUp {

  /** Stream id bits that one second-level table resolves: a bus number selects a table. */
  static final int SPLIT = 8;

  /** A page of commands: they are consumed while the driver waits, so more would never be used. */
  private static final int COMMAND_LOG2 = 8;

  /** 256 events in 8 KiB: what stays of a storm of faults for people to read. */
  private static final int EVENT_LOG2 = 8;

  private final SmmuV3Hardware hardware;
  private final Registers registers;
  private final PageAllocator pages;
  private final RegisterView view;
  private final CommandWriter commands;

  BringUp(SmmuV3Hardware hardware, IommuState state, RegisterView view, CommandWriter commands) {
    this.hardware = hardware;
    this.registers = state.registers();
    this.pages = state.pages();
    this.view = view;
    this.commands = commands;
  }

  /**
   * @throws IommuException when memory is used up; no register has changed then
   */
  void run() throws IommuException {
    int streamBits = IdentificationLayout.streamIdBits(view.current().idr1());
    long streamBytes = (long) StreamTableLayout.DESCRIPTOR_BYTES << Math.max(0, streamBits - SPLIT);
    long commandBytes = (long) CommandLayout.BYTES << COMMAND_LOG2;
    long eventBytes = (long) EventLayout.BYTES << EVENT_LOG2;
    long streams = allocate(streamBytes);
    long commandQueue = allocate(commandBytes);
    long eventQueue = allocate(eventBytes);
    if (streams < 0 || commandQueue < 0 || eventQueue < 0) {
      free(streams, streamBytes);
      free(commandQueue, commandBytes);
      free(eventQueue, eventBytes);
      throw new IommuException("no memory for the SMMU's stream table and queues");
    }
    if (!registers.has(RegisterName.IDR0)) {
      hardware.reset();
    }
    disable();
    hardware.write(RegisterName.CR1, ControlLayout.WRITE_BACK_INNER_SHAREABLE);
    hardware.write(
        RegisterName.CR2,
        ControlLayout.PRIVATE_TLB_MAINTENANCE | ControlLayout.RECORD_BAD_STREAM_IDS);
    hardware.write(RegisterName.STRTAB_BASE, streams | StreamTableLayout.READ_ALLOCATE);
    hardware.write(
        RegisterName.STRTAB_BASE_CFG, StreamTableLayout.twoLevelConfig(streamBits, SPLIT));
    enableCommands(commandQueue);
    enableEvents(eventQueue);
    hardware.write(
        RegisterName.IRQ_CTRL,
        ControlLayout.EVENT_QUEUE_INTERRUPT | ControlLayout.GLOBAL_ERROR_INTERRUPT);
    enable(ControlLayout.SMMU_ENABLE);
  }

  /** An SMMU that firmware left running first aborts everything, then goes off. */
  private void disable() {
    if (ControlLayout.enabled(hardware.read(RegisterName.CR0))) {
      hardware.write(
          RegisterName.GBPA,
          hardware.read(RegisterName.GBPA)
              | ControlLayout.BYPASS_ABORT
              | ControlLayout.BYPASS_UPDATE);
    }
    hardware.write(RegisterName.CR0, 0);
  }

  private void enableCommands(long queue) {
    hardware.write(RegisterName.CMDQ_BASE, QueueLayout.base(queue, COMMAND_LOG2));
    hardware.write(RegisterName.CMDQ_PROD, 0);
    hardware.write(RegisterName.CMDQ_CONS, 0);
    enable(ControlLayout.COMMAND_QUEUE_ENABLE);
    commands.configAll();
    commands.sync();
    commands.tlbAll();
    commands.sync();
  }

  private void enableEvents(long queue) {
    hardware.write(RegisterName.EVENTQ_BASE, QueueLayout.base(queue, EVENT_LOG2));
    hardware.write(RegisterName.EVENTQ_PROD, 0);
    hardware.write(RegisterName.EVENTQ_CONS, 0);
    enable(ControlLayout.EVENT_QUEUE_ENABLE);
  }

  private void enable(long bits) {
    hardware.write(RegisterName.CR0, hardware.read(RegisterName.CR0) | bits);
  }

  private long allocate(long bytes) {
    // Tables and queues are aligned to their own sizes.
    return pages.allocate(bytes, Math.max(PageAllocator.PAGE_SIZE, bytes));
  }

  private void free(long gpa, long bytes) {
    if (gpa != PageAllocator.NO_MEMORY) {
      pages.free(gpa, bytes);
    }
  }
}
