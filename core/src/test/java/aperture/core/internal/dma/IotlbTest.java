package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Permission;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The cache of translations, against a map that never forgets. */
class IotlbTest {

  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final long TOP_PAGE = -1L >>> Iotlb.PAGE_SHIFT;

  private final Iotlb iotlb = new Iotlb();

  private static long at(long page) {
    return page << Iotlb.PAGE_SHIFT;
  }

  private boolean fill(long page, long offset, Permission permission, int domain) {
    return iotlb.fill(page, offset, permission, domain, iotlb.sequence());
  }

  private long find(long page, int need) {
    return iotlb.table().find(page, need);
  }

  @Test
  void anEntryIsFoundForWhatItAllowsAndNothingElse() {
    fill(5, 0x7000, Permission.READ, 1);
    fill(6, 0x8000, Permission.WRITE, 1);
    fill(7, 0x9000, Permission.READ_WRITE, 1);

    assertThat(find(5, READ)).isEqualTo(0x7000);
    assertThat(find(5, WRITE)).isEqualTo(Iotlb.MISS);
    assertThat(find(6, READ)).isEqualTo(Iotlb.MISS);
    assertThat(find(6, WRITE)).isEqualTo(0x8000);
    assertThat(find(7, READ)).isEqualTo(0x9000);
    assertThat(find(7, WRITE)).isEqualTo(0x9000);
    assertThat(find(8, READ)).isEqualTo(Iotlb.MISS);
  }

  @Test
  void theFirstAndTheLastPageOfTheAddressSpaceAreOrdinaryPages() {
    fill(0, 0, Permission.READ, 1);
    fill(TOP_PAGE, 0x5000, Permission.WRITE, 1);

    assertThat(find(0, READ)).isZero();
    assertThat(find(TOP_PAGE, WRITE)).isEqualTo(0x5000);
    iotlb.remove(-4096L, 0);
    assertThat(find(TOP_PAGE, WRITE)).isEqualTo(Iotlb.MISS);
    assertThat(find(0, READ)).isZero();
  }

  @Test
  void aSecondFillOfAPageReplacesTheFirst() {
    fill(5, 0x7000, Permission.READ, 1);
    fill(5, 0x9000, Permission.READ_WRITE, 2);

    assertThat(find(5, READ)).isEqualTo(0x9000);
    assertThat(iotlb.entries()).isEqualTo(1);
    iotlb.removeDomain(1, 0, 0);
    assertThat(find(5, WRITE)).isEqualTo(0x9000);
  }

  @Test
  void aWalkThatAnInvalidationOvertookFillsNothing() {
    long before = iotlb.sequence();
    iotlb.remove(at(99), 1);

    assertThat(iotlb.fill(5, 0x7000, Permission.READ, 1, before)).isFalse();
    assertThat(find(5, READ)).isEqualTo(Iotlb.MISS);
    assertThat(fill(5, 0x7000, Permission.READ, 1)).isTrue();
  }

  @Test
  void everyKindOfRemovalOvertakesAWalkEvenWhenNothingIsCached() {
    long sequence = iotlb.sequence();
    iotlb.removeDomain(7, 0, 4096);
    assertThat(iotlb.sequence()).isNotEqualTo(sequence);
    sequence = iotlb.sequence();
    iotlb.clear();
    assertThat(iotlb.sequence()).isNotEqualTo(sequence);
  }

  @Test
  void aRangeRemovesEveryPageThatItTouchesAndNoOther() {
    for (long page = 10; page < 20; page++) {
      fill(page, at(page), Permission.READ, 1);
    }

    iotlb.remove(at(12) + 4095, 4096 + 2);

    for (long page = 10; page < 20; page++) {
      assertThat(find(page, READ))
          .as("page %d", page)
          .isEqualTo(page >= 12 && page <= 14 ? Iotlb.MISS : at(page));
    }
  }

  @Test
  void sizeZeroAndRangesThatWrapReachToTheEndOfTheAddressSpace() {
    fill(3, 0x1000, Permission.READ, 1);
    fill(TOP_PAGE, 0x2000, Permission.READ, 1);
    iotlb.remove(at(3), 0);
    assertThat(iotlb.entries()).isZero();

    fill(3, 0x1000, Permission.READ, 1);
    fill(TOP_PAGE, 0x2000, Permission.READ, 1);
    iotlb.remove(at(TOP_PAGE), 1 << 20);
    assertThat(find(TOP_PAGE, READ)).isEqualTo(Iotlb.MISS);
    assertThat(find(3, READ)).isEqualTo(0x1000);
  }

  @Test
  void aDomainIsRemovedWithoutTouchingAnother() {
    for (long page = 0; page < 400; page++) {
      fill(page, at(page), Permission.READ, (int) (page & 1));
    }

    iotlb.removeDomain(1, at(3), 4096);
    assertThat(iotlb.mayHold(1)).isTrue();
    iotlb.removeDomain(1, at(100), 4096L * 200);
    assertThat(iotlb.mayHold(1)).isTrue();

    int gone = 0;
    for (long page = 0; page < 400; page++) {
      boolean removed = page == 3 || (page >= 100 && page < 300 && (page & 1) == 1);
      gone += removed ? 1 : 0;
      assertThat(find(page, READ)).as("page %d", page).isEqualTo(removed ? Iotlb.MISS : at(page));
    }
    assertThat(iotlb.entries()).isEqualTo(400 - gone);
  }

  @Test
  void aDomainThatWasNeverHereConcernsNobody() {
    iotlb.removeDomain(0, 0, 0);
    assertThat(iotlb.mayHold(0)).isFalse();
    fill(1, 0x1000, Permission.READ, 7);
    iotlb.removeDomain(8, 0, 0);
    assertThat(iotlb.mayHold(8)).isFalse();
    iotlb.removeDomain(7, at(1), 4096);
    assertThat(iotlb.mayHold(7)).isTrue();
    // Somebody may still hold what is no longer cached.
    iotlb.removeDomain(7, at(1), 4096);
    assertThat(iotlb.mayHold(7)).isTrue();
    fill(2, 0x2000, Permission.READ, 8);
    iotlb.removeDomain(7, 0, 0);
    assertThat(iotlb.mayHold(7)).isTrue();
    iotlb.removeDomain(8, 0, 0);
    assertThat(iotlb.mayHold(8)).isTrue();
  }

  @Test
  void growingKeepsEveryEntry() {
    for (long page = 0; page < 20_000; page++) {
      fill(page * 7, at(page), Permission.READ, 1);
    }

    int kept = 0;
    for (long page = 0; page < 20_000; page++) {
      long found = find(page * 7, READ);
      assertThat(found).isIn(at(page), Iotlb.MISS);
      kept += found == Iotlb.MISS ? 0 : 1;
    }
    // A bounded probe may drop an entry; it must be rare.
    assertThat(kept).isGreaterThan(19_900);
    assertThat(iotlb.entries()).isEqualTo(kept);
  }

  @Test
  void aGuestCannotMakeTheCacheLargerThanItsLimit() {
    for (long page = 0; page < 400_000; page++) {
      fill(page * 0x10001, at(page), Permission.READ_WRITE, 1);
    }

    assertThat(iotlb.table().slots()).isEqualTo(1 << 16);
    assertThat(iotlb.entries()).isLessThanOrEqualTo((1 << 16) + 8);
    assertThat(find(399_999L * 0x10001, READ)).isEqualTo(at(399_999));
  }

  @Test
  void clearingGivesTheMemoryBack() {
    for (long page = 0; page < 5000; page++) {
      fill(page, at(page), Permission.READ, 1);
    }

    iotlb.clear();

    assertThat(iotlb.table().slots()).isEqualTo(256);
    assertThat(iotlb.entries()).isZero();
    assertThat(find(17, READ)).isEqualTo(Iotlb.MISS);
  }

  @Test
  void aRandomHistoryNeverFindsWhatWasRemovedNorAnotherPagesMemory() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<Long, long[]> model = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      // Few pages, so that their probes collide; some far away, so that high bits count.
      long page = random.nextInt(4) == 0 ? TOP_PAGE - random.nextInt(50) : random.nextInt(600);
      long pages = random.nextInt(8) == 0 ? random.nextInt(300) : random.nextInt(3);
      int domain = random.nextInt(3);
      switch (random.nextInt(12)) {
        case 0 -> {
          iotlb.remove(at(page), at(pages) + 1);
          model.keySet().removeIf(p -> within(p, page, pages));
        }
        case 1 -> {
          iotlb.removeDomain(domain, at(page), at(pages) + 1);
          model
              .entrySet()
              .removeIf(e -> within(e.getKey(), page, pages) && e.getValue()[1] == domain);
        }
        default -> {
          long offset = at(1 + random.nextInt(1 << 20));
          assertThat(fill(page, offset, Permission.READ, domain)).isTrue();
          model.put(page, new long[] {offset, domain});
          assertThat(find(page, READ)).as("seed %d step %d", seed, step).isEqualTo(offset);
        }
      }
      long asked = random.nextInt(4) == 0 ? TOP_PAGE - random.nextInt(50) : random.nextInt(600);
      long found = find(asked, READ);
      if (found != Iotlb.MISS) {
        assertThat(model).as("seed %d step %d", seed, step).containsKey(asked);
        assertThat(found).as("seed %d step %d", seed, step).isEqualTo(model.get(asked)[0]);
      }
      assertThat(iotlb.entries()).as("seed %d step %d", seed, step).isBetween(0, model.size());
    }
    long hits = model.keySet().stream().filter(p -> find(p, READ) != Iotlb.MISS).count();
    assertThat(hits).as("seed %d", seed).isGreaterThan(model.size() * 9L / 10);
  }

  private static boolean within(long page, long first, long more) {
    return page >= first && page <= Math.min(TOP_PAGE, first + more);
  }
}
