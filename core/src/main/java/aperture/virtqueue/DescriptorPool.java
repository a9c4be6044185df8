package aperture.virtqueue;

import aperture.dma.GuestBuffer;
import java.util.Arrays;

/**
 * The descriptor table as the driver half keeps it: which descriptors are free, which make up a
 * chain, and one indirect table for each. What it knows lies in its own arrays: the table in guest
 * memory is written and never read back, so nothing that a device scribbles there counts.
 */
final class DescriptorPool {

  /** Elements that an indirect table has room for; longer chains are laid out directly. */
  private static final int TABLE_ELEMENTS = 32;

  private static final int TABLE_BYTES = TABLE_ELEMENTS * SplitRingLayout.DESCRIPTOR_SIZE;
  private static final long MAX_BYTES = 0xffff_ffffL;

  private final GuestBuffer memory;
  private final int size;
  private final boolean indirect;
  private final long tables;
  private final long tablesAddress;

  /** Next free descriptor, or next of the same chain. */
  private final int[] next;

  /** Descriptors of the chain with this head; 0 when none is laid out there. */
  private final int[] length;

  private final long[] writable;
  private int firstFree;
  private int free;

  /**
   * @param memory begins with the descriptor table
   * @param address of {@code memory} for the device
   * @param tables where the indirect tables begin in {@code memory}
   */
  DescriptorPool(GuestBuffer memory, long address, int size, boolean indirect, long tables) {
    this.memory = memory;
    this.size = size;
    this.indirect = indirect;
    this.tables = tables;
    this.tablesAddress = address + tables;
    this.next = new int[size];
    this.length = new int[size];
    this.writable = new long[size];
    this.free = size;
    Arrays.setAll(next, i -> i + 1);
  }

  /** Bytes of the indirect tables. */
  static long tableBytes(int size, boolean indirect) {
    return indirect ? (long) size * TABLE_BYTES : 0;
  }

  int free() {
    return free;
  }

  /**
   * Lays a chain out.
   *
   * @return its head, or {@link DriverQueue#NONE} when too few descriptors are free; a chain of
   *     more elements than the queue has entries never fits, in a table neither
   * @throws IllegalArgumentException when the chain is empty or longer than 2^32 - 1 bytes
   */
  int lay(ChainElements elements) {
    int count = elements.count();
    if (count == 0) {
      throw new IllegalArgumentException("a chain without elements");
    }
    boolean inTable = indirect && count > 1 && count <= TABLE_ELEMENTS;
    int needed = inTable ? 1 : count;
    if (needed > free || count > size) {
      return DriverQueue.NONE;
    }
    long bytesWritable = writableBytes(elements);
    int head = firstFree;
    if (inTable) {
      layTable(head, elements);
    } else {
      layDirect(elements);
    }
    free -= needed;
    length[head] = needed;
    writable[head] = bytesWritable;
    return head;
  }

  private static long writableBytes(ChainElements elements) {
    long readable = 0;
    long writable = 0;
    for (int i = 0; i < elements.count(); i++) {
      long bytes = Integer.toUnsignedLong(elements.length(i));
      if (i < elements.readableCount()) {
        readable += bytes;
      } else {
        writable += bytes;
      }
    }
    if (readable + writable > MAX_BYTES) {
      throw new IllegalArgumentException("a chain of %d bytes".formatted(readable + writable));
    }
    return writable;
  }

  private void layTable(int head, ChainElements elements) {
    long table = (long) head * TABLE_BYTES;
    int count = elements.count();
    for (int i = 0; i < count; i++) {
      boolean more = i + 1 < count;
      put(tables + table + SplitRingLayout.descriptor(i), elements, i, more, more ? i + 1 : 0);
    }
    put(
        SplitRingLayout.descriptor(head),
        tablesAddress + table,
        SplitRingLayout.rest(count * SplitRingLayout.DESCRIPTOR_SIZE, SplitRingLayout.INDIRECT, 0));
    firstFree = next[head];
  }

  private void layDirect(ChainElements elements) {
    int count = elements.count();
    int at = firstFree;
    for (int i = 0; i < count; i++) {
      int following = next[at];
      boolean more = i + 1 < count;
      put(SplitRingLayout.descriptor(at), elements, i, more, more ? following : 0);
      at = following;
    }
    firstFree = at;
  }

  private void put(long at, ChainElements elements, int element, boolean more, int following) {
    int flags =
        (element < elements.readableCount() ? 0 : SplitRingLayout.WRITE)
            | (more ? SplitRingLayout.NEXT : 0);
    put(
        at,
        elements.address(element),
        SplitRingLayout.rest(elements.length(element), flags, following));
  }

  private void put(long at, long address, long rest) {
    memory.put64(at + SplitRingLayout.ADDRESS, address);
    memory.put64(at + SplitRingLayout.LENGTH_FLAGS_NEXT, rest);
  }

  /** Whether a chain with this head is laid out; any number may be asked. */
  boolean holds(int head) {
    return head >= 0 && head < size && length[head] != 0;
  }

  /** Bytes of the writable part of a chain. */
  long writable(int head) {
    return writable[head];
  }

  /** Frees the descriptors of a chain. */
  void giveBack(int head) {
    int last = head;
    for (int i = 1; i < length[head]; i++) {
      last = next[last];
    }
    next[last] = firstFree;
    firstFree = head;
    free += length[head];
    length[head] = 0;
  }
}
