package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.AmdViRegisters.CMDBUF;
import static aperture.arch.x86.amdvi.AmdViRegisters.CMD_HEAD;
import static aperture.arch.x86.amdvi.AmdViRegisters.CMD_TAIL;
import static aperture.arch.x86.amdvi.AmdViRegisters.CONTROL;
import static aperture.arch.x86.amdvi.AmdViRegisters.EXT_FEATURES;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.memory.GuestMemory;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * The operating system's end of the command buffer: writes commands, ends each batch with a
 * completion wait, and knows from the word that it stores that all is done.
 *
 * <pre>
 *   CMDBUF          two pages: 512 commands
 *   CMDBUF + 8192   word of the completion wait, then nothing
 * </pre>
 *
 * <p>Everything is found again from the registers. Used under the lock of the machine's IOMMU.
 */
final class AmdViCommandBuffer {

  static final int LOG2_COMMANDS = 9;

  private static final long RING_BYTES = (long) RingLayout.ENTRY_SIZE << LOG2_COMMANDS;

  /** What the buffer takes from the page allocator: commands and the page of the word. */
  static final long BYTES = RING_BYTES + PageEntryLayout.PAGE_SIZE;

  private static final Logger LOG = System.getLogger(AmdViCommandBuffer.class.getName());

  private static final long WAITING = 1;
  private static final long DONE = 2;

  /** Pieces of one range after which it is cheaper to drop the whole domain. */
  private static final int MAX_PIECES = 64;

  private final IommuState state;
  private final AmdViRegisterFile registers;
  private final GuestMemory memory;

  AmdViCommandBuffer(IommuState state, AmdViRegisterFile registers) {
    this.state = state;
    this.registers = registers;
    this.memory = state.memory();
  }

  void invalidateEntry(int requesterId) {
    submit(CommandLayout.invalidateEntry(requesterId), 0);
  }

  void invalidateDomain(int domain) {
    submit(CommandLayout.invalidatePages(domain), CommandLayout.everyPage());
  }

  /** Whatever the unit may have cached. */
  void invalidateAll() {
    if (FeatureLayout.invalidateAll(registers.read(EXT_FEATURES))) {
      submit(CommandLayout.invalidateAll(), 0);
      return;
    }
    for (Endpoint endpoint : state.endpoints()) {
      invalidateEntry(endpoint.requesterId());
    }
  }

  /**
   * Invalidates exactly a range: each command takes the largest naturally aligned power of two that
   * still fits.
   */
  void invalidatePages(int domain, long iova, long pages) {
    long low = CommandLayout.invalidatePages(domain);
    long tail = registers.read(CMD_TAIL);
    long left = pages;
    long page = iova >>> PageEntryLayout.PAGE_SHIFT;
    for (int piece = 0; left > 0; piece++) {
      if (piece == MAX_PIECES) {
        invalidateDomain(domain);
        return;
      }
      int fits = Long.SIZE - 1 - Long.numberOfLeadingZeros(left);
      int log2 = Math.min(Long.numberOfTrailingZeros(page), fits);
      tail = put(tail, low, CommandLayout.pages(page << PageEntryLayout.PAGE_SHIFT, log2));
      page += 1L << log2;
      left -= 1L << log2;
    }
    finish(tail);
  }

  private void submit(long low, long high) {
    finish(put(registers.read(CMD_TAIL), low, high));
  }

  /** Writes a command at a tail that the hardware does not know yet; returns the next tail. */
  private long put(long tail, long low, long high) {
    long base = registers.read(CMDBUF);
    long at = memory.offsetOf(RingLayout.address(base) + tail, RingLayout.ENTRY_SIZE);
    if (at >= 0) {
      memory.putLe64(at, low);
      memory.putLe64(at + RingLayout.HIGH, high);
    }
    return RingLayout.next(tail, base);
  }

  /** Adds the wait, hands the batch over, and makes sure that it was carried out. */
  private void finish(long tail) {
    long word = RingLayout.address(registers.read(CMDBUF)) + RING_BYTES;
    long at = memory.offsetOf(word, Long.BYTES);
    if (at >= 0) {
      memory.putLe64(at, WAITING);
      registers.write(CMD_TAIL, put(tail, CommandLayout.waitStore(word), DONE));
      if (memory.getLe64(at) == DONE) {
        return;
      }
    }
    recover();
  }

  /**
   * The hardware stopped in the batch, which only a damaged buffer can cause. What its commands
   * would have invalidated is not known any more, so everything is.
   */
  private void recover() {
    LOG.log(Level.WARNING, "command buffer stopped: everything is invalidated instead");
    long control = registers.read(CONTROL);
    registers.write(CONTROL, control & ~ControlLayout.COMMANDS);
    registers.write(CMD_HEAD, 0);
    registers.write(CMD_TAIL, 0);
    registers.write(CONTROL, control | ControlLayout.COMMANDS);
    state.invalidator().invalidateAll();
  }
}
