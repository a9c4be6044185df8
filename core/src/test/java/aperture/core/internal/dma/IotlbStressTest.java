package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Permission;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/** Readers of the cache while writers change it: a look-up may miss, it never lies. */
class IotlbStressTest {

  /** As many as a cache begins with: these never grow. */
  private static final int SLOTS = 256;

  private static final Duration RUN = Duration.ofMillis(1500);

  private static long offsetOf(long page) {
    return page << 20;
  }

  /** Pages whose first slots are the same, and whose others are too. */
  private static long[] pagesOfOneHome(Iotlb.Table table, int count) {
    long[] pages = new long[count];
    int found = 0;
    for (long page = 7; found < count; page += table.slots()) {
      if (table.slot(page, Iotlb.PROBE) == 99) {
        pages[found++] = page;
      }
    }
    return pages;
  }

  @Test
  void pagesThatTakeEachOthersSlotsAreNeverPairedWithEachOthersMemory() throws Exception {
    Iotlb iotlb = new Iotlb(SLOTS);
    // Twice as many pages as have room: nearly every fill takes the slot of another page.
    long[] pages = pagesOfOneHome(iotlb.table(), 16);
    hammer(
        iotlb,
        pages,
        random -> {
          long page = pages[random.nextInt(pages.length)];
          iotlb.fill(page, offsetOf(page), Permission.READ_WRITE, 1, iotlb.sequence());
        });
  }

  @Test
  void removalsAmongPagesOfTheSameSlotsNeverPairThemWrongly() throws Exception {
    Iotlb iotlb = new Iotlb(SLOTS);
    long[] pages = pagesOfOneHome(iotlb.table(), 6);
    hammer(
        iotlb,
        pages,
        random -> {
          long page = pages[random.nextInt(pages.length)];
          if (random.nextBoolean()) {
            iotlb.remove(page << Iotlb.PAGE_SHIFT, 1);
          } else {
            iotlb.fill(page, offsetOf(page), Permission.READ, 1, iotlb.sequence());
          }
        });
  }

  @Test
  void growthAndRebuildsUnderReadersNeverPairWrongly() throws Exception {
    Iotlb iotlb = new Iotlb();
    long[] pages = new long[3000];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = 1 + 3L * i;
    }
    hammer(
        iotlb,
        pages,
        random -> {
          long page = pages[random.nextInt(pages.length)];
          switch (random.nextInt(400)) {
            case 0 -> iotlb.clear();
            case 1 -> iotlb.remove(page << Iotlb.PAGE_SHIFT, 500L << Iotlb.PAGE_SHIFT);
            case 2 -> iotlb.removeDomain(1, page << Iotlb.PAGE_SHIFT, 200L << Iotlb.PAGE_SHIFT);
            default ->
                iotlb.fill(
                    page, offsetOf(page), Permission.READ, (int) (page & 1), iotlb.sequence());
          }
        });
  }

  private interface Step {
    void run(RandomGenerator random);
  }

  private static void hammer(Iotlb iotlb, long[] pages, Step writer) throws InterruptedException {
    long seed = System.nanoTime();
    System.Logger log = System.getLogger(IotlbStressTest.class.getName());
    log.log(System.Logger.Level.DEBUG, "seed {0}", seed);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong hits = new AtomicLong();
    AtomicReference<String> wrong = new AtomicReference<>("");
    Thread reader =
        Thread.ofPlatform()
            .start(() -> hits.set(read(iotlb, pages, random(seed + 1), stop, wrong)));
    RandomGenerator random = random(seed);
    long end = System.nanoTime() + RUN.toNanos();
    while (System.nanoTime() < end && wrong.get().isEmpty()) {
      for (int i = 0; i < 64; i++) {
        writer.run(random);
      }
    }
    stop.set(true);
    reader.join();
    assertThat(wrong.get()).as("seed %d", seed).isEmpty();
    assertThat(hits.get()).as("look-ups that hit, seed %d", seed).isPositive();
  }

  private static long read(
      Iotlb iotlb,
      long[] pages,
      RandomGenerator random,
      AtomicBoolean stop,
      AtomicReference<String> wrong) {
    long hits = 0;
    while (!stop.get()) {
      Iotlb.Table table = iotlb.table();
      for (int i = 0; i < 1000; i++) {
        long page = pages[random.nextInt(pages.length)];
        long offset = table.find(page, 1);
        if (offset != Iotlb.MISS) {
          hits++;
          if (offset != offsetOf(page)) {
            wrong.compareAndSet("", "page %x found at %x".formatted(page, offset));
          }
        }
      }
    }
    return hits;
  }

  private static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }
}
