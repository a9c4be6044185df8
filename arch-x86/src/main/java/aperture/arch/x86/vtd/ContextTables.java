package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;

import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** Legacy mode: a context entry for each requester says all. */
final class ContextTables implements AttachmentTables {

  private static final int PAGE = SecondLevelLayout.PAGE_SIZE;
  private static final long NONE = -1;

  private final VtdRegisterFile registers;
  private final GuestMemory memory;
  private final TableChain chains;

  ContextTables(VtdRegisterFile registers, GuestMemory memory, PageAllocator pages) {
    this.registers = registers;
    this.memory = memory;
    chains = new TableChain(memory, pages);
  }

  @Override
  public @Nullable Attachment read(int requesterId) {
    long at = entryAt(requesterId);
    long low = at == NONE ? 0 : memory.getLe64(at);
    if ((low & ContextEntryLayout.PRESENT) == 0) {
      return null;
    }
    long high = memory.getLe64(at + ContextEntryLayout.HIGH);
    Attachment.Type type =
        switch (ContextEntryLayout.translationType(low)) {
          case ContextEntryLayout.TT_SECOND_LEVEL, ContextEntryLayout.TT_DEVICE_TLB ->
              Attachment.Type.TABLES;
          case ContextEntryLayout.TT_PASS_THROUGH -> Attachment.Type.PASS_THROUGH;
          default -> Attachment.Type.OTHER;
        };
    return new Attachment(
        type,
        ContextEntryLayout.domain(high),
        low & SecondLevelLayout.ADDRESS,
        ContextEntryLayout.levels(ContextEntryLayout.widthCode(high)));
  }

  @Override
  public void set(int requesterId, Attachment attachment) throws IommuException {
    long rootAt = rootAt(requesterId);
    if (rootAt == NONE) {
      throw new IommuException("the root table is not in memory");
    }
    if (entryAt(requesterId) == NONE) {
      long table = chains.take(1);
      VarHandle.releaseFence();
      memory.putLe64(rootAt, table | RootEntryLayout.PRESENT);
    }
    int type =
        attachment.type() == Attachment.Type.PASS_THROUGH
            ? ContextEntryLayout.TT_PASS_THROUGH
            : ContextEntryLayout.TT_SECOND_LEVEL;
    long at = entryAt(requesterId);
    memory.putLe64(
        at + ContextEntryLayout.HIGH,
        ContextEntryLayout.high(attachment.domain(), attachment.levels()));
    // The half with the present bit last. A walk that still sees the other half as 0 finds a width
    // that no unit supports, and faults.
    VarHandle.releaseFence();
    memory.putLe64(at, ContextEntryLayout.low(attachment.root(), type));
  }

  @Override
  public long clear(int requesterId) {
    long at = entryAt(requesterId);
    if (at == NONE) {
      return NO_TABLES;
    }
    memory.putLe64(at, 0);
    VarHandle.releaseFence();
    memory.putLe64(at + ContextEntryLayout.HIGH, 0);
    long unlinked = isEmpty(requesterId) ? unlink(requesterId) : NO_TABLES;
    VarHandle.fullFence();
    return unlinked;
  }

  /** Whether a bus's context table is without any present entry. */
  private boolean isEmpty(int requesterId) {
    long at = entryAt(requesterId & ~0xff);
    if (at == NONE) {
      return false;
    }
    for (int i = 0; i < ContextEntryLayout.ENTRIES; i++) {
      if ((memory.getLe64(at + ContextEntryLayout.offset(i)) & ContextEntryLayout.PRESENT) != 0) {
        return false;
      }
    }
    return true;
  }

  private long unlink(int requesterId) {
    long rootAt = rootAt(requesterId);
    long table = memory.getLe64(rootAt) & SecondLevelLayout.ADDRESS;
    memory.putLe64(rootAt, 0);
    return memory.offsetOf(table, PAGE) == NONE ? NO_TABLES : chains.push(table, NO_TABLES);
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
