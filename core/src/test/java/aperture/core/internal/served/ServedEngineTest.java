package aperture.core.internal.served;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import aperture.access.AccessDecision;
import aperture.access.AccessRequest;
import aperture.access.Levels;
import aperture.access.Setting;
import aperture.access.UnackedAddressing;
import aperture.dma.Direction;
import aperture.dma.GuestBuffer;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.RecordedFault;
import aperture.iommu.WalkResult;
import aperture.served.QueueBell;
import aperture.served.QueueJournal;
import aperture.served.QueueSetup;
import aperture.testkit.TestDma;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.Resumption;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.Virtqueues;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ServedEngineTest {

  private static final int SIZE = 8;
  private static final FeatureSet PLAIN = FeatureSet.of(Feature.VERSION_1);
  private static final FeatureSet PLATFORM =
      FeatureSet.of(Feature.VERSION_1, Feature.ACCESS_PLATFORM);

  private final Echo device = new Echo();
  private final Bell bell = new Bell();
  private final AtomicInteger interrupts = new AtomicInteger();
  private final List<String> broken = new CopyOnWriteArrayList<>();
  private ServedEngine engine;
  private TestDma dma;
  private DriverQueue driver;
  private GuestBuffer data;
  private long address;

  @BeforeEach
  void open() throws Exception {
    engine = new ServedEngine("d0", 2, device, decision());
    engine.onBroken((queue, reason) -> broken.add(queue + ": " + reason));
    dma = TestDma.physical(64);
    driver = Virtqueues.splitDriver(SIZE, dma, new RingFeatures(false, false));
    data = dma.allocate(4096);
    address = dma.map(data.gpa(), 4096, Direction.BIDIRECTIONAL);
  }

  @AfterEach
  void close() {
    engine.close();
    dma.close();
  }

  private static AccessDecision decision() throws Exception {
    return AccessDecision.decide(
        new AccessRequest(
            "d0",
            "served",
            new Levels(Setting.UNSET, Setting.UNSET, true),
            new Levels(Setting.UNSET, Setting.UNSET, false),
            UnackedAddressing.PHYSICAL,
            false,
            false));
  }

  private QueueSetup setup(int next, QueueJournal journal, Integer... unfinished) {
    return new QueueSetup(
        SIZE,
        driver.addresses(),
        next,
        used -> new Resumption.Position(next, List.of(unfinished)),
        bell,
        interrupts::incrementAndGet,
        journal);
  }

  private void post(int chains) {
    ChainElements elements = new ChainElements(1);
    for (int i = 0; i < chains; i++) {
      elements.clear();
      elements.writable(address, 8);
      driver.add(elements);
    }
    driver.publish();
    bell.wake();
  }

  private void awaitUsed(int chains) {
    AtomicInteger taken = new AtomicInteger();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          while (driver.take() != DriverQueue.NONE) {
            taken.incrementAndGet();
          }
          return taken.get() == chains;
        });
  }

  @Test
  void aQueueIsServedAndStopsWhereItsSuccessorGoesOn() throws Exception {
    assertThat(engine.accept(PLAIN)).isEmpty();
    engine.attach(dma.memory(), Optional.empty());
    engine.start(0, setup(0, QueueJournal.NONE));
    post(3);
    awaitUsed(3);
    assertThat(engine.stop(0)).hasValue(3);
    assertThat(engine.stop(0)).as("it does not run any more").isEmpty();

    engine.start(0, setup(3, QueueJournal.NONE));
    post(2);
    awaitUsed(2);
    assertThat(engine.stop(0)).hasValue(5);
    assertThat(device.served.get()).isEqualTo(5);
    assertThat(interrupts).hasPositiveValue();
  }

  @Test
  void chainsThatAPredecessorTookAreDoneFirstAndSpendNoAvailableEntry() throws Exception {
    engine.accept(PLAIN);
    engine.attach(dma.memory(), Optional.empty());
    post(4);
    // The predecessor took all four, used none.
    engine.start(0, setup(4, QueueJournal.NONE, 2, 0, 1, 3));
    awaitUsed(4);
    assertThat(device.heads).containsExactly(2, 0, 1, 3);
    assertThat(engine.stop(0)).hasValue(4);
  }

  @Test
  void aHeadOutsideTheQueueBreaksIt() throws Exception {
    engine.accept(PLAIN);
    engine.attach(dma.memory(), Optional.empty());
    engine.start(0, setup(0, QueueJournal.NONE, SIZE));
    await().atMost(Duration.ofSeconds(20)).until(() -> !broken.isEmpty());
    assertThat(broken.get(0)).contains("left by a predecessor");
  }

  @Test
  void theJournalHearsOfEachBatchBeforeItsWorkAndBeforeItIsShown() throws Exception {
    List<String> events = new CopyOnWriteArrayList<>();
    engine.accept(PLAIN);
    engine.attach(dma.memory(), Optional.empty());
    post(2);
    engine.start(
        0,
        setup(
            0,
            new QueueJournal() {
              @Override
              public void taken(ChainBatch batch) {
                events.add("taken " + batch.size() + " after " + device.served.get());
              }

              @Override
              public void finished(ChainBatch batch, int usedIndex) {
                events.add("finished " + device.served.get() + " used " + usedIndex);
              }

              @Override
              public void published() {
                events.add("published");
              }
            }));
    awaitUsed(2);
    await().atMost(Duration.ofSeconds(20)).until(() -> events.size() == 3);
    assertThat(events).containsExactly("taken 2 after 0", "finished 2 used 2", "published");
  }

  @Test
  void aMissWaitsForItsAnswerAndOthersAreServedMeanwhile() throws Exception {
    Asked iommu = new Asked();
    engine.accept(PLATFORM);
    engine.attach(dma.memory(), Optional.of(iommu));
    post(1);
    engine.start(0, setup(0, QueueJournal.NONE));
    // The three areas of the ring and the buffer, page by page, one after the other.
    while (device.served.get() == 0) {
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> !iommu.questions.isEmpty() || device.served.get() > 0);
      iommu.answerAll(Permission.READ_WRITE);
    }
    awaitUsed(1);
    assertThat(engine.stats().iotlbMisses()).isPositive();
    assertThat(broken).isEmpty();
  }

  @Test
  void aMissThatFailsBreaksTheQueueAndAStoppedOneNeverHangs() throws Exception {
    Asked iommu = new Asked();
    engine.accept(PLATFORM);
    engine.attach(dma.memory(), Optional.of(iommu));
    post(1);
    engine.start(0, setup(0, QueueJournal.NONE));
    await().atMost(Duration.ofSeconds(20)).until(() -> !iommu.questions.isEmpty());
    assertThat(engine.stop(0)).as("a pending miss holds nobody up").hasValue(0);

    engine.start(0, setup(0, QueueJournal.NONE));
    await().atMost(Duration.ofSeconds(20)).until(() -> !iommu.questions.isEmpty());
    iommu.answerAll(Permission.NONE);
    await().atMost(Duration.ofSeconds(20)).until(() -> !broken.isEmpty());
    assertThat(broken.get(0)).startsWith("0: ").contains("0x");
    assertThat(engine.stats().broken()).isNotEmpty();
    assertThat(engine.stop(0)).hasValue(0);
  }

  @Test
  void featuresAndMemoryStayAsTheyAreWhileAQueueRuns() throws Exception {
    engine.accept(PLAIN);
    engine.attach(dma.memory(), Optional.empty());
    engine.start(0, setup(0, QueueJournal.NONE));

    assertThat(engine.accept(PLATFORM)).isPresent();
    assertThat(engine.accept(PLAIN)).as("those in force").isEmpty();
    assertThatThrownBy(() -> engine.attach(dma.memory(), Optional.empty()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void bitsThatWereNotOfferedAreRefused() {
    assertThat(engine.accept(PLAIN.with(63)).orElseThrow()).contains("not offered");
  }

  /** Completes everything with 8 bytes. */
  private static final class Echo implements VirtioDevice {
    private final AtomicInteger served = new AtomicInteger();
    private final List<Integer> heads = new CopyOnWriteArrayList<>();

    @Override
    public FeatureSet features() {
      return FeatureSet.NONE;
    }

    @Override
    public int queues() {
      return 1;
    }

    @Override
    public int maxQueueSize(int queue) {
      return 256;
    }

    @Override
    public byte[] config() {
      return new byte[8];
    }

    @Override
    public void activate(FeatureSet accepted) {}

    @Override
    public void process(int queue, ChainBatch batch) {
      for (int i = 0; i < batch.size(); i++) {
        heads.add(batch.chain(i).head());
        batch.chain(i).complete(8);
        served.incrementAndGet();
      }
    }

    @Override
    public void reset() {}

    @Override
    public Map<String, String> details() {
      return Map.of();
    }

    @Override
    public void close() {}
  }

  /** A doorbell that a test rings. */
  private static final class Bell implements QueueBell {
    private final Semaphore rung = new Semaphore(0);

    @Override
    public void await() throws InterruptedException {
      rung.acquire();
      rung.drainPermits();
    }

    @Override
    public void wake() {
      rung.release();
    }
  }

  /** An IOMMU that answers when the test says so; addresses mean themselves. */
  private static final class Asked extends IommuWalker implements IommuBehavior, IommuInstance {
    private static final long PAGE = 4096;
    private final ConcurrentSkipListSet<Long> questions = new ConcurrentSkipListSet<>();
    private final Map<Long, Permission> answers = new ConcurrentHashMap<>();
    private volatile @Nullable IommuState state;

    void answerAll(Permission permission) {
      for (Long page : List.copyOf(questions)) {
        answers.put(page, permission);
        questions.remove(page);
      }
      IommuState attached = state;
      if (attached != null) {
        attached.answered();
      }
    }

    @Override
    public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
      long page = iova & -PAGE;
      Permission permission = answers.get(page);
      if (permission == null) {
        questions.add(page);
        result.pending();
      } else if (permission == Permission.NONE) {
        result.fault(FaultKind.UNMAPPED, 1, "the front end said no", false);
      } else {
        result.translated(page, page, PAGE, permission, 0);
      }
    }

    @Override
    public String kind() {
      return "asked";
    }

    @Override
    public int stateVersion() {
      return 1;
    }

    @Override
    public IommuCapabilities capabilities() {
      return new IommuCapabilities(Set.of(4096L), false, true, true, false);
    }

    @Override
    public IommuInstance attach(IommuState attached) {
      state = attached;
      return this;
    }

    @Override
    public IommuWalker walker() {
      return this;
    }

    @Override
    public Optional<IommuTableDriver> tableDriver() {
      return Optional.empty();
    }

    @Override
    public void recordFault(Endpoint endpoint, IommuFault fault) {}

    @Override
    public List<RecordedFault> recordedFaults() {
      return new ArrayList<>();
    }
  }
}
