package aperture.vhostuser.internal.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class MappingTest {

  private static final int PAGE = Mapping.pageSize();

  @Test
  void aPieceOfAFileIsSharedAndGoneWithItsArena() throws IOException {
    try (Fd fd = MemoryFile.createFixed("shared", 4L * PAGE)) {
      Arena arena = Arena.ofShared();
      MemorySegment one = Mapping.of(fd, PAGE, 2L * PAGE, arena);
      MemorySegment other = Mapping.of(fd, 0, 4L * PAGE, arena);
      one.set(ValueLayout.JAVA_LONG, PAGE, 42);
      assertThat(other.get(ValueLayout.JAVA_LONG, 2L * PAGE)).isEqualTo(42);
      assertThat(one.byteSize()).isEqualTo(2L * PAGE);
      arena.close();
      assertThatThrownBy(() -> one.get(ValueLayout.JAVA_LONG, 0))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aPieceThatTheFileDoesNotHaveIsRefused() throws IOException {
    try (Fd fd = MemoryFile.create("short", 2L * PAGE);
        Arena arena = Arena.ofConfined()) {
      long[][] pieces = {
        {0, 2L * PAGE + 1},
        {PAGE, 2L * PAGE},
        {4L * PAGE, 1},
        {-PAGE, PAGE},
        {0, 0},
        {0, -1},
        {Long.MAX_VALUE - PAGE + 1, PAGE},
        {0, Long.MAX_VALUE}
      };
      for (long[] piece : pieces) {
        assertThatThrownBy(() -> Mapping.of(fd, piece[0], piece[1], arena))
            .as("%d bytes at %d", piece[1], piece[0])
            .isInstanceOf(IOException.class);
      }
      assertThatThrownBy(() -> Mapping.of(fd, 1, PAGE, arena))
          .isInstanceOf(SyscallException.class)
          .hasMessageEndingWith("Invalid argument");
    }
  }

  @Test
  void filesLieSideBySideAndPaddingIsMemoryOfNobody() throws IOException {
    try (Fd one = MemoryFile.create("one", PAGE);
        Fd two = MemoryFile.create("two", PAGE);
        Arena arena = Arena.ofConfined();
        Mapping mapping = Mapping.reserve(3L * PAGE, 1 << 21)) {
      mapping.place(0, one, 0, PAGE);
      mapping.pad(PAGE, PAGE);
      mapping.place(2L * PAGE, two, 0, PAGE);
      MemorySegment all = mapping.segment(arena);
      assertThat(all.address() % (1 << 21)).isZero();
      all.fill((byte) 7);
      for (Fd file : new Fd[] {one, two}) {
        MemorySegment seen = Mapping.of(file, 0, PAGE, arena);
        assertThat(seen.mismatch(all.asSlice(0, PAGE))).isEqualTo(-1);
      }
    }
  }

  @Test
  void nothingIsPlacedOutsideOfTheReservation() throws IOException {
    try (Fd file = MemoryFile.create("file", 4L * PAGE);
        Mapping mapping = Mapping.reserve(2L * PAGE, PAGE)) {
      long[][] places = {{-PAGE, PAGE}, {PAGE, 2L * PAGE}, {2L * PAGE, PAGE}, {0, 0}, {0, -1}};
      for (long[] place : places) {
        assertThatThrownBy(() -> mapping.place(place[0], file, 0, place[1]))
            .as("%d bytes at %d", place[1], place[0])
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }
}
