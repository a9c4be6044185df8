package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.AmdViRegisters.DEVTAB;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.List;

/**
 * The operating system's hand on the device table. Every entry that is nobody's blocks. Used under
 * the lock of the machine's IOMMU.
 *
 * <p>Firmware tells a kernel how many buses there are, and the table is made for them. Nobody tells
 * us: it begins with one bus and doubles when a requester comes that is beyond it.
 */
final class DeviceTable {

  /** Entries for the requesters of bus 0. */
  private static final long FIRST_BYTES = 256L * DeviceEntryLayout.SIZE;

  private static final int PAGE = DeviceTableLayout.PAGE_SIZE;
  private static final long NONE = -1;

  private final AmdViRegisterFile registers;
  private final GuestMemory memory;
  private final PageAllocator pages;

  DeviceTable(AmdViRegisterFile registers, GuestMemory memory, PageAllocator pages) {
    this.registers = registers;
    this.memory = memory;
    this.pages = pages;
  }

  /** Makes the first table and tells the unit. */
  void create() throws IommuException {
    registers.write(DEVTAB, DeviceTableLayout.register(newTable(FIRST_BYTES), FIRST_BYTES));
  }

  /** Quad 0 of a requester's entry; that of a blocked one when the table does not reach it. */
  long quad0(int requesterId) {
    long at = entryAt(requesterId);
    return at == NONE ? DeviceEntryLayout.BLOCKED : memory.getLe64(at);
  }

  /** Domain id in a requester's entry, 0 when the table that a register names does not reach it. */
  static int domain(GuestMemory memory, long devtab, int requesterId) {
    long at = entryAt(memory, devtab, requesterId);
    return at == NONE ? 0 : DeviceEntryLayout.domain(memory.getLe64(at + DeviceEntryLayout.QUAD_1));
  }

  /** Domain id in a requester's entry. */
  int domain(int requesterId) {
    return domain(memory, registers.read(DEVTAB), requesterId);
  }

  /** Whether a requester's entry translates through a page table. */
  boolean translates(int requesterId) {
    long quad0 = quad0(requesterId);
    int levels = DeviceEntryLayout.mode(quad0);
    return DeviceEntryLayout.valid(quad0)
        && DeviceEntryLayout.translationValid(quad0)
        && levels > 0
        && levels <= PageEntryLayout.MAX_LEVELS;
  }

  /** Whether a requester's entry lets everything pass. */
  boolean passes(int requesterId) {
    return quad0(requesterId) == DeviceEntryLayout.passing();
  }

  /** Domain ids that the entries of some endpoints hold. */
  BitSet domains(List<Endpoint> endpoints) {
    BitSet used = new BitSet();
    for (Endpoint endpoint : endpoints) {
      if (translates(endpoint.requesterId()) || passes(endpoint.requesterId())) {
        used.set(domain(endpoint.requesterId()));
      }
    }
    return used;
  }

  /**
   * Makes the table reach a requester.
   *
   * @return whether another table took the place of the old one; the caller invalidates
   * @throws IommuException when memory is used up; nothing changed then
   */
  boolean reach(int requesterId) throws IommuException {
    long devtab = registers.read(DEVTAB);
    long oldBytes = DeviceTableLayout.bytes(devtab);
    long needed = DeviceEntryLayout.offset(requesterId) + DeviceEntryLayout.SIZE;
    if (needed <= oldBytes) {
      return false;
    }
    long bytes = Math.min(Long.highestOneBit(needed - 1) << 1, DeviceTableLayout.MAX_BYTES);
    long table = newTable(bytes);
    long from = memory.offsetOf(DeviceTableLayout.base(devtab), oldBytes);
    long to = memory.offsetOf(table, bytes);
    for (long at = 0; from >= 0 && at < oldBytes; at += Long.BYTES) {
      memory.putLe64(to + at, memory.getLe64(from + at));
    }
    VarHandle.fullFence();
    registers.write(DEVTAB, DeviceTableLayout.register(table, bytes));
    pages.free(DeviceTableLayout.base(devtab), oldBytes);
    return true;
  }

  /** Points a requester's entry to a page table. */
  void set(int requesterId, long root, int levels, int domain) {
    open(requesterId, DeviceEntryLayout.translated(root, levels), domain);
  }

  /** Lets everything of a requester, which was blocked until now, pass. */
  void pass(int requesterId, int domain) {
    open(requesterId, DeviceEntryLayout.passing(), domain);
  }

  private void open(int requesterId, long quad0, int domain) {
    long at = entryAt(requesterId);
    if (at != NONE) {
      memory.putLe64(at + DeviceEntryLayout.QUAD_1, domain);
      // The quad that opens last. A walk that sees it must see the domain.
      VarHandle.releaseFence();
      memory.putLe64(at, quad0);
    }
  }

  /** Blocks a requester. The caller invalidates. */
  void block(int requesterId) {
    long at = entryAt(requesterId);
    if (at != NONE) {
      memory.putLe64(at, DeviceEntryLayout.BLOCKED);
      VarHandle.fullFence();
      memory.putLe64(at + DeviceEntryLayout.QUAD_1, 0);
    }
  }

  private long newTable(long bytes) throws IommuException {
    long table = pages.allocate(bytes, PAGE);
    if (table == PageAllocator.NO_MEMORY) {
      throw new IommuException("no memory for a device table of %d bytes".formatted(bytes));
    }
    long at = memory.offsetOf(table, bytes);
    for (long entry = 0; entry < bytes; entry += DeviceEntryLayout.SIZE) {
      memory.putLe64(at + entry, DeviceEntryLayout.BLOCKED);
    }
    return table;
  }

  private long entryAt(int requesterId) {
    return entryAt(memory, registers.read(DEVTAB), requesterId);
  }

  private static long entryAt(GuestMemory memory, long devtab, int requesterId) {
    long offset = DeviceEntryLayout.offset(requesterId);
    return offset < 0 || offset >= DeviceTableLayout.bytes(devtab)
        ? NONE
        : memory.offsetOf(DeviceTableLayout.base(devtab) + offset, DeviceEntryLayout.SIZE);
  }
}
