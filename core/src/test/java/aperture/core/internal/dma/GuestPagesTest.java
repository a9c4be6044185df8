package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A machine's page allocator. */
class GuestPagesTest {

  private static final long PAGE = PageAllocator.PAGE_SIZE;
  private static final long LOW_SIZE = 1 << 20;
  private static final long HIGH = 0x4000_0000L;
  private static final long HIGH_SIZE = 2 << 20;

  private GuestMemory memory;
  private GuestPages pages;

  @BeforeEach
  void allocate() throws IOException {
    memory =
        GuestMemory.allocate(
            List.of(new MemoryRange(0, LOW_SIZE), new MemoryRange(HIGH, HIGH_SIZE)));
    pages = new GuestPages(memory);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void everyPageIsHandedOutOnceAndTheLowestNever() {
    Set<Long> seen = new HashSet<>();
    long gpa = pages.allocate(PAGE, PAGE);
    while (gpa != PageAllocator.NO_MEMORY) {
      assertThat(seen.add(gpa)).as("0x%x twice", gpa).isTrue();
      assertThat(gpa % PAGE).isZero();
      assertThat(memory.offsetOf(gpa, PAGE)).isNotNegative();
      gpa = pages.allocate(PAGE, PAGE);
    }

    assertThat(seen).hasSize((int) ((LOW_SIZE + HIGH_SIZE - (64 << 10)) / PAGE));
    assertThat(seen).allSatisfy(page -> assertThat(page).isGreaterThanOrEqualTo(64 << 10));
    assertThat(pages.used()).isEqualTo(seen.size() * PAGE);
  }

  @Test
  void pagesComeZeroedHoweverTheyWereLeft() {
    long gpa = pages.allocate(HIGH_SIZE, PAGE);
    memory.fill(memory.offsetOf(gpa, HIGH_SIZE), HIGH_SIZE, (byte) 0xaa);
    pages.free(gpa, HIGH_SIZE);

    long again = pages.allocate(HIGH_SIZE, PAGE);

    assertThat(again).isEqualTo(gpa);
    byte[] all = new byte[(int) HIGH_SIZE];
    memory.read(memory.offsetOf(again, HIGH_SIZE), all, 0, all.length);
    assertThat(Arrays.equals(all, new byte[all.length])).isTrue();
  }

  @Test
  void piecesAreContiguousAlignedAndInsideOneRegion() {
    long gpa = pages.allocate(3 * PAGE + 1, 64 << 10);

    assertThat(gpa % (64 << 10)).isZero();
    assertThat(memory.offsetOf(gpa, 4 * PAGE)).isNotNegative();
    assertThat(pages.used()).isEqualTo(4 * PAGE);
    // More than the low region has left goes into the high one, not across.
    assertThat(pages.allocate(LOW_SIZE, PAGE)).isGreaterThanOrEqualTo(HIGH);
  }

  @Test
  void whatDoesNotFitIsRefusedAndLeavesNothingTaken() {
    assertThat(pages.allocate(HIGH_SIZE + 1, PAGE)).isEqualTo(PageAllocator.NO_MEMORY);
    assertThat(pages.allocate(0, PAGE)).isEqualTo(PageAllocator.NO_MEMORY);
    assertThat(pages.allocate(-1, PAGE)).isEqualTo(PageAllocator.NO_MEMORY);
    assertThat(pages.allocate(Long.MAX_VALUE, PAGE)).isEqualTo(PageAllocator.NO_MEMORY);
    assertThat(pages.used()).isZero();
  }

  @Test
  void givingBackWhatWasNotHandedOutIsSaidAndDoesNotDistortTheCount() {
    long gpa = pages.allocate(2 * PAGE, PAGE);
    pages.free(gpa, 2 * PAGE);

    assertThatThrownBy(() -> pages.free(gpa, 2 * PAGE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> pages.free(LOW_SIZE, PAGE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(pages.used()).isZero();
  }
}
