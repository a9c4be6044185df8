package aperture.vhostuser.internal.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.Mapping;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.wire.LogArea;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DirtyLogTest {

  private static final long FILE = 8192;
  private static final long OFFSET = 4096;
  private static final int BYTES = 16;
  private static final int PAGES = BYTES * Byte.SIZE;
  private static final int PAGE = 4096;

  private final long fdsBefore = Fd.open();
  private final Arena arena = Arena.ofShared();
  private MemorySegment file;
  private DirtyLog log;

  @BeforeEach
  void map() throws IOException {
    Fd fd = MemoryFile.create("log", FILE);
    file = Mapping.of(fd, 0, FILE, arena);
    log = DirtyLog.map(new LogArea(BYTES, OFFSET), fd);
  }

  @AfterEach
  void nothingStaysOpen() {
    log.close();
    arena.close();
    assertThat(Fd.open()).isEqualTo(fdsBefore);
  }

  private BitSet marked() {
    BitSet all = BitSet.valueOf(file.toArray(ValueLayout.JAVA_BYTE));
    assertThat(all.get(0, (int) OFFSET * Byte.SIZE).isEmpty()).as("before the log").isTrue();
    return all.get((int) OFFSET * Byte.SIZE, (int) FILE * Byte.SIZE);
  }

  @Test
  void everyPageThatWasWrittenHasItsBitAndNoOther() {
    Random random = new Random(3);
    BitSet expected = new BitSet();
    for (int i = 0; i < 60; i++) {
      long at = random.nextLong((PAGES - 4L) * PAGE);
      long length = 1 + random.nextLong(3L * PAGE);
      assertThat(log.wrote(at, length)).isTrue();
      expected.set((int) (at >> 12), (int) (at + length - 1 >> 12) + 1);
      assertThat(marked()).isEqualTo(expected);
    }
  }

  @Test
  void theEdgesOfAPageBelongToIt() {
    assertThat(log.wrote(4096, 4096)).isTrue();
    assertThat(log.wrote(3 * 4096 - 1, 2)).isTrue();
    assertThat(marked().stream()).containsExactly(1, 2, 3);
  }

  @Test
  void pagesBeyondTheLogAreLeftOutAndReported() {
    assertThat(log.covers()).isEqualTo((long) PAGES << 12);
    assertThat(log.wrote((PAGES - 1L) << 12, 8192)).isFalse();
    assertThat(log.wrote((long) PAGES << 12, 1)).isFalse();
    assertThat(log.wrote(1L << 52, 1L << 32)).isFalse();
    assertThat(log.wrote(-8192, 4096)).isFalse();
    assertThat(marked().stream()).containsExactly(PAGES - 1);
  }

  @Test
  void aLogThatIsNotInItsFileIsRefused() {
    LogArea[] wrong = {
      new LogArea(0, 0),
      new LogArea(-8, 0),
      new LogArea(12, 0),
      new LogArea(FILE + 8, 0),
      new LogArea(8, 100),
      new LogArea(8, -4096),
      new LogArea(8, FILE),
      new LogArea(Long.MAX_VALUE & -8, OFFSET),
    };
    for (LogArea area : wrong) {
      assertThatThrownBy(() -> DirtyLog.map(area, MemoryFile.create("log", FILE)))
          .as(area.toString())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("dirty log");
    }
  }
}
