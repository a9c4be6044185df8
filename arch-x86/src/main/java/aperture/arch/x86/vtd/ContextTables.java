package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.List;

/**
 * The operating system's hand on the root table and the context tables. Used under the lock of the
 * machine's IOMMU.
 */
final class ContextTables {

  private static final int PAGE = SecondLevelLayout.PAGE_SIZE;
  private static final long NONE = -1;

  private final VtdRegisterFile registers;
  private final GuestMemory memory;
  private final PageAllocator pages;

  ContextTables(VtdRegisterFile registers, GuestMemory memory, PageAllocator pages) {
    this.registers = registers;
    this.memory = memory;
    this.pages = pages;
  }

  /** Low half of a requester's context entry; 0 when it has none that is present. */
  long low(int requesterId) {
    long at = entryAt(requesterId);
    long low = at == NONE ? 0 : memory.getLe64(at);
    return (low & ContextEntryLayout.PRESENT) == 0 ? 0 : low;
  }

  /** High half of a requester's context entry; 0 when it has none. */
  long high(int requesterId) {
    long at = entryAt(requesterId);
    return at == NONE ? 0 : memory.getLe64(at + ContextEntryLayout.HIGH);
  }

  /** Whether a requester's context entry passes everything through. */
  boolean passesThrough(int requesterId) {
    long low = low(requesterId);
    return low != 0
        && ContextEntryLayout.translationType(low) == ContextEntryLayout.TT_PASS_THROUGH;
  }

  /** Domain ids that the context entries of some endpoints hold. */
  BitSet domains(List<Endpoint> endpoints) {
    BitSet used = new BitSet();
    for (Endpoint endpoint : endpoints) {
      if (low(endpoint.requesterId()) != 0) {
        used.set(ContextEntryLayout.domain(high(endpoint.requesterId())));
      }
    }
    return used;
  }

  /**
   * Makes a requester's context entry present, with a context table if its bus had none.
   *
   * @throws IommuException when memory for the table is used up; nothing changed then
   */
  void set(int requesterId, long low, long high) throws IommuException {
    long rootAt = rootAt(requesterId);
    if (rootAt == NONE) {
      throw new IommuException("the root table is not in memory");
    }
    if (entryAt(requesterId) == NONE) {
      long table = pages.allocate(PAGE, PAGE);
      if (table == PageAllocator.NO_MEMORY) {
        throw new IommuException("no memory for a context table");
      }
      VarHandle.releaseFence();
      memory.putLe64(rootAt, table | RootEntryLayout.PRESENT);
    }
    long at = entryAt(requesterId);
    memory.putLe64(at + ContextEntryLayout.HIGH, high);
    // The half with the present bit last. A walk that still sees the other half as 0 finds a width
    // that no unit supports, and faults.
    VarHandle.releaseFence();
    memory.putLe64(at, low);
  }

  /** Clears a requester's context entry. The caller invalidates. */
  void clear(int requesterId) {
    long at = entryAt(requesterId);
    if (at != NONE) {
      memory.putLe64(at, 0);
      VarHandle.releaseFence();
      memory.putLe64(at + ContextEntryLayout.HIGH, 0);
    }
  }

  /** Whether a bus has a context table without any present entry. */
  boolean isEmpty(int requesterId) {
    long at = entryAt(requesterId & ~0xff);
    if (at == NONE) {
      return false;
    }
    for (int i = 0; i < RootEntryLayout.BUSES; i++) {
      if ((memory.getLe64(at + ContextEntryLayout.offset(i)) & ContextEntryLayout.PRESENT) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Takes an empty context table out of the root table; returns its address for freeing. */
  long unlink(int requesterId) {
    long rootAt = rootAt(requesterId);
    long table = memory.getLe64(rootAt) & SecondLevelLayout.ADDRESS;
    memory.putLe64(rootAt, 0);
    VarHandle.fullFence();
    return table;
  }

  private long rootAt(int requesterId) {
    long root = registers.read(RTADDR) & RootAddressLayout.ADDRESS;
    return memory.offsetOf(root + RootEntryLayout.offset(requesterId), RootEntryLayout.SIZE);
  }

  private long entryAt(int requesterId) {
    long rootAt = rootAt(requesterId);
    long entry = rootAt == NONE ? 0 : memory.getLe64(rootAt);
    if ((entry & RootEntryLayout.PRESENT) == 0) {
      return NONE;
    }
    long table = entry & SecondLevelLayout.ADDRESS;
    return memory.offsetOf(table + ContextEntryLayout.offset(requesterId), ContextEntryLayout.SIZE);
  }
}
