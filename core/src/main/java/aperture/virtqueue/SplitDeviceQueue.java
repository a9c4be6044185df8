package aperture.virtqueue;

import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.memory.GuestMemory;
import aperture.virtqueue.QueueFault.Kind;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The device half of a split queue. */
final class SplitDeviceQueue implements DeviceQueue {

  private final DmaSession session;
  private final int size;
  private final int mask;
  private final boolean eventIndex;
  private final QueueAddresses addresses;
  private final RingArea descriptors;
  private final RingArea available;
  private final RingArea used;
  private final ChainTaker taker;

  // Plain on purpose: written by the worker only, and state() may be a little behind.
  private long ringGeneration;
  private short lastAvailable;
  private short usedIndex;
  private int inFlight;
  private long chains;
  private boolean suppressed;
  private short testedIndex;
  private boolean tested;
  private volatile @Nullable QueueFault fault;

  private SplitDeviceQueue(VirtqueueConfig config, DmaSession session, RingFeatures features) {
    GuestMemory memory = session.memory();
    this.session = session;
    this.size = config.size();
    this.mask = config.size() - 1;
    this.eventIndex = features.eventIndex();
    this.addresses = config.addresses();
    this.descriptors = new RingArea(memory);
    this.available = new RingArea(memory);
    this.used = new RingArea(memory);
    this.taker = new ChainTaker(session, memory, descriptors, size, features.indirect());
  }

  static SplitDeviceQueue activate(
      VirtqueueConfig config, DmaSession session, RingFeatures features)
      throws QueueConfigurationException {
    int size = config.size();
    if (size < 1 || size > config.maxSize() || Integer.bitCount(size) != 1) {
      throw new QueueConfigurationException(
          "size %d is not a power of two up to %d".formatted(size, config.maxSize()));
    }
    requireAligned(
        "descriptor table", config.addresses().descriptors(), SplitRingLayout.DESCRIPTOR_ALIGN);
    requireAligned("available ring", config.addresses().driver(), SplitRingLayout.AVAILABLE_ALIGN);
    requireAligned("used ring", config.addresses().device(), SplitRingLayout.USED_ALIGN);
    return new SplitDeviceQueue(config, session, features);
  }

  private static void requireAligned(String area, long address, int alignment)
      throws QueueConfigurationException {
    if ((address & (alignment - 1)) != 0) {
      throw new QueueConfigurationException(
          "%s at 0x%x is not aligned to %d".formatted(area, address, alignment));
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public PollResult poll(ChainBatch batch) {
    batch.clear();
    if (fault != null) {
      return PollResult.FAULT;
    }
    if (session.generation() != ringGeneration) {
      TranslateStatus located = locateRings();
      if (located != TranslateStatus.OK) {
        return result(located, null);
      }
    }
    short last = lastAvailable;
    // Pairs with the driver's store-release of the index: what it published before is visible.
    int count = (available.loadAcquire16(SplitRingLayout.RING_INDEX) - last) & 0xffff;
    if (count == 0) {
      return PollResult.EMPTY;
    }
    if (count > size - inFlight) {
      return fail(
          QueueFault.of(
              Kind.AVAILABLE_INDEX,
              -1,
              -1,
              "%d new chains, %d in flight, %d entries".formatted(count, inFlight, size)));
    }
    return take(batch, last, Math.min(count, batch.capacity()));
  }

  private PollResult take(ChainBatch batch, short last, int count) {
    for (int i = 0; i < count; i++) {
      int head =
          available.loadOpaque16(SplitRingLayout.availableEntry((last + i) & mask)) & 0xffff;
      TranslateStatus status =
          head < size ? taker.take(head, batch.chain(i)) : TranslateStatus.FAULT;
      if (status == TranslateStatus.OK) {
        continue;
      }
      if (status == TranslateStatus.FAULT && i > 0) {
        // The good chains before it are served first; the next poll meets it again.
        return taken(batch, last, i);
      }
      batch.clear();
      return result(
          status,
          head < size
              ? taker.fault()
              : QueueFault.of(Kind.HEAD_INDEX, head, -1, "of " + size + " entries"));
    }
    return taken(batch, last, count);
  }

  private PollResult taken(ChainBatch batch, short last, int count) {
    batch.resize(count);
    lastAvailable = (short) (last + count);
    inFlight = inFlight + count;
    return PollResult.CHAINS;
  }

  private PollResult result(TranslateStatus status, @Nullable QueueFault cause) {
    return switch (status) {
      case OK -> PollResult.EMPTY;
      case RESTART -> PollResult.RESTART;
      case REVOKED -> PollResult.REVOKED;
      case FAULT ->
          fail(
              cause == null
                  ? QueueFaults.untranslated(Kind.RING_TRANSLATION, -1, -1, session)
                  : cause);
    };
  }

  private PollResult fail(QueueFault why) {
    fault = why;
    return PollResult.FAULT;
  }

  private TranslateStatus locateRings() {
    long generation = session.generation();
    TranslateStatus status =
        locate(
            descriptors,
            addresses.descriptors(),
            SplitRingLayout.tableBytes(size),
            Access.READ);
    if (status == TranslateStatus.OK) {
      status =
          locate(
              available,
              addresses.driver(),
              SplitRingLayout.availableBytes(size, eventIndex),
              Access.READ);
    }
    if (status == TranslateStatus.OK) {
      status =
          locate(
              used,
              addresses.device(),
              SplitRingLayout.usedBytes(size, eventIndex),
              Access.WRITE);
    }
    if (status == TranslateStatus.OK) {
      ringGeneration = generation;
    }
    return status;
  }

  private TranslateStatus locate(RingArea area, long address, int bytes, Access access) {
    TranslateStatus status = session.translate(address, bytes, access, area.relocate());
    if (status == TranslateStatus.OK) {
      area.located();
    }
    return status;
  }

  @Override
  public boolean publish(ChainBatch batch) {
    short index = usedIndex;
    int done = 0;
    for (int i = 0; i < batch.size(); i++) {
      DescriptorChain chain = batch.chain(i);
      if (chain.isCompleted()) {
        int slot = (index + done) & mask;
        used.put32(SplitRingLayout.usedId(slot), chain.head());
        used.put32(SplitRingLayout.usedLength(slot), (int) chain.usedLength());
        done++;
      } else if (fault == null) {
        fault = QueueFault.of(Kind.MALFORMED_REQUEST, chain.head(), -1, chain.malformedReason());
      }
    }
    batch.clear();
    if (done == 0) {
      return false;
    }
    short now = (short) (index + done);
    usedIndex = now;
    inFlight = inFlight - done;
    chains = chains + done;
    // Pairs with the driver's load-acquire of the index: it sees the elements written above.
    used.storeRelease16(SplitRingLayout.RING_INDEX, now);
    return interruptWanted(now);
  }

  private boolean interruptWanted(short now) {
    // Pairs with the driver's fence between asking for interrupts and looking at the index again.
    VarHandle.fullFence();
    if (!eventIndex) {
      return (available.loadOpaque16(SplitRingLayout.RING_FLAGS) & SplitRingLayout.SUPPRESS) == 0;
    }
    short event = available.loadOpaque16(SplitRingLayout.usedEvent(size));
    boolean wanted = !tested || SplitRingLayout.passed(event, now, testedIndex);
    tested = true;
    testedIndex = now;
    return wanted;
  }

  @Override
  public boolean enableNotifications() {
    suppressed = false;
    if (eventIndex) {
      used.storeOpaque16(SplitRingLayout.availableEvent(size), lastAvailable);
    } else {
      used.storeOpaque16(SplitRingLayout.RING_FLAGS, (short) 0);
    }
    // Pairs with the driver's fence between publishing and reading what is written above.
    VarHandle.fullFence();
    return available.loadAcquire16(SplitRingLayout.RING_INDEX) != lastAvailable;
  }

  @Override
  public void disableNotifications() {
    suppressed = true;
    if (!eventIndex) {
      used.storeOpaque16(SplitRingLayout.RING_FLAGS, (short) SplitRingLayout.SUPPRESS);
    }
  }

  @Override
  public Optional<QueueFault> fault() {
    return Optional.ofNullable(fault);
  }

  @Override
  public void breakQueue(QueueFault why) {
    fault = why;
  }

  @Override
  public QueueState state() {
    return new QueueState(
        size, lastAvailable & 0xffff, usedIndex & 0xffff, inFlight, chains, suppressed);
  }
}
