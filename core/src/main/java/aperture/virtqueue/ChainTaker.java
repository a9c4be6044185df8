package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.memory.GuestMemory;
import aperture.virtqueue.QueueFault.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Follows one chain of a split queue: reads each descriptor once, checks it, translates its element.
 * Reused; belongs to the queue's worker.
 */
final class ChainTaker {

  private static final long MAX_BYTES = 0xffff_ffffL;
  private static final int MAX_TABLE_ENTRIES = 65_535;

  private final DmaSession session;
  private final RingArea descriptors;
  private final RingArea indirect;
  private final int size;
  private final boolean indirectAllowed;
  private @Nullable QueueFault fault;

  ChainTaker(
      DmaSession session,
      GuestMemory memory,
      RingArea descriptors,
      int size,
      boolean indirectAllowed) {
    this.session = session;
    this.descriptors = descriptors;
    this.indirect = new RingArea(memory);
    this.size = size;
    this.indirectAllowed = indirectAllowed;
  }

  /** Why the last chain was refused. */
  @Nullable QueueFault fault() {
    return fault;
  }

  /** Takes the chain that starts at {@code head}; on FAULT, {@link #fault} says why. */
  TranslateStatus take(int head, DescriptorChain chain) {
    chain.reset(head);
    RingArea table = descriptors;
    int entries = size;
    int index = head;
    int visited = 0;
    int elements = 0;
    boolean inTable = false;
    boolean writableSeen = false;
    long readable = 0;
    long writable = 0;
    while (true) {
      if (visited++ == entries) {
        return refuse(Kind.CHAIN_TOO_LONG, head, index, entries + " descriptors followed");
      }
      int at = SplitRingLayout.descriptor(index);
      long address = table.get64(at + SplitRingLayout.ADDRESS);
      long length = table.get32(at + SplitRingLayout.LENGTH) & 0xffff_ffffL;
      int flagsAndNext = table.get32(at + SplitRingLayout.FLAGS_AND_NEXT);
      if ((flagsAndNext & SplitRingLayout.INDIRECT) != 0) {
        TranslateStatus status = enter(head, index, address, length, flagsAndNext, inTable);
        if (status != TranslateStatus.OK) {
          return status;
        }
        table = indirect;
        entries = (int) (length / SplitRingLayout.DESCRIPTOR_SIZE);
        index = 0;
        visited = 0;
        inTable = true;
        continue;
      }
      boolean write = (flagsAndNext & SplitRingLayout.WRITE) != 0;
      if (writableSeen && !write) {
        return refuse(Kind.READABLE_AFTER_WRITABLE, head, index, "flags " + flagsAndNext);
      }
      writableSeen |= write;
      if (elements++ == Virtqueues.MAX_ELEMENTS) {
        return refuse(Kind.TOO_MANY_ELEMENTS, head, index, "limit " + Virtqueues.MAX_ELEMENTS);
      }
      if (readable + writable + length > MAX_BYTES) {
        return refuse(Kind.TOTAL_LENGTH, head, index, "element of " + length + " bytes");
      }
      // An element without bytes is tolerated, as drivers exist that post it; it has no address.
      if (length != 0) {
        TranslateStatus status = element(head, index, address, length, write, chain);
        if (status != TranslateStatus.OK) {
          return status;
        }
      }
      readable += write ? 0 : length;
      writable += write ? length : 0;
      if ((flagsAndNext & SplitRingLayout.NEXT) == 0) {
        chain.ready(readable, writable);
        return TranslateStatus.OK;
      }
      int next = flagsAndNext >>> 16;
      if (next >= entries) {
        return refuse(Kind.NEXT_INDEX, head, index, "next " + next + " of " + entries);
      }
      index = next;
    }
  }

  private TranslateStatus enter(
      int head, int index, long address, long length, int flags, boolean inTable) {
    if (!indirectAllowed) {
      return refuse(Kind.INDIRECT_NOT_NEGOTIATED, head, index, "flags " + (flags & 0xffff));
    }
    if (inTable) {
      return refuse(Kind.INDIRECT_NESTED, head, index, "flags " + (flags & 0xffff));
    }
    if ((flags & SplitRingLayout.NEXT) != 0) {
      return refuse(Kind.INDIRECT_AND_NEXT, head, index, "flags " + (flags & 0xffff));
    }
    if (length == 0
        || length % SplitRingLayout.DESCRIPTOR_SIZE != 0
        || length / SplitRingLayout.DESCRIPTOR_SIZE > MAX_TABLE_ENTRIES) {
      return refuse(Kind.INDIRECT_LENGTH, head, index, "length " + length);
    }
    TranslateStatus status =
        session.translate(address, length, Access.READ, indirect.relocate());
    if (status == TranslateStatus.OK) {
      indirect.located();
    } else if (status == TranslateStatus.FAULT) {
      return untranslated(head, index);
    }
    return status;
  }

  private TranslateStatus element(
      int head, int index, long address, long length, boolean write, DescriptorChain chain) {
    DmaRanges ranges = write ? chain.writableRanges() : chain.readableRanges();
    TranslateStatus status =
        session.translate(address, length, write ? Access.WRITE : Access.READ, ranges);
    return status == TranslateStatus.FAULT ? untranslated(head, index) : status;
  }

  private TranslateStatus untranslated(int head, int index) {
    fault = QueueFaults.untranslated(Kind.TRANSLATION, head, index, session);
    return TranslateStatus.FAULT;
  }

  private TranslateStatus refuse(Kind kind, int head, int index, String detail) {
    fault = QueueFault.of(kind, head, index, detail);
    return TranslateStatus.FAULT;
  }
}
