package aperture.benchmarks;

import aperture.core.internal.dma.DriverFace;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.iommu.AttachRefusedException;
import aperture.testkit.TableState;
import aperture.testkit.TestMachine;
import java.util.ArrayList;
import java.util.List;

/**
 * Map and unmap of one page through the driver face, for each IOMMU kind that a machine row names:
 * against a C program, and with many live mappings against one.
 */
final class MapPart {

  private static final int ROUNDS = 200_000;
  private static final int PEER_ROUNDS = 1_000_000;
  private static final int LIVE = 100_000;
  private static final int WARM_UPS = 3;
  private static final double GROWTH_LIMIT = 1.5;

  /** Room for all that is live; only tables touch it. */
  private static final long MEMORY = 1L << 30;

  private final DriverFace driver;
  private final long page;
  private final GuestBuffer buffer;

  private MapPart(TestMachine machine, long page) throws DmaException {
    this.driver = machine.driver(machine.addEndpoint());
    this.page = page;
    this.buffer = driver.allocate(page);
  }

  static List<Ratio> measure(Peer peer) throws Exception {
    List<Ratio> ratios = new ArrayList<>();
    for (Kinds.Kind kind : Kinds.all()) {
      ratios.addAll(measure(peer, kind));
    }
    return ratios;
  }

  private static List<Ratio> measure(Peer peer, Kinds.Kind kind) throws Exception {
    long page = page(kind);
    try (TestMachine few = machine(kind);
        TestMachine many = machine(kind)) {
      MapPart one = new MapPart(few, page);
      one.fill(1);
      MapPart full = new MapPart(many, page);
      int live = full.fill(LIVE);
      // Compared with each other, they must meet the same compiled code.
      for (int i = 0; i < WARM_UPS; i++) {
        one.run();
        full.run();
      }
      String how = kind.name() + ", " + (kind.canBeLazy() ? "lazy" : "strict");
      return List.of(
          Sampler.ratio(
              "map and unmap, " + how + ", against C",
              0,
              one::run,
              () -> peer.ask("map " + PEER_ROUNDS)),
          Sampler.ratio(
              "map and unmap, %s, %,d live against 1".formatted(how, live),
              GROWTH_LIMIT,
              full::run,
              one::run));
    }
  }

  private static TestMachine machine(Kinds.Kind kind) throws Exception {
    return TestMachine.create(kind.behavior(), kind.row(), MEMORY, kind.laziest());
  }

  /** Bytes of the smallest page that the kind's driver maps. */
  private static long page(Kinds.Kind kind) throws AttachRefusedException {
    try (TableState state = new TableState()) {
      return kind.behavior().attach(state).tableDriver().orElseThrow().pageSize();
    }
  }

  /**
   * Maps pages that stay mapped, each another one.
   *
   * @return how many: as many as wanted, or nine tenths of what the kind has room for
   */
  private int fill(int wanted) throws DmaException {
    GuestBuffer pages = driver.allocate(wanted * page);
    long[] mapped = new long[wanted];
    int live = 0;
    try {
      while (live < wanted) {
        mapped[live] = driver.map(pages.gpa() + live * page, page, Direction.BIDIRECTIONAL);
        live++;
      }
    } catch (DmaException e) {
      int kept = live - live / 10;
      while (live > kept) {
        live--;
        driver.unmap(mapped[live], page);
      }
    }
    return live;
  }

  private double run() {
    try {
      long start = System.nanoTime();
      for (int i = 0; i < ROUNDS; i++) {
        driver.unmap(driver.map(buffer.gpa(), page, Direction.BIDIRECTIONAL), page);
      }
      return (double) (System.nanoTime() - start) / ROUNDS;
    } catch (DmaException e) {
      throw new IllegalStateException(e);
    }
  }
}
