package aperture.virtqueue;

import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.virtqueue.QueueFault.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Follows one chain of a split queue: reads each descriptor once, into locals, checks it, and
 * translates its element. Reused; belongs to the queue's worker.
 */
final class ChainTaker {

  /** A driver may make no chain larger: the used length has 32 bits. */
  static final long MAX_BYTES = 0xffff_ffffL;

  private static final int MAX_TABLE_ENTRIES = 65_535;

  /** An indirect table may lie anywhere. */
  private static final int ANY_ALIGNMENT = 1;

  private final DmaSession session;
  private final RingArea descriptors;
  private final RingArea indirect;
  private final int size;
  private final boolean indirectAllowed;
  private @Nullable QueueFault fault;

  ChainTaker(DmaSession session, RingArea descriptors, int size, boolean indirectAllowed) {
    this.session = session;
    this.descriptors = descriptors;
    this.indirect = new RingArea(session.memory());
    this.size = size;
    this.indirectAllowed = indirectAllowed;
  }

  /** Why the last chain was refused. */
  @Nullable QueueFault fault() {
    return fault;
  }

  /**
   * Takes the chain that starts at {@code head}; on FAULT, {@link #fault} says why. On RESTART all
   * of it was looked at nevertheless: whoever must answer is asked for all elements at once.
   */
  TranslateStatus take(int head, DescriptorChain chain) {
    if (head >= size) {
      return refuse(Kind.HEAD_INDEX, head, -1, "of " + size + " entries");
    }
    chain.reset(head);
    RingArea table = descriptors;
    int entries = size;
    int index = head;
    int visited = 0;
    int elements = 0;
    int readableRanges = 0;
    boolean writableSeen = false;
    long readable = 0;
    long writable = 0;
    boolean pending = false;
    while (true) {
      if (visited++ == entries) {
        return refuse(Kind.CHAIN_TOO_LONG, head, index, entries + " descriptors followed");
      }
      int at = SplitRingLayout.descriptor(index);
      long address = table.get64(at + SplitRingLayout.ADDRESS);
      long rest = table.get64(at + SplitRingLayout.LENGTH_FLAGS_NEXT);
      long length = SplitRingLayout.length(rest);
      int flags = SplitRingLayout.flags(rest);
      if ((flags & SplitRingLayout.INDIRECT) != 0) {
        TranslateStatus status = enter(head, index, address, length, flags, table);
        if (status != TranslateStatus.OK) {
          return status;
        }
        table = indirect;
        entries = (int) (length / SplitRingLayout.DESCRIPTOR_SIZE);
        index = 0;
        visited = 0;
        continue;
      }
      boolean write = (flags & SplitRingLayout.WRITE) != 0;
      if (writableSeen && !write) {
        return refuse(Kind.READABLE_AFTER_WRITABLE, head, index, "flags " + flags);
      }
      writableSeen = write;
      if (elements++ == Virtqueues.MAX_ELEMENTS) {
        return refuse(Kind.TOO_MANY_ELEMENTS, head, index, "limit " + Virtqueues.MAX_ELEMENTS);
      }
      if (readable + writable + length > MAX_BYTES) {
        return refuse(Kind.TOTAL_LENGTH, head, index, "element of " + length + " bytes");
      }
      // An element without bytes is tolerated, as there are drivers that post it; nothing lies
      // behind its address.
      if (length != 0) {
        TranslateStatus status =
            write
                ? session.translate(address, length, Access.WRITE, chain.ranges())
                : session.translate(address, length, Access.READ, chain.ranges());
        if (status == TranslateStatus.RESTART) {
          pending = true;
        } else if (status != TranslateStatus.OK) {
          return untranslated(status, head, index);
        }
        if (write) {
          writable += length;
        } else {
          readable += length;
          readableRanges = chain.ranges().count();
        }
      }
      if ((flags & SplitRingLayout.NEXT) == 0) {
        if (pending) {
          return TranslateStatus.RESTART;
        }
        chain.ready(readableRanges, readable, writable);
        return TranslateStatus.OK;
      }
      int next = SplitRingLayout.next(rest);
      if (next >= entries) {
        return refuse(Kind.NEXT_INDEX, head, index, "next " + next + " of " + entries);
      }
      index = next;
    }
  }

  /**
   * Goes on in an indirect table; the flag WRITE of the descriptor that names it has no meaning.
   */
  private TranslateStatus enter(
      int head, int index, long address, long length, int flags, RingArea from) {
    if (!indirectAllowed) {
      return refuse(Kind.INDIRECT_NOT_NEGOTIATED, head, index, "flags " + flags);
    }
    if (from != descriptors) {
      return refuse(Kind.INDIRECT_NESTED, head, index, "flags " + flags);
    }
    if ((flags & SplitRingLayout.NEXT) != 0) {
      return refuse(Kind.INDIRECT_AND_NEXT, head, index, "flags " + flags);
    }
    if (length == 0
        || length % SplitRingLayout.DESCRIPTOR_SIZE != 0
        || length / SplitRingLayout.DESCRIPTOR_SIZE > MAX_TABLE_ENTRIES) {
      return refuse(Kind.INDIRECT_LENGTH, head, index, "length " + length);
    }
    TranslateStatus status = session.translate(address, length, Access.READ, indirect.relocate());
    if (status != TranslateStatus.OK) {
      return untranslated(status, head, index);
    }
    return indirect.located(address, ANY_ALIGNMENT)
        ? TranslateStatus.OK
        : refuse(Kind.TRANSLATION, head, index, "the table does not come in whole pages");
  }

  private TranslateStatus untranslated(TranslateStatus status, int head, int index) {
    if (status == TranslateStatus.FAULT) {
      fault = QueueFaults.untranslated(Kind.TRANSLATION, head, index, session);
    }
    return status;
  }

  private TranslateStatus refuse(Kind kind, int head, int index, String detail) {
    fault = QueueFault.of(kind, head, index, detail);
    return TranslateStatus.FAULT;
  }
}
