package aperture.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SplitRingLayoutTest {

  @Test
  void areasHaveTheSizesOfTheStandard() {
    for (int n = 1; n <= VirtqueueConfig.MAX_SIZE; n *= 2) {
      assertThat(SplitRingLayout.tableBytes(n)).isEqualTo(16 * n);
      assertThat(SplitRingLayout.availableBytes(n, false)).isEqualTo(4 + 2 * n);
      assertThat(SplitRingLayout.availableBytes(n, true)).isEqualTo(6 + 2 * n);
      assertThat(SplitRingLayout.usedBytes(n, false)).isEqualTo(4 + 8 * n);
      assertThat(SplitRingLayout.usedBytes(n, true)).isEqualTo(6 + 8 * n);
      assertThat(SplitRingLayout.usedEvent(n)).isEqualTo(4 + 2 * n);
      assertThat(SplitRingLayout.availableEvent(n)).isEqualTo(4 + 8 * n);
    }
  }

  @Test
  void theSecondHalfOfADescriptorComesApartAsItWasPutTogether() {
    long rest = SplitRingLayout.rest(0xfedc_ba98, SplitRingLayout.INDIRECT, 0xfffe);
    assertThat(rest).isEqualTo(0xfffe_0004_fedc_ba98L);
    assertThat(SplitRingLayout.length(rest)).isEqualTo(0xfedc_ba98L);
    assertThat(SplitRingLayout.flags(rest)).isEqualTo(SplitRingLayout.INDIRECT);
    assertThat(SplitRingLayout.next(rest)).isEqualTo(0xfffe);
  }

  @Test
  void aUsedElementComesApartAsItWasPutTogether() {
    long element = SplitRingLayout.usedElement(32_767, 0xffff_ffffL);
    assertThat(element).isEqualTo(0xffff_ffff_0000_7fffL);
    assertThat(SplitRingLayout.usedId(element)).isEqualTo(32_767);
    assertThat(SplitRingLayout.usedLength(element)).isEqualTo(0xffff_ffffL);
  }

  /** Every event against steps of every kind of length, from both ends of the index's turn. */
  @Test
  void anEventIsPassedWhenItsIndexLiesInTheStep() {
    int[] starts = {0, 1, 2, 32_767, 32_768, 65_534, 65_535};
    int[] steps = {0, 1, 2, 3, 255, 256, 32_767, 32_768};
    for (int before : starts) {
      for (int step : steps) {
        for (int event = 0; event <= 0xffff; event++) {
          boolean expected = ((event - before) & 0xffff) < step;
          boolean passed =
              SplitRingLayout.passed((short) event, (short) (before + step), (short) before);
          if (passed != expected) {
            assertThat(passed)
                .as("event %d, from %d, %d on", event, before, step)
                .isEqualTo(expected);
          }
        }
      }
    }
  }
}
