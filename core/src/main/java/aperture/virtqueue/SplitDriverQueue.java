package aperture.virtqueue;

import aperture.dma.CoherentBuffer;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.virtqueue.QueueFault.Kind;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The driver half of a split queue: one coherent buffer holds the three areas and, with indirect
 * descriptors, one table for each entry.
 */
final class SplitDriverQueue implements DriverQueue {

  /** Elements that an indirect table has room for; longer chains are laid out directly. */
  private static final int TABLE_ELEMENTS = 32;

  private static final int TABLE_BYTES = TABLE_ELEMENTS * SplitRingLayout.DESCRIPTOR_SIZE;

  private final DriverDma dma;
  private final CoherentBuffer buffer;
  private final GuestBuffer memory;
  private final int size;
  private final int mask;
  private final boolean indirect;
  private final boolean eventIndex;
  private final long available;
  private final long used;
  private final long tables;

  private final int[] chainLength;
  private final long[] writable;
  private final int[] nextFree;
  private int firstFree;
  private int free;
  private int inFlight;
  private short added;
  private short publishedAt;
  private boolean published;
  private short lastUsed;
  private long takenLength;
  private @Nullable QueueFault fault;

  private SplitDriverQueue(
      int size, DriverDma dma, CoherentBuffer buffer, RingFeatures features) {
    this.dma = dma;
    this.buffer = buffer;
    this.memory = buffer.memory();
    this.size = size;
    this.mask = size - 1;
    this.indirect = features.indirect();
    this.eventIndex = features.eventIndex();
    this.available = SplitRingLayout.tableBytes(size);
    this.used = usedAt(size);
    this.tables = tablesAt(size);
    this.chainLength = new int[size];
    this.writable = new long[size];
    this.nextFree = new int[size];
    this.free = size;
    for (int i = 0; i < size; i++) {
      nextFree[i] = i + 1;
    }
  }

  static SplitDriverQueue create(int size, DriverDma dma, RingFeatures features)
      throws DmaException {
    if (size < 1 || size > VirtqueueConfig.MAX_SIZE || Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("queue size " + size + " is not a power of two");
    }
    long bytes = tablesAt(size) + (features.indirect() ? (long) size * TABLE_BYTES : 0);
    return new SplitDriverQueue(size, dma, dma.allocateCoherent(bytes), features);
  }

  private static long usedAt(int size) {
    return align(
        SplitRingLayout.tableBytes(size) + SplitRingLayout.availableBytes(size, true),
        SplitRingLayout.USED_ALIGN);
  }

  private static long tablesAt(int size) {
    return align(
        usedAt(size) + SplitRingLayout.usedBytes(size, true), SplitRingLayout.DESCRIPTOR_ALIGN);
  }

  private static long align(long offset, int alignment) {
    return (offset + alignment - 1) & -alignment;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public QueueAddresses addresses() {
    long base = buffer.address();
    return new QueueAddresses(base, base + available, base + used);
  }

  @Override
  public int add(ChainElements elements) {
    int count = elements.count();
    boolean inTable = indirect && count > 1 && count <= TABLE_ELEMENTS;
    int needed = inTable ? 1 : count;
    if (fault != null || count == 0 || needed > free) {
      return NONE;
    }
    int head = firstFree;
    if (inTable) {
      addTable(head, elements);
    } else {
      addDirect(elements);
    }
    free -= needed;
    inFlight++;
    chainLength[head] = needed;
    writable[head] = writableBytes(elements);
    memory.put16(available + SplitRingLayout.availableEntry(added & mask), (short) head);
    added++;
    return head;
  }

  private static long writableBytes(ChainElements elements) {
    long bytes = 0;
    for (int i = elements.readableCount(); i < elements.count(); i++) {
      bytes += elements.length(i) & 0xffff_ffffL;
    }
    return bytes;
  }

  private void addTable(int head, ChainElements elements) {
    long table = tables + (long) head * TABLE_BYTES;
    int count = elements.count();
    for (int i = 0; i < count; i++) {
      int flags = flags(elements, i, i + 1 < count);
      put(table + SplitRingLayout.descriptor(i), elements, i, flags, i + 1);
    }
    long at = SplitRingLayout.descriptor(head);
    memory.put64(at + SplitRingLayout.ADDRESS, buffer.address() + table);
    memory.put32(at + SplitRingLayout.LENGTH, count * SplitRingLayout.DESCRIPTOR_SIZE);
    memory.put16(at + SplitRingLayout.FLAGS, (short) SplitRingLayout.INDIRECT);
    memory.put16(at + SplitRingLayout.NEXT_INDEX, (short) 0);
    firstFree = nextFree[head];
  }

  private void addDirect(ChainElements elements) {
    int count = elements.count();
    int at = firstFree;
    for (int i = 0; i < count; i++) {
      int next = nextFree[at];
      boolean more = i + 1 < count;
      put(
          SplitRingLayout.descriptor(at), elements, i, flags(elements, i, more), more ? next : 0);
      at = next;
    }
    firstFree = at;
  }

  private static int flags(ChainElements elements, int element, boolean more) {
    return (element < elements.readableCount() ? 0 : SplitRingLayout.WRITE)
        | (more ? SplitRingLayout.NEXT : 0);
  }

  private void put(long at, ChainElements elements, int element, int flags, int next) {
    memory.put64(at + SplitRingLayout.ADDRESS, elements.address(element));
    memory.put32(at + SplitRingLayout.LENGTH, elements.length(element));
    memory.put16(at + SplitRingLayout.FLAGS, (short) flags);
    memory.put16(at + SplitRingLayout.NEXT_INDEX, (short) next);
  }

  @Override
  public boolean publish() {
    short before = publishedAt;
    short now = added;
    if (now == before && published) {
      return false;
    }
    // Pairs with the device's load-acquire of the index: it sees the chains written above.
    memory.storeRelease16(available + SplitRingLayout.RING_INDEX, now);
    publishedAt = now;
    // Pairs with the device's fence between asking for notifications and looking again.
    VarHandle.fullFence();
    if (!eventIndex) {
      published = true;
      return (memory.loadOpaque16(used + SplitRingLayout.RING_FLAGS) & SplitRingLayout.SUPPRESS)
          == 0;
    }
    short event = memory.loadOpaque16(used + SplitRingLayout.availableEvent(size));
    boolean wanted = !published || SplitRingLayout.passed(event, now, before);
    published = true;
    return wanted;
  }

  @Override
  public int take() {
    if (fault != null) {
      return NONE;
    }
    // Pairs with the device's store-release of the index: the element is visible.
    short now = memory.loadAcquire16(used + SplitRingLayout.RING_INDEX);
    int ready = (now - lastUsed) & 0xffff;
    if (ready == 0) {
      return NONE;
    }
    if (ready > inFlight) {
      return fail(Kind.USED_INDEX, -1, "%d used, %d in flight".formatted(ready, inFlight));
    }
    int slot = lastUsed & mask;
    int head = memory.get32(used + SplitRingLayout.usedId(slot));
    long length = memory.get32(used + SplitRingLayout.usedLength(slot)) & 0xffff_ffffL;
    if (head < 0 || head >= size || chainLength[head] == 0) {
      return fail(Kind.USED_NOT_IN_FLIGHT, head, "used id " + head);
    }
    if (length > writable[head]) {
      return fail(
          Kind.USED_LENGTH, head, "%d bytes of %d".formatted(length, writable[head]));
    }
    lastUsed++;
    takenLength = length;
    giveBack(head);
    return head;
  }

  private void giveBack(int head) {
    int last = head;
    for (int i = 1; i < chainLength[head]; i++) {
      last = nextFree[last];
    }
    nextFree[last] = firstFree;
    firstFree = head;
    free += chainLength[head];
    chainLength[head] = 0;
    inFlight--;
  }

  private int fail(Kind kind, int head, String detail) {
    fault = QueueFault.of(kind, head, -1, detail);
    return NONE;
  }

  @Override
  public long takenLength() {
    return takenLength;
  }

  @Override
  public boolean enableInterrupts() {
    if (eventIndex) {
      memory.storeOpaque16(available + SplitRingLayout.usedEvent(size), lastUsed);
    } else {
      memory.storeOpaque16(available + SplitRingLayout.RING_FLAGS, (short) 0);
    }
    // Pairs with the device's fence between using and reading what is written above.
    VarHandle.fullFence();
    return memory.loadAcquire16(used + SplitRingLayout.RING_INDEX) != lastUsed;
  }

  @Override
  public void disableInterrupts() {
    if (eventIndex) {
      // There is no flag: an event that was just passed stays quiet for a whole turn of the index.
      memory.storeOpaque16(available + SplitRingLayout.usedEvent(size), (short) (lastUsed - 1));
    } else {
      memory.storeOpaque16(
          available + SplitRingLayout.RING_FLAGS, (short) SplitRingLayout.SUPPRESS);
    }
  }

  @Override
  public int free() {
    return free;
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  @Override
  public Optional<QueueFault> fault() {
    return Optional.ofNullable(fault);
  }

  @Override
  public void release() {
    dma.freeCoherent(buffer);
  }
}
