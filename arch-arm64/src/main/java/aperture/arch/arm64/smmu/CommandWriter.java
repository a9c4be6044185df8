package aperture.arch.arm64.smmu;

import aperture.iommu.IommuState;
import aperture.memory.GuestMemory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.invoke.VarHandle;

/**
 * Software's end of the command queue: writes commands at PROD, and with a SYNC waits until the
 * SMMU has done them. Keeps nothing between two SYNCs that the registers do not say.
 *
 * <p>Sources: IHI 0070, section 4, Commands; Linux 6.1,
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c.
 */
final class CommandWriter {

  private static final Logger LOG = System.getLogger(CommandWriter.class.getName());

  private final SmmuV3Hardware hardware;
  private final IommuState state;
  private final RegisterView view;
  private final GuestMemory memory;
  private long base;
  private int log2;
  private long producer;
  private long consumer;
  private boolean open;
  private boolean lost;

  CommandWriter(SmmuV3Hardware hardware, IommuState state, RegisterView view) {
    this.hardware = hardware;
    this.state = state;
    this.view = view;
    this.memory = state.memory();
  }

  /** One stream's entry changed. */
  void configStream(int streamId, boolean leaf) {
    add(CommandLayout.configStream(streamId), leaf ? 1 : 0);
  }

  /** One stream's context changed. */
  void configContext(int streamId) {
    add(CommandLayout.configContext(streamId), 1);
  }

  /** Every stream's entry changed. */
  void configAll() {
    add(CommandLayout.CONFIG_STREAM_RANGE, CommandLayout.RANGE_ALL);
  }

  void tlbAll() {
    add(CommandLayout.TLB_NON_SECURE_ALL, 0);
  }

  void tlbAsid(int asid) {
    add(CommandLayout.tlbAsid(asid), 0);
  }

  /**
   * A range changed.
   *
   * @param pageShift log2 of the page size of its tables
   * @param level of the entries that changed
   * @param leaf whether only leaves changed, no tables
   */
  void tlbRange(int asid, int pageShift, long address, long size, int level, boolean leaf) {
    if (!IdentificationLayout.rangeInvalidation(view.current().idr3())) {
      tlbAsid(asid);
      return;
    }
    long pages = size >>> pageShift;
    long at = address;
    // Lowest bits first: each command takes up to five significant bits of the page count.
    while (pages > 0) {
      int scale = Long.numberOfTrailingZeros(pages);
      int count = (int) (pages >>> scale) & CommandLayout.LARGEST_NUM - 1;
      add(
          CommandLayout.tlbRange(asid, count, scale),
          CommandLayout.tlbRangeAddress(at, pageShift, level, leaf));
      long taken = (long) count << scale;
      pages -= taken;
      at += taken << pageShift;
    }
  }

  /** Waits for everything since the last time. */
  void sync() {
    add(CommandLayout.SYNC, 0);
    flush();
    open = false;
    if (lost) {
      // Never leave a device on an old page because a queue is broken.
      lost = false;
      LOG.log(
          Level.WARNING,
          "SMMU command queue stopped with error {0}; everything is invalidated instead",
          QueueLayout.error(hardware.read(RegisterName.CMDQ_CONS)));
      state.invalidator().invalidateAll();
    }
  }

  private void add(long dword0, long dword1) {
    if (!open) {
      begin();
    }
    if (QueueLayout.full(producer, consumer, log2)) {
      flush();
    }
    long at = base + QueueLayout.index(producer, log2) * CommandLayout.BYTES;
    long offset = memory.offsetOf(at, CommandLayout.BYTES);
    if (lost || offset < 0) {
      lost = true;
      return;
    }
    memory.putLe64(offset, dword0);
    memory.putLe64(offset + Long.BYTES, dword1);
    producer = QueueLayout.next(producer, log2);
  }

  private void begin() {
    long register = hardware.read(RegisterName.CMDQ_BASE);
    log2 =
        QueueLayout.log2Size(
            register, IdentificationLayout.commandQueueLog2(view.current().idr1()));
    base = QueueLayout.address(register, log2, CommandLayout.BYTES);
    producer = QueueLayout.position(hardware.read(RegisterName.CMDQ_PROD), log2);
    consumer = QueueLayout.position(hardware.read(RegisterName.CMDQ_CONS), log2);
    open = true;
  }

  private void flush() {
    // Tables and commands are whole before PROD says so.
    VarHandle.releaseFence();
    hardware.write(RegisterName.CMDQ_PROD, producer);
    consumer = QueueLayout.position(hardware.read(RegisterName.CMDQ_CONS), log2);
    lost |= consumer != producer;
  }
}
