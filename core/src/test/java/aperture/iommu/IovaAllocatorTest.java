package aperture.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.memory.MemoryRange;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The allocator of IOVAs, against a plain set of bits. */
class IovaAllocatorTest {

  private static final int SHIFT = 12;
  private static final long PAGE = 1 << SHIFT;
  private static final long BASE = 0x8000_0000L;

  private static IovaAllocator allocator(long pages, MemoryRange... reserved) {
    return new IovaAllocator(new MemoryRange(BASE, pages * PAGE), SHIFT, List.of(reserved));
  }

  private static MemoryRange pages(long first, long count) {
    return new MemoryRange(BASE + first * PAGE, count * PAGE);
  }

  @Test
  void everyPageIsHandedOutOnceAndThenNoneIsLeft() {
    IovaAllocator allocator = allocator(1000);
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      long iova = allocator.allocate(1, -1L);
      assertThat(iova).isBetween(BASE, BASE + 999 * PAGE);
      assertThat(seen.add(iova)).isTrue();
    }

    assertThat(allocator.allocate(1, -1L)).isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(allocator.used()).isEqualTo(1000);
    allocator.free(BASE + 500 * PAGE, 1);
    assertThat(allocator.allocate(1, -1L)).isEqualTo(BASE + 500 * PAGE);
  }

  @Test
  void anApertureLargerThanTheFirstBitmapIsUsedToItsEnd() {
    IovaAllocator allocator = allocator(40_000);
    for (int i = 0; i < 40_000; i++) {
      assertThat(allocator.allocate(1, -1L)).isNotEqualTo(IovaAllocator.NO_SPACE);
    }
    assertThat(allocator.allocate(1, -1L)).isEqualTo(IovaAllocator.NO_SPACE);
  }

  @Test
  void oneRequestMayTakeTheWholeApertureButNotMore() {
    assertThat(allocator(70_000).allocate(70_000, -1L)).isEqualTo(BASE);
    assertThat(allocator(70_000).allocate(70_001, -1L)).isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(allocator(70_000).allocate(Integer.MAX_VALUE, -1L))
        .isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(allocator(100).allocate(0, -1L)).isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(allocator(100).allocate(-1, -1L)).isEqualTo(IovaAllocator.NO_SPACE);
  }

  @Test
  void reservedPagesAreNeverHandedOutWhereverTheyLie() {
    MemoryRange[] reserved = {
      pages(0, 3),
      pages(10, 1),
      pages(20_000, 5),
      new MemoryRange(0, PAGE),
      new MemoryRange(BASE + 50 * PAGE + 100, 10),
      new MemoryRange(BASE - PAGE, 2 * PAGE),
      new MemoryRange(-PAGE, PAGE)
    };
    IovaAllocator allocator = allocator(30_000, reserved);
    int count = 0;
    for (long iova = allocator.allocate(1, -1L);
        iova != IovaAllocator.NO_SPACE;
        iova = allocator.allocate(1, -1L)) {
      MemoryRange page = new MemoryRange(iova, PAGE);
      for (MemoryRange range : reserved) {
        assertThat(page.overlaps(range)).as("%s in %s", page, range).isFalse();
      }
      count++;
    }

    assertThat(count).isEqualTo(30_000 - 3 - 1 - 5 - 1);
    assertThat(allocator.take(BASE + 10 * PAGE, 1)).isFalse();
  }

  @Test
  void theLastByteObeysTheLimit() {
    IovaAllocator allocator = allocator(1000);

    assertThat(allocator.allocate(1, BASE - 1)).isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(allocator.allocate(1, BASE + PAGE - 2)).isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(allocator.allocate(1, BASE + PAGE - 1)).isEqualTo(BASE);
    assertThat(allocator.allocate(1, BASE + PAGE - 1)).isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(allocator.allocate(2, BASE + 3 * PAGE - 1)).isEqualTo(BASE + PAGE);
    assertThat(allocator.allocate(1, BASE + 3 * PAGE - 1)).isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(allocator.allocate(1, -1L)).isEqualTo(BASE + 3 * PAGE);
  }

  @Test
  void aLowLimitIsServedAfterHighAddressesWereHandedOut() {
    IovaAllocator allocator = allocator(1000);
    long first = allocator.allocate(500, -1L);
    allocator.free(first, 500);

    assertThat(allocator.allocate(1, BASE + 10 * PAGE - 1)).isBetween(BASE, BASE + 9 * PAGE);
  }

  @Test
  void anApertureFromZeroToTheTopIsPossible() {
    IovaAllocator low = new IovaAllocator(new MemoryRange(0, Long.MAX_VALUE), SHIFT, List.of());
    assertThat(low.allocate(1, -1L)).isZero();
    assertThat(low.allocate(1, PAGE * 2 - 1)).isEqualTo(PAGE);
    IovaAllocator high =
        new IovaAllocator(new MemoryRange(-100 * PAGE, 100 * PAGE), SHIFT, List.of());
    assertThat(high.allocate(99, -1L)).isEqualTo(-100 * PAGE);
    assertThat(high.allocate(1, -2L)).isEqualTo(IovaAllocator.NO_SPACE);
    assertThat(high.allocate(1, -1L)).isEqualTo(-PAGE);
  }

  @Test
  void alignedRequestsAreAlignedToTheStartOfTheAperture() {
    IovaAllocator allocator = allocator(4096);
    allocator.allocate(3, -1L);
    for (int alignment = 1; alignment <= 512; alignment *= 2) {
      long iova = allocator.allocate(5, alignment, -1L);
      assertThat((iova - BASE) % (alignment * PAGE)).as("alignment %d", alignment).isZero();
    }
  }

  @Test
  void takingIsAllOrNothing() {
    IovaAllocator allocator = allocator(1000, pages(100, 1));
    assertThat(allocator.take(BASE + 10 * PAGE, 10)).isTrue();

    assertThat(allocator.take(BASE + 5 * PAGE, 6)).isFalse();
    assertThat(allocator.take(BASE + 5 * PAGE, 5)).as("the refused try took nothing").isTrue();
    assertThat(allocator.take(BASE + 99 * PAGE, 2)).isFalse();
    assertThat(allocator.take(BASE + 99 * PAGE, 1)).isTrue();
    assertThat(allocator.take(BASE - PAGE, 1)).isFalse();
    assertThat(allocator.take(BASE + 1000 * PAGE, 1)).isFalse();
    assertThat(allocator.take(BASE + 999 * PAGE, 2)).isFalse();
    assertThat(allocator.take(BASE + 999 * PAGE, 1)).isTrue();
    assertThat(allocator.take(BASE, 0)).isFalse();
    assertThat(allocator.take(BASE, -1)).isFalse();
    assertThat(allocator.used()).isEqualTo(10 + 5 + 1 + 1 + 1);
  }

  @Test
  void whatIsFreedTwiceDoesNotMakeTheApertureLarger() {
    IovaAllocator allocator = allocator(100);
    long iova = allocator.allocate(10, -1L);
    allocator.free(iova, 10);
    allocator.free(iova, 10);

    assertThat(allocator.used()).isZero();
    assertThat(allocator.allocate(100, -1L)).isEqualTo(BASE);
    assertThat(allocator.used()).isEqualTo(100);
  }

  @Test
  void aFragmentedApertureServesWhatFitsBetweenTheFragments() {
    IovaAllocator allocator = allocator(10_000);
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      all.add(allocator.allocate(1, -1L));
    }
    for (long iova : all) {
      if ((iova - BASE) / PAGE % 4 < 2) {
        allocator.free(iova, 1);
      }
    }

    assertThat(allocator.allocate(3, -1L)).isEqualTo(IovaAllocator.NO_SPACE);
    for (int i = 0; i < 2500; i++) {
      assertThat(allocator.allocate(2, -1L)).isNotEqualTo(IovaAllocator.NO_SPACE);
    }
    assertThat(allocator.allocate(1, -1L)).isEqualTo(IovaAllocator.NO_SPACE);
  }

  @Test
  void aRandomHistoryNeverHandsAPageOutTwice() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    IovaAllocator allocator = allocator(50_000, pages(77, 5), pages(20_000, 64));
    BitSet taken = new BitSet();
    taken.set(77, 82);
    taken.set(20_000, 20_064);
    List<long[]> live = new ArrayList<>();
    for (int step = 0; step < 30_000; step++) {
      if (random.nextInt(100) < 55 || live.isEmpty()) {
        int count = 1 + random.nextInt(random.nextInt(10) == 0 ? 300 : 8);
        long alignment = 1L << random.nextInt(4);
        long limit = random.nextInt(5) == 0 ? BASE + random.nextInt(50_000) * PAGE + PAGE - 1 : -1L;
        long iova = allocator.allocate(count, alignment, limit);
        if (iova == IovaAllocator.NO_SPACE) {
          continue;
        }
        int first = (int) ((iova - BASE) / PAGE);
        check(taken.get(first, first + count).isEmpty(), seed, step);
        check(first + count <= 50_000 && first % alignment == 0, seed, step);
        check(Long.compareUnsigned(iova + count * PAGE - 1, limit) <= 0, seed, step);
        taken.set(first, first + count);
        live.add(new long[] {iova, count});
      } else {
        long[] gone = live.remove(random.nextInt(live.size()));
        allocator.free(gone[0], (int) gone[1]);
        int first = (int) ((gone[0] - BASE) / PAGE);
        taken.clear(first, first + (int) gone[1]);
      }
    }
    for (long[] left : live) {
      allocator.free(left[0], (int) left[1]);
    }
    for (long[] one : live) {
      check(allocator.take(one[0], (int) one[1]), seed, -1);
    }
  }

  private static void check(boolean holds, long seed, int step) {
    if (!holds) {
      throw new AssertionError("seed " + seed + " step " + step);
    }
  }

  @Test
  void whatWasFreedLastIsHandedOutFirstToTheNextOfItsSize() {
    IovaAllocator allocator = allocator(10_000);
    long[] ones = new long[4];
    for (int i = 0; i < ones.length; i++) {
      ones[i] = allocator.allocate(1, -1L);
    }
    long eight = allocator.allocate(8, -1L);
    allocator.allocate(100, -1L);
    for (long one : ones) {
      allocator.free(one, 1);
    }
    allocator.free(eight, 8);

    assertThat(allocator.allocate(1, -1L)).isEqualTo(ones[3]);
    assertThat(allocator.allocate(8, -1L)).isEqualTo(eight);
    assertThat(allocator.allocate(1, BASE + 2 * PAGE - 1)).as("the limit").isEqualTo(ones[1]);
    assertThat(allocator.allocate(1, 4, -1L)).as("the alignment").isEqualTo(ones[0]);
  }

  @Test
  void whatWasTakenMeanwhileIsNotHandedOutAgain() {
    IovaAllocator allocator = allocator(10_000);
    long iova = allocator.allocate(4, -1L);
    allocator.free(iova, 4);
    assertThat(allocator.take(iova + 3 * PAGE, 1)).isTrue();

    assertThat(allocator.allocate(4, -1L)).isEqualTo(BASE + 4 * PAGE);
    allocator.free(iova + PAGE, 1);
    allocator.free(iova + PAGE, 1);
    assertThat(allocator.allocate(1, -1L)).isNotEqualTo(allocator.allocate(1, -1L));
  }

  @Test
  void whatIsFreedForLaterComesBackWhenItIsItsTurn() {
    IovaAllocator allocator = allocator(1000);
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      long iova = allocator.allocate(1, -1L);
      assertThat(seen.add(iova)).as("round %d", i).isTrue();
      allocator.freeForLater(iova, 1);
    }

    assertThat(allocator.allocate(1, -1L)).isEqualTo(BASE);
  }

  @Test
  void aPageFarUpAHugeApertureTakesLittleMemory() {
    MemoryRange far = new MemoryRange(BASE + (1L << 40), 3 * PAGE);
    IovaAllocator allocator = allocator(1L << 44, far, pages(1 << 25, 2));
    long last = BASE + ((1L << 44) - 1) * PAGE;

    assertThat(allocator.take(last, 1)).isTrue();
    assertThat(allocator.take(last - 9 * PAGE, 10)).isFalse();
    assertThat(allocator.take(last - 9 * PAGE, 9)).isTrue();
    assertThat(allocator.take(far.base() - 5 * PAGE, 6)).as("reserved").isFalse();
    assertThat(allocator.take(far.base() - 5 * PAGE, 5)).isTrue();
    assertThat(allocator.take(BASE + 100 * PAGE, 1 << 30)).as("reserved inside").isFalse();
    assertThat(allocator.take(BASE + (1L << 26) * PAGE, 1 << 27)).isTrue();
    allocator.free(last - 4 * PAGE, 2);
    assertThat(allocator.take(last - 5 * PAGE, 3)).isFalse();
    assertThat(allocator.take(last - 4 * PAGE, 2)).isTrue();
    allocator.free(last - 9 * PAGE, 10);
    assertThat(allocator.take(last - 9 * PAGE, 10)).isTrue();

    assertThat(allocator.mapped()).isLessThan(1 << 20);
    assertThat(allocator.used()).as("of the part in use").isZero();
    assertThat(allocator.allocate(1, -1L)).isEqualTo(BASE);
  }

  @Test
  void aRunThatBeginsNearAndEndsFarIsOneRun() {
    IovaAllocator allocator = allocator(1L << 40);
    assertThat(allocator.take(BASE + 1000 * PAGE, 1 << 28)).isTrue();

    assertThat(allocator.take(BASE + 1000 * PAGE, 1)).isFalse();
    assertThat(allocator.take(BASE + (1000L + (1 << 28) - 1) * PAGE, 1)).isFalse();
    assertThat(allocator.allocate(1001, -1L)).isEqualTo(BASE + (1000L + (1 << 28)) * PAGE);
    allocator.free(BASE + 1000 * PAGE, 1 << 28);
    assertThat(allocator.take(BASE + 1000 * PAGE, 1 << 28)).isTrue();
  }

  @Test
  void anApertureThatGrowsToFarPagesGoesRoundThem() {
    IovaAllocator allocator = allocator(1L << 40);
    int near = 1 << 24;
    assertThat(allocator.take(BASE + (near + 100L) * PAGE, 50)).isTrue();
    assertThat(allocator.take(BASE + (near + 1000L) * PAGE, 1)).isTrue();

    assertThat(allocator.allocate(near, -1L)).isEqualTo(BASE);
    assertThat(allocator.allocate(90, -1L)).isEqualTo(BASE + (long) near * PAGE);
    assertThat(allocator.allocate(850, -1L)).isEqualTo(BASE + (near + 150L) * PAGE);
    allocator.free(BASE + (near + 100L) * PAGE, 50);
    assertThat(allocator.take(BASE + (near + 90L) * PAGE, 60)).isTrue();
    assertThat(allocator.used()).isEqualTo(near + 90 + 850 + 60 + 1);
  }

  @Test
  void mappingAndUnmappingAllocateNothing() {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    IovaAllocator allocator = allocator(1L << 30);
    long allocated = 0;
    for (int round = 0; round < 20; round++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        int count = 1 + i % 40;
        allocator.free(allocator.allocate(count, -1L), count);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }

    assertThat(allocated).isLessThan(1000);
  }

  @Test
  void theCostOfAnAllocationDoesNotGrowWithWhatIsLive() {
    assertThat(looksPerAllocation(100_000))
        .as("bitmap words and pages looked at, with 100,000 mappings live")
        .isLessThan(3 * looksPerAllocation(1000) + 8);
  }

  /** Churns single pages at random with a number of them live. */
  private static long looksPerAllocation(int live) {
    Random random = new Random(11);
    IovaAllocator allocator = allocator(1L << 30);
    long[] iovas = new long[live];
    for (int i = 0; i < live; i++) {
      iovas[i] = allocator.allocate(1, -1L);
    }
    long before = allocator.looks();
    for (int i = 0; i < 200_000; i++) {
      int which = random.nextInt(live);
      allocator.free(iovas[which], 1);
      iovas[which] = allocator.allocate(1, -1L);
    }
    assertThat(new HashSet<>(java.util.Arrays.stream(iovas).boxed().toList())).hasSize(live);
    return (allocator.looks() - before) / 200_000;
  }
}
