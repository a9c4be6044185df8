package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.virtqueue.QueueFault.Kind;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The device half of a split queue. */
final class SplitDeviceQueue implements DeviceQueue {

  /**
   * A batch takes no further chain once it covers this much: whoever moves large pieces gets each
   * when it is done, not when all are, and invalidations wait little.
   */
  private static final long BATCH_BYTES = 256L << 10;

  private static final int MOST_HALVINGS = 15;
  private static final int NONE = -1;

  private final int size;
  private final int mask;
  private final boolean eventIndex;
  private final SplitRings rings;
  private final RingArea available;
  private final RingArea used;
  private final ChainTaker taker;
  private final CachedChains cached;

  // Plain on purpose: written by the worker only, and state() may be a little behind.
  private short lastAvailable;
  private short usedIndex;
  private int inFlight;
  private long chains;
  private boolean suppressed;

  /** Heads to take before anything in the ring, and how many of them were taken. */
  private int[] unfinished = {};

  private int redone;

  /** Where to go on once the rings are found; null when that is known. */
  private @Nullable Resumption resumption;

  /**
   * The used index when the driver's wish was looked at last; meaningless before the first time.
   */
  private short testedIndex;

  private boolean tested;

  /** Batches given up in a row, each of which halves the next. */
  private int restarts;

  /** Met behind good chains: the next poll fails with it, whatever the driver does meanwhile. */
  private @Nullable QueueFault pending;

  private volatile @Nullable QueueFault fault;

  private SplitDeviceQueue(VirtqueueConfig config, DmaSession session, RingFeatures features) {
    this.size = config.size();
    this.mask = size - 1;
    this.eventIndex = features.eventIndex();
    this.resumption = config.resumption();
    this.lastAvailable = (short) config.nextAvailable();
    this.rings = new SplitRings(session, config.addresses(), size, eventIndex);
    this.available = rings.available;
    this.used = rings.used;
    this.cached = new CachedChains(session, rings, size);
    this.taker = new ChainTaker(session, rings.descriptors, size, features.indirect());
  }

  static SplitDeviceQueue activate(
      VirtqueueConfig config, DmaSession session, RingFeatures features)
      throws QueueConfigurationException {
    SplitRings.require(config.size(), config.maxSize(), config.addresses());
    return new SplitDeviceQueue(config, session, features);
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
    QueueFault before = pending;
    if (before != null) {
      return fail(before);
    }
    TranslateStatus located = rings.refresh();
    if (located != TranslateStatus.OK) {
      return refused(located, rings.fault());
    }
    Resumption from = resumption;
    if (from != null && !resume(from)) {
      return PollResult.FAULT;
    }
    if (redone < unfinished.length) {
      return takeAgain(batch);
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
    int most = Math.min(count, batch.capacity());
    return take(batch, last, Math.max(1, most >> restarts), most);
  }

  private boolean resume(Resumption from) {
    usedIndex = used.loadOpaque16(SplitRingLayout.RING_INDEX);
    Resumption.Position position = from.from(usedIndex & 0xffff);
    resumption = null;
    lastAvailable = (short) position.nextAvailable();
    unfinished = position.unfinished().stream().mapToInt(Integer::intValue).toArray();
    inFlight = unfinished.length;
    for (int head : unfinished) {
      if (head < 0 || head >= size || inFlight > size) {
        fault = QueueFault.of(Kind.HEAD_INDEX, head, -1, "left by a predecessor");
        return false;
      }
    }
    return true;
  }

  /**
   * Chains that a predecessor took: they are in flight already, and no available entry is spent.
   */
  private PollResult takeAgain(ChainBatch batch) {
    int count = Math.min(unfinished.length - redone, batch.capacity());
    for (int i = 0; i < count; i++) {
      TranslateStatus status = taker.take(unfinished[redone + i], batch.chain(i));
      if (status != TranslateStatus.OK) {
        if (i == 0 || status == TranslateStatus.REVOKED) {
          return refused(status, taker.fault());
        }
        count = i;
      }
    }
    batch.resize(count);
    redone += count;
    restarts = 0;
    return PollResult.CHAINS;
  }

  private PollResult take(ChainBatch batch, short last, int count, int most) {
    long bytes = 0;
    for (int i = 0; i < count; i++) {
      i = cached.take(batch, i, count, last, BATCH_BYTES - bytes);
      bytes += cached.bytes();
      if (i == count || bytes > BATCH_BYTES) {
        return taken(batch, last, i);
      }
      int head = available.get16(SplitRingLayout.availableEntry((last + i) & mask)) & 0xffff;
      DescriptorChain chain = batch.chain(i);
      TranslateStatus status = taker.take(head, chain);
      if (status != TranslateStatus.OK) {
        if (status == TranslateStatus.RESTART) {
          status = lookAhead(batch, last, i + 1, most);
        }
        if (status == TranslateStatus.REVOKED || i == 0) {
          return refused(status, taker.fault());
        }
        // What an answer is awaited for, or what is wrong, is met again at the next poll.
        pending = status == TranslateStatus.FAULT ? taker.fault() : null;
        return taken(batch, last, i);
      }
      bytes += chain.reader().total() + chain.writer().total();
      if (bytes > BATCH_BYTES) {
        return taken(batch, last, i + 1);
      }
    }
    return taken(batch, last, count);
  }

  /**
   * Has the chains behind one that is pending looked at, so that who answers is asked for all at
   * once. Nothing of it is kept: they are taken when their turn comes.
   *
   * @return REVOKED when that was met, which ends the whole batch; else RESTART
   */
  private TranslateStatus lookAhead(ChainBatch batch, short last, int from, int to) {
    for (int i = from; i < to; i++) {
      int head = available.get16(SplitRingLayout.availableEntry((last + i) & mask)) & 0xffff;
      TranslateStatus status = taker.take(head, batch.chain(i));
      if (status == TranslateStatus.REVOKED) {
        return status;
      }
      if (status == TranslateStatus.FAULT) {
        break;
      }
    }
    return TranslateStatus.RESTART;
  }

  private PollResult taken(ChainBatch batch, short last, int count) {
    batch.resize(count);
    lastAvailable = (short) (last + count);
    inFlight += count;
    restarts = 0;
    return PollResult.CHAINS;
  }

  private PollResult refused(TranslateStatus status, @Nullable QueueFault why) {
    return switch (status) {
      case OK -> PollResult.EMPTY;
      case RESTART -> {
        // A batch that needs more translations than stay cached together would restart for ever.
        restarts = Math.min(restarts + 1, MOST_HALVINGS);
        yield PollResult.RESTART;
      }
      case REVOKED -> PollResult.REVOKED;
      case FAULT -> fail(why != null ? why : QueueFault.of(Kind.HOST, -1, -1, "no cause is known"));
    };
  }

  private PollResult fail(QueueFault why) {
    fault = why;
    return PollResult.FAULT;
  }

  @Override
  public boolean publish(ChainBatch batch) {
    short index = usedIndex;
    int done = 0;
    int unserved = NONE;
    for (int i = 0; i < batch.size(); i++) {
      DescriptorChain chain = batch.chain(i);
      if (chain.isCompleted()) {
        used.put64(
            SplitRingLayout.usedElement((index + done) & mask),
            SplitRingLayout.usedElement(chain.head(), chain.usedLength()));
        done++;
      } else if (unserved == NONE) {
        unserved = i;
      }
    }
    if (unserved != NONE && fault == null) {
      fault = unserved(batch.chain(unserved));
    }
    batch.clear();
    if (done == 0) {
      return false;
    }
    short now = (short) (index + done);
    usedIndex = now;
    inFlight -= done;
    chains += done;
    // Pairs with the driver's load-acquire of the index: it sees the elements written above.
    used.storeRelease16(SplitRingLayout.RING_INDEX, now);
    return interruptWanted(now);
  }

  private static QueueFault unserved(DescriptorChain chain) {
    return chain.isMalformed()
        ? QueueFault.of(Kind.MALFORMED_REQUEST, chain.head(), -1, chain.malformedReason())
        : QueueFault.of(Kind.HOST, chain.head(), -1, "the device left the request unfinished");
  }

  private boolean interruptWanted(short now) {
    // Pairs with the driver's fence between asking for interrupts and looking at the index again:
    // either this sees the wish, or the driver sees the index.
    VarHandle.fullFence();
    if (!eventIndex) {
      return (available.loadOpaque16(SplitRingLayout.RING_FLAGS) & SplitRingLayout.SUPPRESS) == 0;
    }
    short event = available.loadOpaque16(SplitRingLayout.usedEvent(size));
    // The first time there is nothing to compare with; a spurious interrupt is harmless.
    boolean wanted = !tested || SplitRingLayout.passed(event, now, testedIndex);
    tested = true;
    testedIndex = now;
    return wanted;
  }

  @Override
  public boolean enableNotifications() {
    if (!rings.known()) {
      return true;
    }
    suppressed = false;
    if (eventIndex) {
      used.storeOpaque16(SplitRingLayout.availableEvent(size), lastAvailable);
    } else {
      used.storeOpaque16(SplitRingLayout.RING_FLAGS, (short) 0);
    }
    // Pairs with the driver's fence between publishing and reading what is written above: either
    // the driver notifies, or this sees its chains.
    VarHandle.fullFence();
    return available.loadAcquire16(SplitRingLayout.RING_INDEX) != lastAvailable;
  }

  @Override
  public void disableNotifications() {
    suppressed = true;
    // With event indexes there is no flag: an event that was passed stays quiet by itself.
    if (!eventIndex && rings.known()) {
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
  public int usedIndex() {
    return usedIndex & 0xffff;
  }

  @Override
  public DmaRanges usedRing() {
    return used.ranges();
  }

  @Override
  public QueueState state() {
    return new QueueState(
        size, lastAvailable & 0xffff, usedIndex & 0xffff, inFlight, chains, suppressed);
  }
}
