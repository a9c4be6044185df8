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
 * The driver half of a split queue. One coherent buffer holds everything:
 *
 * <pre>
 *   | descriptor table | available ring | used ring | indirect tables, one for each entry |
 * </pre>
 */
final class SplitDriverQueue implements DriverQueue {

  private final DriverDma dma;
  private final CoherentBuffer buffer;
  private final GuestBuffer memory;
  private final int size;
  private final int mask;
  private final boolean eventIndex;
  private final long available;
  private final long used;
  private final DescriptorPool descriptors;

  /** The available index of each chain by its head: tells published chains from others. */
  private final short[] addedAt;

  private int inFlight;
  private short added;
  private short publishedAt;
  private boolean published;
  private short lastUsed;
  private long takenLength;
  private @Nullable QueueFault fault;

  private SplitDriverQueue(
      int size, DriverDma dma, CoherentBuffer buffer, RingFeatures features, int align) {
    this.dma = dma;
    this.buffer = buffer;
    this.memory = buffer.memory();
    this.size = size;
    this.mask = size - 1;
    this.eventIndex = features.eventIndex();
    this.available = SplitRingLayout.tableBytes(size);
    this.used = SplitRingLayout.usedAt(size, align);
    this.descriptors =
        new DescriptorPool(
            memory, buffer.address(), size, features.indirect(), tablesAt(size, align));
    this.addedAt = new short[size];
  }

  /**
   * Makes a queue in one piece.
   *
   * @param align of the used ring, a power of two up to a page
   */
  static SplitDriverQueue create(int size, DriverDma dma, RingFeatures features, int align)
      throws DmaException {
    if (size < 1 || size > VirtqueueConfig.MAX_SIZE || Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("queue size " + size + " is not a power of two");
    }
    long bytes = tablesAt(size, align) + DescriptorPool.tableBytes(size, features.indirect());
    return new SplitDriverQueue(size, dma, dma.allocateCoherent(bytes), features, align);
  }

  private static long tablesAt(int size, int align) {
    long end = (long) SplitRingLayout.usedAt(size, align) + SplitRingLayout.usedBytes(size, true);
    return (end + SplitRingLayout.DESCRIPTOR_ALIGN - 1) & -SplitRingLayout.DESCRIPTOR_ALIGN;
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
    if (fault != null) {
      return NONE;
    }
    int head = descriptors.lay(elements);
    if (head != NONE) {
      inFlight++;
      addedAt[head] = added;
      memory.put16(available + SplitRingLayout.availableEntry(added & mask), (short) head);
      added++;
    }
    return head;
  }

  @Override
  public boolean publish() {
    short before = publishedAt;
    short now = added;
    if (now == before) {
      return false;
    }
    // Pairs with the device's load-acquire of the index: it sees the chains written above.
    memory.storeRelease16(available + SplitRingLayout.RING_INDEX, now);
    publishedAt = now;
    // Pairs with the device's fence between asking for notifications and looking at the index
    // again: either this sees the wish, or the device sees the chains.
    VarHandle.fullFence();
    if (!eventIndex) {
      short flags = memory.loadOpaque16(used + SplitRingLayout.RING_FLAGS);
      return (flags & SplitRingLayout.SUPPRESS) == 0;
    }
    short event = memory.loadOpaque16(used + SplitRingLayout.availableEvent(size));
    // The first time the event may be anything that the device left behind.
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
    int outstanding = (publishedAt - lastUsed) & 0xffff;
    if (ready > outstanding) {
      return fail(Kind.USED_INDEX, -1, "%d used, %d in flight".formatted(ready, outstanding));
    }
    long element = memory.get64(used + SplitRingLayout.usedElement(lastUsed & mask));
    int head = SplitRingLayout.usedId(element);
    long length = SplitRingLayout.usedLength(element);
    if (!descriptors.holds(head) || !isPublished(head)) {
      return fail(
          Kind.USED_NOT_IN_FLIGHT, -1, "used id %s".formatted(Integer.toUnsignedString(head)));
    }
    if (length > descriptors.writable(head)) {
      return fail(
          Kind.USED_LENGTH, head, "%d bytes of %d".formatted(length, descriptors.writable(head)));
    }
    lastUsed++;
    inFlight--;
    takenLength = length;
    descriptors.giveBack(head);
    return head;
  }

  /** At most 32,768 chains are in flight, so half of the index's turn tells before from after. */
  private boolean isPublished(int head) {
    int ago = (publishedAt - addedAt[head]) & 0xffff;
    return ago != 0 && ago <= VirtqueueConfig.MAX_SIZE;
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
    // Pairs with the device's fence between using and reading what is written above: either the
    // device interrupts, or this sees what it used.
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
    return descriptors.free();
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
