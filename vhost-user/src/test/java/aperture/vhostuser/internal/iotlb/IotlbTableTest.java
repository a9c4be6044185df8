package aperture.vhostuser.internal.iotlb;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Permission;
import aperture.vhostuser.internal.iotlb.IotlbTable.Entry;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IotlbTableTest {

  private static final int READ = Permission.READ.bits();
  private static final int WRITE = Permission.WRITE.bits();

  /** Addresses that the model knows: half of them at the beginning, half at the very end. */
  private static final int KNOWN = 256;

  private static final int HALF = KNOWN / 2;

  /** What one address means. */
  private record Meaning(long shift, int permission) {}

  private final IotlbTable table = new IotlbTable();
  private final @Nullable Meaning[] model = new Meaning[KNOWN];

  private static long iova(int place) {
    return place < HALF ? place : place - KNOWN;
  }

  private @Nullable Meaning found(int place) {
    Entry entry = table.find(iova(place));
    return entry == null ? null : new Meaning(entry.gpa() - entry.first(), entry.permission());
  }

  private static boolean within(Meaning part, @Nullable Meaning before, int added) {
    int before1 = before != null && before.shift == part.shift ? before.permission : 0;
    return (part.permission & added) == added && (part.permission & ~(added | before1)) == 0;
  }

  private void put(int first, int last, long shift, int permission) {
    boolean changes = false;
    for (int place = first; place <= last; place++) {
      Meaning before = model[place];
      changes |= before != null && before.shift != shift;
    }
    Entry added = new Entry(iova(first), iova(last), iova(first) + shift, permission);
    assertThat(table.put(added)).as("whether a meaning changes").isEqualTo(changes);
    for (int place = first; place <= last; place++) {
      Meaning now = Objects.requireNonNull(found(place));
      assertThat(now.shift).isEqualTo(shift);
      assertThat(within(now, model[place], permission))
          .as("%s after %s and %d", now, model[place], permission)
          .isTrue();
      model[place] = now;
    }
  }

  private void remove(int first, int last) {
    table.remove(iova(first), iova(last));
    for (int place = first; place <= last; place++) {
      model[place] = null;
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anyHistoryLeavesEveryAddressWithItsNewestMeaning(long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < 4000; step++) {
      int base = random.nextBoolean() ? 0 : HALF;
      int first = base + random.nextInt(HALF);
      int last = Math.min(base + HALF - 1, first + random.nextInt(20));
      if (random.nextInt(3) == 0) {
        remove(first, last);
      } else {
        put(first, last, (1 + random.nextInt(3)) * 4096L, 1 + random.nextInt(3));
      }
      for (int place = 0; place < KNOWN; place++) {
        assertThat(found(place))
            .as("seed %d, step %d, %d", seed, step, place)
            .isEqualTo(model[place]);
      }
    }
    remove(0, KNOWN - 1);
    assertThat(table.size()).isZero();
  }

  @Test
  void anotherPermissionForTheSameTranslationAddsToIt() {
    put(10, 19, 4096, READ);
    put(10, 19, 4096, WRITE);
    assertThat(found(15)).isEqualTo(new Meaning(4096, READ | WRITE));
  }

  @Test
  void anotherTranslationKeepsNoPermissionOfTheOneBefore() {
    put(10, 19, 4096, READ | WRITE);
    put(12, 13, 8192, READ);
    assertThat(found(12)).isEqualTo(new Meaning(8192, READ));
    assertThat(found(11)).isEqualTo(new Meaning(4096, READ | WRITE));
    assertThat(found(14)).isEqualTo(new Meaning(4096, READ | WRITE));
    assertThat(table.size()).isEqualTo(3);
  }

  @Test
  void anIntervalMayEndWithTheAddressSpaceOrBeAllOfIt() {
    table.put(new Entry(0, -1, 0, READ));
    assertThat(table.find(-1)).isNotNull();
    assertThat(table.find(Long.MIN_VALUE)).isNotNull();
    table.remove(-1, -1);
    assertThat(table.find(-1)).isNull();
    assertThat(table.find(-2)).isNotNull();
    table.remove(0, -1);
    assertThat(table.size()).isZero();
  }

  @Test
  void intervalsThatSplitOthersStayWithinTheLimit() {
    table.put(new Entry(0, -1, 0, READ));
    for (long i = 1; i <= IotlbTable.MAX_ENTRIES; i++) {
      table.put(new Entry(i << 20, (i << 20) + 4095, i, READ));
      assertThat(table.size()).isLessThanOrEqualTo(IotlbTable.MAX_ENTRIES);
    }
    assertThat(table.find((long) IotlbTable.MAX_ENTRIES << 20)).as("the newest").isNotNull();
  }

  @Test
  void removalsThatSplitIntervalsStayWithinTheLimit() {
    table.put(new Entry(0, -1, 0, READ));
    for (long i = 1; i <= IotlbTable.MAX_ENTRIES + 10; i++) {
      table.remove(i << 20, (i << 20) + 4095);
    }
    assertThat(table.size()).isLessThanOrEqualTo(IotlbTable.MAX_ENTRIES);
  }
}
