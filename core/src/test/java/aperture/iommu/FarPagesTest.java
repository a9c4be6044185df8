package aperture.iommu;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Runs of pages, against a plain set of bits. */
class FarPagesTest {

  private static final int PAGES = 200;

  @Test
  void aRandomHistoryAgreesWithASetOfBits() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    FarPages runs = new FarPages();
    BitSet model = new BitSet();
    for (int step = 0; step < 20_000; step++) {
      int from = random.nextInt(PAGES);
      int to = from + random.nextInt(20);
      if (random.nextBoolean()) {
        runs.remove(from, to);
        model.clear(from, to);
      } else if (model.get(from, to).isEmpty()) {
        runs.add(from, to);
        model.set(from, to);
      }
      int at = random.nextInt(PAGES);
      int end = at + random.nextInt(30);
      int first = model.nextSetBit(at);
      assertThat(runs.anyIn(at, end))
          .as("seed %d step %d", seed, step)
          .isEqualTo(!model.get(at, end).isEmpty());
      assertThat(runs.firstIn(at, end))
          .as("seed %d step %d", seed, step)
          .isEqualTo(first < 0 ? end : Math.min(first, end));
      if (model.get(at)) {
        assertThat(runs.endOf(at)).isGreaterThan(at).isLessThanOrEqualTo(model.nextClearBit(at));
      }
    }
  }
}
