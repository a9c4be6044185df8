package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;

import aperture.iommu.IommuException;
import aperture.memory.GuestMemory;
import aperture.memory.PageAllocator;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Scalable mode: a context entry for each requester names a PASID directory of its own, and that
 * one PASID table, whose entry for requests without PASID says how they are translated.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 3.4.3, Scalable Mode Address Translation.
 */
final class PasidTables implements AttachmentTables {

  /** The PASID that stands for requests without one, as kernels have it. */
  private static final int RID_PASID = 0;

  private static final int PAGE = SecondLevelLayout.PAGE_SIZE;
  private static final int TABLES_OF_REQUESTER = 2;
  private static final long NONE = -1;

  private final VtdRegisterFile registers;
  private final GuestMemory memory;
  private final TableChain chains;

  PasidTables(VtdRegisterFile registers, GuestMemory memory, PageAllocator pages) {
    this.registers = registers;
    this.memory = memory;
    chains = new TableChain(memory, pages);
  }

  @Override
  public @Nullable Attachment read(int requesterId) {
    long contextAt = contextAt(contextTable(rootAt(requesterId)), requesterId);
    long context = word(contextAt);
    if ((context & ScalableContextLayout.PRESENT) == 0) {
      return null;
    }
    int pasid =
        ScalableContextLayout.ridPasid(memory.getLe64(contextAt + ScalableContextLayout.WORD_1));
    long table = pasidTable(context, pasid);
    long at =
        table == NONE
            ? NONE
            : memory.offsetOf(table + PasidEntryLayout.offset(pasid), PasidEntryLayout.SIZE);
    long word0 = word(at);
    if ((word0 & PasidEntryLayout.PRESENT) == 0) {
      return new Attachment(Attachment.Type.OTHER, 0, 0, 0);
    }
    Attachment.Type type =
        switch (PasidEntryLayout.type(word0)) {
          case PasidEntryLayout.SECOND_LEVEL -> Attachment.Type.TABLES;
          case PasidEntryLayout.PASS_THROUGH -> Attachment.Type.PASS_THROUGH;
          default -> Attachment.Type.OTHER;
        };
    return new Attachment(
        type,
        PasidEntryLayout.domain(memory.getLe64(at + PasidEntryLayout.WORD_1)),
        word0 & SecondLevelLayout.ADDRESS,
        ContextEntryLayout.levels(PasidEntryLayout.widthCode(word0)));
  }

  @Override
  public void set(int requesterId, Attachment attachment) throws IommuException {
    long rootAt = rootAt(requesterId);
    if (rootAt == NONE) {
      throw new IommuException("the root table is not in memory");
    }
    long contexts = contextTable(rootAt);
    boolean first = contextAt(contexts, requesterId) == NONE;
    long directory = chains.take(TABLES_OF_REQUESTER + (first ? 1 : 0));
    long table = chains.pop(directory);
    long rest = chains.pop(table);
    enter(attachment, directory, table);
    if (first) {
      contexts = rest;
      chains.pop(contexts);
      VarHandle.releaseFence();
      memory.putLe64(rootAt, contexts | RootEntryLayout.PRESENT);
    }
    long at = contextAt(contexts, requesterId);
    memory.putLe64(at + ScalableContextLayout.WORD_1, RID_PASID);
    // The word with the present bit last: all that it leads to is there. Pairs with the walker's
    // reads from the root down.
    VarHandle.releaseFence();
    memory.putLe64(at, ScalableContextLayout.word0(directory, PAGE / PasidDirectoryLayout.SIZE));
  }

  /** Writes the one PASID entry and the one directory entry of tables that nobody reaches yet. */
  private void enter(Attachment attachment, long directory, long table) {
    int type =
        attachment.type() == Attachment.Type.PASS_THROUGH
            ? PasidEntryLayout.PASS_THROUGH
            : PasidEntryLayout.SECOND_LEVEL;
    long at = memory.offsetOf(table + PasidEntryLayout.offset(RID_PASID), PasidEntryLayout.SIZE);
    memory.putLe64(at + PasidEntryLayout.WORD_1, PasidEntryLayout.word1(attachment.domain()));
    memory.putLe64(
        at,
        PasidEntryLayout.word0(
            attachment.root(), type, ContextEntryLayout.widthCodeOf(attachment.levels())));
    long entryAt = memory.offsetOf(directoryEntry(directory, RID_PASID), PasidDirectoryLayout.SIZE);
    memory.putLe64(entryAt, table | PasidDirectoryLayout.PRESENT);
  }

  @Override
  public long clear(int requesterId) {
    long rootAt = rootAt(requesterId);
    long contexts = contextTable(rootAt);
    long at = contextAt(contexts, requesterId);
    if (at == NONE) {
      return NO_TABLES;
    }
    long context = memory.getLe64(at);
    boolean present = (context & ScalableContextLayout.PRESENT) != 0;
    long directory = present ? context & SecondLevelLayout.ADDRESS : NONE;
    long table = present ? pasidTable(context, RID_PASID) : NONE;
    memory.putLe64(at, 0);
    VarHandle.releaseFence();
    memory.putLe64(at + ScalableContextLayout.WORD_1, 0);
    long unlinked = NO_TABLES;
    if (isEmpty(contexts)) {
      memory.putLe64(rootAt, 0);
      unlinked = retire(contexts, unlinked);
    }
    // What a guest damaged may name one table twice; it is given back once.
    if (directory != contexts) {
      unlinked = retire(directory, unlinked);
    }
    if (table != contexts && table != directory) {
      unlinked = retire(table, unlinked);
    }
    VarHandle.fullFence();
    return unlinked;
  }

  /** Adds a table to a chain; its first entry is not present from then on. */
  private long retire(long table, long chain) {
    boolean known = table != NONE && memory.offsetOf(table, PAGE) != NONE;
    return known ? chains.push(table, chain) : chain;
  }

  /** Whether a context table has no present entry. */
  private boolean isEmpty(long contexts) {
    for (int i = 0; i < ScalableContextLayout.ENTRIES; i++) {
      if ((word(contextAt(contexts, i)) & ScalableContextLayout.PRESENT) != 0) {
        return false;
      }
    }
    return true;
  }

  /** Host offset of a requester's half of a root entry. */
  private long rootAt(int requesterId) {
    long root = registers.read(RTADDR) & RootAddressLayout.ADDRESS;
    return memory.offsetOf(
        root + RootEntryLayout.scalableOffset(requesterId), RootEntryLayout.HIGH);
  }

  private long contextTable(long rootAt) {
    long entry = word(rootAt);
    return (entry & RootEntryLayout.PRESENT) == 0 ? NONE : entry & SecondLevelLayout.ADDRESS;
  }

  private long contextAt(long contexts, int requesterId) {
    return contexts == NONE
        ? NONE
        : memory.offsetOf(
            contexts + ScalableContextLayout.offset(requesterId), ScalableContextLayout.SIZE);
  }

  private static long directoryEntry(long directory, int pasid) {
    return directory + (long) PasidDirectoryLayout.index(pasid) * PasidDirectoryLayout.SIZE;
  }

  /** Address of the PASID table that a context entry leads to for a PASID. */
  private long pasidTable(long context, int pasid) {
    if (PasidDirectoryLayout.index(pasid) >= ScalableContextLayout.directoryEntries(context)) {
      return NONE;
    }
    long directory = context & SecondLevelLayout.ADDRESS;
    long entry = word(memory.offsetOf(directoryEntry(directory, pasid), PasidDirectoryLayout.SIZE));
    return (entry & PasidDirectoryLayout.PRESENT) == 0 ? NONE : entry & SecondLevelLayout.ADDRESS;
  }

  /** The first word of an entry; 0, which is not present, where there is none. */
  private long word(long at) {
    return at == NONE ? 0 : memory.getLe64(at);
  }
}
