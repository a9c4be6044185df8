package aperture.guest.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.virtio.DriverException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentPlanTest {

  private static final int PAGE = 4096;

  private static BlockGeometry geometry(int segments, int longest) {
    return new BlockGeometry(1 << 20, 512, segments, longest, false, false);
  }

  @ParameterizedTest
  @CsvSource({
    "512, 128, 2",
    "4096, 128, 4",
    "65536, 128, 4",
    "4096, 1, 1",
    "4096, 3, 3",
    "1536, 128, 4"
  })
  void segments_add_up_and_neither_touch_nor_leave_the_buffer(int bytes, int most, int count)
      throws DriverException {
    for (int slot = 0; slot < 2; slot++) {
      SegmentPlan plan = SegmentPlan.of(slot, bytes, geometry(most, 1 << 20));
      assertThat(plan.count()).isEqualTo(count);
      assertThat(IntStream.range(0, count).map(plan::length).sum()).isEqualTo(bytes);
      long end = -1;
      for (int i = 0; i < count; i++) {
        assertThat(plan.offset(i)).isGreaterThan(end);
        end = plan.offset(i) + plan.length(i);
      }
      assertThat(end).isLessThanOrEqualTo(plan.bufferBytes());
    }
  }

  @Test
  void even_slots_start_on_pages_and_odd_slots_cross_them() throws DriverException {
    SegmentPlan even = SegmentPlan.of(2, 4096, geometry(128, 1 << 20));
    SegmentPlan odd = SegmentPlan.of(3, 4096, geometry(128, 1 << 20));
    for (int i = 0; i < 4; i++) {
      assertThat(even.offset(i) % PAGE).isZero();
      assertThat(odd.offset(i) / PAGE).isLessThan((odd.offset(i) + odd.length(i) - 1) / PAGE);
    }
  }

  @Test
  void short_segments_need_many() throws DriverException {
    assertThat(SegmentPlan.of(0, 65536, geometry(128, 1024)).count()).isEqualTo(64);
    assertThatThrownBy(() -> SegmentPlan.of(0, 65536, geometry(63, 1024)))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining("63 segments of 1024 bytes");
  }
}
