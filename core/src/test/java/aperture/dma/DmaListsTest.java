package aperture.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The caller-owned lists of the DMA interface. */
class DmaListsTest {

  @Test
  void touchingRangesMergeButNotIntoThoseOfAnEarlierCaller() {
    DmaRanges ranges = new DmaRanges();
    ranges.append(0x1000, 0x1000, 0);
    ranges.append(0x2000, 0x10, 0);
    assertThat(ranges.count()).isEqualTo(1);
    assertThat(ranges.length(0)).isEqualTo(0x1010);

    ranges.append(0x2010, 8, 1);
    ranges.append(0x1000, 8, 1);

    assertThat(ranges.count()).isEqualTo(3);
    ranges.truncate(1);
    ranges.truncate(5);
    assertThat(ranges.count()).isEqualTo(1);
    ranges.clear();
    assertThat(ranges.count()).isZero();
  }

  @Test
  void aListGrowsToItsLimitAndSaysSo() {
    DmaRanges ranges = new DmaRanges();
    for (int i = 0; i < DmaRanges.LIMIT; i++) {
      assertThat(ranges.append(2L * i, 1, 0)).isTrue();
    }

    assertThat(ranges.append(0, 1, 0)).isFalse();
    assertThat(ranges.count()).isEqualTo(DmaRanges.LIMIT);
    assertThat(ranges.append(2L * DmaRanges.LIMIT - 1, 1, 0)).as("a merge needs no room").isTrue();
    assertThat(ranges.length(DmaRanges.LIMIT - 1)).isEqualTo(2);
  }

  @Test
  void aScatterListHoldsWhatItWasMadeFor() {
    ScatterList list = new ScatterList(2);
    list.add(0x1000, 10);
    list.add(0x9000, 20);
    assertThatThrownBy(() -> list.add(0, 1)).isInstanceOf(IndexOutOfBoundsException.class);

    list.appendMapped(0x100, 10);
    list.appendMapped(0x10a, 20);
    assertThat(list.mapped()).isEqualTo(1);
    assertThat(list.mappedLength(0)).isEqualTo(30);
    list.clearMapped();
    list.appendMapped(0x100, 10);
    list.appendMapped(0x200, 20);
    assertThat(list.mapped()).isEqualTo(2);
    assertThat(list.pieces()).isEqualTo(2);
    list.clear();

    assertThat(list.pieces()).isZero();
    assertThat(list.mapped()).isZero();
    assertThat(list.capacity()).isEqualTo(2);
  }
}
