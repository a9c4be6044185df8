package aperture.benchmarks;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import aperture.testkit.TableState;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Random;
import java.util.stream.LongStream;

/** A walker, the tables that it walks, and the pages that are asked for, without a cache. */
final class Walked implements AutoCloseable {

  /** Pages that are walked: with their tables they stay in the nearest cache. */
  static final int PAGES = 1_024;

  /** Of so many pages one is tried with a walk that notes: such walks are few, and occur. */
  private static final int NOTED = 64;

  private static final int WALKS = 200_000;

  private final String name;
  private final int entries;
  private final TableState state;
  private final IommuWalker walker;
  private final Endpoint endpoint;
  private final long[] pages;
  private final WalkResult result = WalkResult.withoutSteps();
  private long sink;

  /**
   * @param entries that one walk reads, of every structure on its way
   * @param pages mapped, in order
   */
  Walked(
      String name,
      int entries,
      TableState state,
      IommuWalker walker,
      Endpoint endpoint,
      long[] pages) {
    this.name = name;
    this.entries = entries;
    this.state = state;
    this.walker = walker;
    this.endpoint = endpoint;
    this.pages = shuffled(pages);
    for (int i = 0; i < pages.length; i++) {
      check(pages[i], i % NOTED == 0 ? new WalkResult() : result);
    }
  }

  private static long[] shuffled(long[] pages) {
    long[] order = pages.clone();
    Random random = new Random(1);
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      long page = order[i];
      order[i] = order[other];
      order[other] = page;
    }
    return order;
  }

  String name() {
    return name;
  }

  int entries() {
    return entries;
  }

  /** The lowest page; the others follow it. */
  long firstPage() {
    return LongStream.of(pages).min().orElseThrow();
  }

  TableState state() {
    return state;
  }

  private void check(long page, WalkResult answer) {
    answer.begin();
    walker.walk(endpoint, page, Access.READ, answer);
    if (answer.outcome() != Outcome.TRANSLATED) {
      throw new IllegalStateException(name + ": no translation: " + answer.faultText());
    }
  }

  /** Nanoseconds of one walk. */
  double walk() {
    long start = System.nanoTime();
    walkAll();
    return (double) (System.nanoTime() - start) / WALKS;
  }

  double walkPerEntry() {
    return walk() / entries;
  }

  /** Bytes allocated by one walk. */
  double allocated() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    walkAll();
    return (double) (threads.getCurrentThreadAllocatedBytes() - before) / WALKS;
  }

  private void walkAll() {
    long sum = 0;
    for (int i = 0; i < WALKS; i++) {
      long page = pages[i & PAGES - 1];
      result.begin();
      walker.walk(endpoint, page, Access.READ, result);
      if (result.outcome() != Outcome.TRANSLATED) {
        throw new IllegalStateException(name + ": no translation: " + result.faultText());
      }
      sum += result.gpaOf(page);
    }
    sink += sum;
  }

  /** Keeps the work from being optimized away. */
  long sink() {
    return sink;
  }

  @Override
  public void close() {
    state.close();
  }
}
