package aperture.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory larger than the host has, and windows over it. */
class LargeMemoryTest {

  private static final long GIB = 1L << 30;
  private static final Path MAPPINGS = Path.of("/proc/self/smaps");

  /**
   * Bytes of guest memory that the host holds. Of the mappings alone: what the heap takes and gives
   * back meanwhile must not count.
   */
  private static long resident() throws IOException {
    Assumptions.assumeTrue(Files.isReadable(MAPPINGS), "resident memory is read from /proc");
    long bytes = 0;
    boolean guest = false;
    for (String line : Files.readAllLines(MAPPINGS)) {
      if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
        guest = line.contains("aperture-ram");
      } else if (guest && line.startsWith("Rss:")) {
        bytes += Long.parseLong(line.replaceAll("\\D", "")) << 10;
      }
    }
    return bytes;
  }

  private static GuestMemory sparse(long... sizes) throws IOException {
    List<MemoryRange> ranges = new java.util.ArrayList<>();
    long base = 0;
    for (long size : sizes) {
      ranges.add(new MemoryRange(base, size));
      base += size + GIB;
    }
    return GuestMemory.allocate(ranges);
  }

  @Test
  void untouchedMemoryCostsTheHostNothing() throws IOException {
    long before = resident();
    // In pieces: a host may refuse one private mapping larger than its memory.
    try (GuestMemory a = sparse(8 * GIB, 8 * GIB);
        GuestMemory b = sparse(16 * GIB);
        GuestMemory c = sparse(16 * GIB);
        GuestMemory d = sparse(16 * GIB)) {
      for (GuestMemory each : List.of(a, b, c, d)) {
        assertThat(each.size()).isEqualTo(16 * GIB);
        each.newWindows();
        each.put8(0, (byte) 1);
        each.putLe64(each.size() - 8, 42);
        assertThat(each.getLe64(each.size() - 8)).isEqualTo(42);
        assertThat(each.getLe64(each.size() / 2)).isZero();
      }
      assertThat(resident() - before).as("bytes for 64 GiB").isBetween(1L, 16L << 20);
    }
  }

  @Test
  void touchedPagesAreThoseThatCost() throws IOException {
    try (GuestMemory memory = sparse(4 * GIB)) {
      long before = resident();
      memory.fill(GIB, 64 << 20, (byte) 7);
      long after = resident();

      assertThat(after - before).isBetween(64L << 20, 80L << 20);
    }
  }

  @Test
  void twoMemoriesNeverShareAByte() throws IOException {
    try (GuestMemory one = sparse(GIB);
        GuestMemory other = sparse(GIB)) {
      one.putLe64(4096, -1);
      assertThat(other.getLe64(4096)).isZero();
    }
  }

  @Test
  void windowsReachEveryPieceUpToOneGibibyteWhereverItLies(@TempDir Path dir) throws IOException {
    try (GuestMemory memory = sparse(3 * GIB + 4096)) {
      List<ByteBuffer> windows = memory.newWindows();
      long size = memory.size();
      long[] offsets = {
        0, GIB / 2 - 1, GIB - 1, GIB, 2 * GIB - 3, 2 * GIB - 1, 3 * GIB - 2, size - 6
      };
      Path file = dir.resolve("data");
      try (FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6}));
        for (long offset : offsets) {
          ByteBuffer window = GuestMemory.window(windows, offset, 6);
          assertThat(window.remaining()).isEqualTo(6);
          assertThat(channel.read(window, 0)).isEqualTo(6);
          byte[] seen = new byte[6];
          memory.read(offset, seen, 0, 6);
          assertThat(seen).as("offset %x", offset).containsExactly(1, 2, 3, 4, 5, 6);
        }
      }
      for (long offset : new long[] {0, GIB / 2 - 1, GIB - 1, GIB, GIB + 4095, 2 * GIB + 4096}) {
        ByteBuffer widest = GuestMemory.window(windows, offset, 1 << 30);
        assertThat(widest.remaining()).as("offset %x", offset).isEqualTo(1 << 30);
      }
      assertThat(GuestMemory.window(windows, 0, 1).remaining()).isEqualTo(1);
    }
  }

  @Test
  void aWindowNeverReachesBeyondTheMapping() throws IOException {
    try (GuestMemory memory = sparse(GIB)) {
      List<ByteBuffer> windows = memory.newWindows();
      assertThatThrownBy(() -> GuestMemory.window(windows, GIB - 4, 5))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> GuestMemory.window(windows, GIB, 1))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}
