package aperture.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Ranges of addresses, unsigned. */
class MemoryRangeTest {

  @Test
  void emptyNegativeAndWrappingRangesCannotBe() {
    assertThatThrownBy(() -> new MemoryRange(0x1000, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0x1000");
    assertThatThrownBy(() -> new MemoryRange(0x1000, -1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new MemoryRange(-4096L, 4097))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aRangeMayEndWithTheLastAddress() {
    MemoryRange top = new MemoryRange(-4096L, 4096);

    assertThat(top.last()).isEqualTo(-1L);
    assertThat(top.contains(-1L)).isTrue();
    assertThat(top.contains(-4096L)).isTrue();
    assertThat(top.contains(-4097L)).isFalse();
    assertThat(top.contains(0)).isFalse();
  }

  @Test
  void containmentIsUnsignedAndEndsAtTheLastByte() {
    MemoryRange range = new MemoryRange(Long.MAX_VALUE - 1, 4);

    assertThat(range.contains(Long.MAX_VALUE)).isTrue();
    assertThat(range.contains(Long.MIN_VALUE + 1)).isTrue();
    assertThat(range.contains(Long.MIN_VALUE + 2)).isFalse();
    assertThat(range.contains(0)).isFalse();
  }

  @Test
  void rangesThatTouchDoNotOverlap() {
    MemoryRange low = new MemoryRange(0x1000, 0x1000);

    assertThat(low.overlaps(new MemoryRange(0x2000, 0x1000))).isFalse();
    assertThat(low.overlaps(new MemoryRange(0, 0x1000))).isFalse();
    assertThat(low.overlaps(new MemoryRange(0x1fff, 1))).isTrue();
    assertThat(low.overlaps(new MemoryRange(0, 0x1001))).isTrue();
    assertThat(low.overlaps(new MemoryRange(-1L, 1))).isFalse();
    assertThat(low.overlaps(low)).isTrue();
  }
}
