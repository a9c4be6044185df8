package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.memory.PageAllocator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages of tables that a table driver left behind. */
class TablePagesTest {

  private static final long PAGE = PageAllocator.PAGE_SIZE;

  private GuestMemory memory;
  private GuestPages machine;
  private TablePages pages;

  @BeforeEach
  void allocate() throws IOException {
    memory = GuestMemory.allocate(List.of(new MemoryRange(0, 1 << 20)));
    machine = new GuestPages(memory);
    pages = new TablePages(machine);
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void aSetPutAsideStaysTakenUntilItIsDiscarded() {
    long old = pages.allocate(2 * PAGE, PAGE);
    Map<Long, Long> aside = pages.setAside();
    long fresh = pages.allocate(PAGE, PAGE);

    assertThat(fresh).isNotEqualTo(old).isNotEqualTo(old + PAGE);
    assertThat(machine.used()).isEqualTo(3 * PAGE);
    pages.discard(aside);

    assertThat(machine.used()).isEqualTo(PAGE);
  }

  @Test
  void restoringGivesBackWhatWasBuiltMeanwhile() {
    long old = pages.allocate(PAGE, PAGE);
    Map<Long, Long> aside = pages.setAside();
    pages.allocate(3 * PAGE, PAGE);
    pages.allocate(PAGE, PAGE);

    pages.restore(aside);

    assertThat(machine.used()).isEqualTo(PAGE);
    pages.free(old, PAGE);
    assertThat(machine.used()).isZero();
    pages.discard(pages.setAside());
    assertThat(machine.used()).as("what was freed is not given back again").isZero();
  }

  @Test
  void whatCannotBeAllocatedIsNotRemembered() {
    assertThat(pages.allocate(2 << 20, PAGE)).isEqualTo(PageAllocator.NO_MEMORY);

    assertThat(pages.setAside()).isEmpty();
  }

  @Test
  void whatIsNoTableOfTheDriverStaysAsItIs() {
    long buffer = machine.allocate(PAGE, PAGE);
    long table = pages.allocate(2 * PAGE, PAGE);

    pages.free(buffer, PAGE);
    pages.free(table + PAGE, PAGE);
    pages.free(table, PAGE);
    pages.free(1L << 40, PAGE);
    pages.free(0, PAGE);

    assertThat(machine.used()).isEqualTo(3 * PAGE);
    pages.free(table, 2 * PAGE);
    pages.free(table, 2 * PAGE);
    assertThat(machine.used()).isEqualTo(PAGE);
  }
}
