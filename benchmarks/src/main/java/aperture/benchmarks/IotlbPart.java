package aperture.benchmarks;

import aperture.arch.x86.vtd.VtdBehavior;
import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.dma.Direction;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.testkit.FlatRow;
import aperture.testkit.TestMachine;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The device face's look-up: hits on random pages, and misses that walk 4-level tables. */
final class IotlbPart {

  private static final int[] MAPPINGS = {64, 1_024, 16_384};
  private static final int ORDER = 65_536;
  private static final int ROUNDS = 20;
  private static final int WARM_UPS = 3;
  private static final int BATCH = 64;
  private static final int LENGTH = 64;
  private static final int READ = Access.READ.bit();
  private static final long PAGE = 4096;
  private static final double HIT_LIMIT = 2.0;
  private static final double GROWTH_LIMIT = 1.5;

  private final TestMachine machine;
  private final DmaSession session;
  private final DmaRanges ranges = new DmaRanges();
  private final long[] pages;
  private final int[] inOrder;
  private final int[] order;
  private long sink;

  private IotlbPart(TestMachine machine, int mappings) throws Exception {
    this.machine = machine;
    EndpointDma endpoint = machine.addEndpoint();
    DriverFace driver = machine.driver(endpoint);
    GuestBuffer buffer = driver.allocate(16 << 20);
    pages = new long[mappings];
    for (int i = 0; i < mappings; i++) {
      long gpa = buffer.gpa() + i * PAGE % buffer.size();
      pages[i] = driver.map(gpa, PAGE, Direction.BIDIRECTIONAL);
    }
    Random random = new Random(1);
    order = new int[ORDER];
    for (int i = 0; i < ORDER; i++) {
      order[i] = random.nextInt(mappings);
    }
    inOrder = new int[mappings];
    for (int i = 0; i < mappings; i++) {
      inOrder[i] = i;
    }
    session = endpoint.openSession();
  }

  static List<Ratio> measure(Peer peer) throws Exception {
    List<Ratio> ratios = new ArrayList<>();
    List<Double> hits = new ArrayList<>();
    warmUp();
    for (int mappings : MAPPINGS) {
      try (TestMachine machine = machine()) {
        IotlbPart part = new IotlbPart(machine, mappings);
        Ratio hit =
            Sampler.ratio(
                "IOTLB hit, %,d mappings".formatted(mappings),
                HIT_LIMIT,
                part::hit,
                () -> peer.ask("hit %d %d".formatted(mappings, ROUNDS)));
        hits.add(hit.ours());
        ratios.add(hit);
        ratios.add(
            Sampler.ratio(
                "IOTLB miss, 4-level walk and fill, %,d mappings".formatted(mappings),
                0,
                part::miss,
                () -> peer.ask("miss %d".formatted(mappings))));
      }
    }
    ratios.add(
        new Ratio(
            "IOTLB hit with 16,384 mappings against 64",
            hits.get(hits.size() - 1),
            hits.get(0),
            "ns",
            GROWTH_LIMIT));
    return ratios;
  }

  /** The sizes are compared: all of them must meet the code compiled from the same experience. */
  private static void warmUp() throws Exception {
    for (int mappings : MAPPINGS) {
      try (TestMachine machine = machine()) {
        IotlbPart part = new IotlbPart(machine, mappings);
        for (int i = 0; i < WARM_UPS; i++) {
          part.hit();
          part.miss();
        }
      }
    }
  }

  private static TestMachine machine() throws Exception {
    return TestMachine.create(new VtdBehavior(), FlatRow.row("2.0", true), 64L << 20);
  }

  private double hit() {
    long start = System.nanoTime();
    for (int round = 0; round < ROUNDS; round++) {
      translateAll(order);
    }
    return (double) (System.nanoTime() - start) / ((double) ROUNDS * ORDER);
  }

  private double miss() {
    int repeat = 1 + ORDER / pages.length;
    long spent = 0;
    for (int i = 0; i < repeat; i++) {
      machine.invalidateAll();
      long start = System.nanoTime();
      translateAll(inOrder);
      spent += System.nanoTime() - start;
    }
    return (double) spent / ((double) repeat * pages.length);
  }

  private void translateAll(int[] numbers) {
    for (int i = 0; i < numbers.length; i += BATCH) {
      if (!session.begin()) {
        throw new IllegalStateException("no grant");
      }
      int end = i + BATCH;
      for (int j = cached(numbers, i, end); j < end; j = cached(numbers, j + 1, end)) {
        ranges.clear();
        if (session.translate(pages[numbers[j]], LENGTH, Access.READ, ranges)
            != TranslateStatus.OK) {
          throw new IllegalStateException("no translation: " + session.fault());
        }
        sink += ranges.offset(0);
      }
      session.end();
    }
  }

  /** The loop of a ring's device half: what is not cached is left to somebody else. */
  private int cached(int[] numbers, int from, int to) {
    long sum = 0;
    int at = from;
    for (; at < to; at++) {
      ranges.clear();
      long offset = session.translateCached(pages[numbers[at]], LENGTH, READ);
      if (offset == DmaSession.NOT_CACHED || !ranges.appendInPlace(offset, LENGTH)) {
        break;
      }
      sum += ranges.offset(0);
    }
    sink += sum;
    return at;
  }

  /** Keeps the work from being optimized away. */
  long sink() {
    return sink;
  }
}
