package aperture.vhostuser.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.HostilePeer;
import aperture.vhostuser.internal.sys.MemoryFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What regions may be, what they are called on both sides, and what a change leaves behind. */
class RegionTableTest {

  private static final long PAGE = 4096;
  private static final long USER = 0x7f00_0000_0000L;
  private static final long NONE = RegionTable.NOT_MEMORY;

  private final long before = Fd.open();
  private final RegionTable table = new RegionTable();

  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    table.close();
    assertThat(Fd.open()).isEqualTo(before);
  }

  private static Region region(long gpa, long size, long user) throws IOException {
    return new Region(gpa, size, user, 0, MemoryFile.create("ram", Math.max(0, size)));
  }

  private void assertRefused(Region region, String words) {
    List<Region> regions = table.regions();
    long open = Fd.open();
    assertThatThrownBy(() -> table.add(region))
        .isInstanceOf(RegionException.class)
        .hasMessageContaining(words);
    assertThat(table.regions()).as("nothing has changed").isEqualTo(regions);
    assertThat(region.file().isOpen()).as("its file is closed").isFalse();
    assertThat(Fd.open()).isEqualTo(open - 1);
  }

  @Test
  void anAddressIsTranslatedIfTheWholeRangeLiesInOneRegion() throws IOException {
    table.add(region(0, 4 * PAGE, USER + 0x10_0000));
    table.add(region(4 * PAGE, 2 * PAGE, USER));
    table.add(region(1L << 32, PAGE, -PAGE));

    assertThat(table.userToGpa(USER + 0x10_0000, 4 * PAGE)).isZero();
    assertThat(table.userToGpa(USER + 0x10_0000, 4 * PAGE + 1)).isEqualTo(NONE);
    assertThat(table.userToGpa(USER + 0x10_0001, 1)).isEqualTo(1);
    assertThat(table.userToGpa(USER + 2 * PAGE - 1, 1)).isEqualTo(6 * PAGE - 1);
    assertThat(table.userToGpa(USER + 2 * PAGE - 1, 2)).isEqualTo(NONE);
    assertThat(table.userToGpa(USER - 1, 1)).isEqualTo(NONE);
    assertThat(table.userToGpa(USER + 2 * PAGE, 1)).isEqualTo(NONE);
    assertThat(table.userToGpa(-PAGE, PAGE)).as("up to the last address").isEqualTo(1L << 32);
    assertThat(table.userToGpa(-1, 2)).isEqualTo(NONE);
    for (long length : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThat(table.userToGpa(USER, length)).as("length %d", length).isEqualTo(NONE);
      assertThat(table.gpaToUser(0, length)).as("length %d", length).isEqualTo(NONE);
    }

    assertThat(table.gpaToUser(0, 4 * PAGE)).isEqualTo(USER + 0x10_0000);
    assertThat(table.gpaToUser(PAGE, 4 * PAGE)).as("two regions").isEqualTo(NONE);
    assertThat(table.gpaToUser(4 * PAGE, 1)).isEqualTo(USER);
    assertThat(table.gpaToUser((1L << 32) + PAGE - 1, 1)).isEqualTo(-1);
    assertThat(table.gpaToUser(1L << 33, 1)).isEqualTo(NONE);
  }

  @Test
  void anEmptyTableTranslatesNothingAndIsAMemoryWithoutAByte() throws IOException {
    assertThat(table.userToGpa(0, 1)).isEqualTo(NONE);
    assertThat(table.gpaToUser(0, 1)).isEqualTo(NONE);
    try (GuestMemory memory = table.mapped()) {
      assertThat(memory.size()).isZero();
      assertThat(memory.offsetOf(0, 1)).isEqualTo(GuestMemory.NOT_MEMORY);
    }
  }

  @Test
  void regionsThatOverlapOnEitherSideAreRefused() throws IOException {
    table.add(region(0x10000, 4 * PAGE, USER));
    assertRefused(region(0x10000 + 3 * PAGE, PAGE, USER + (1 << 20)), "overlaps region");
    assertRefused(region(0x10000 - PAGE, 2 * PAGE, USER + (1 << 20)), "overlaps region");
    assertRefused(region(0x20000, PAGE, USER + 4 * PAGE - 1), "overlaps region");
    assertRefused(region(0x20000, 8 * PAGE, USER - PAGE), "overlaps region");
    table.add(region(0x10000 + 4 * PAGE, PAGE, USER + 4 * PAGE));
    assertThat(table.regions()).hasSize(2);
  }

  @Test
  void regionsThatCannotBeAreRefused() throws IOException {
    assertRefused(region(0, 0, USER), "is empty");
    assertRefused(new Region(0, -1, USER, 0, MemoryFile.create("ram", 1)), "is empty");
    assertRefused(region(-PAGE, 2 * PAGE, USER), "wraps around");
    assertRefused(region(0, 2 * PAGE, -PAGE), "wraps around");
    assertRefused(region(1, PAGE, USER), "does not begin with a page");
    Fd file = MemoryFile.create("ram", 1 << 20);
    assertRefused(new Region(0, PAGE, USER, 1, file), "does not begin with a page of its file");
    Fd other = MemoryFile.create("ram", 1 << 20);
    assertRefused(
        new Region(0, PAGE, USER, Long.MIN_VALUE, other), "does not begin with a page of its");
  }

  @Test
  void regionsBeyondTheirFileAreRefused() throws IOException {
    assertRefused(
        new Region(0, PAGE + 1, USER, 0, MemoryFile.create("ram", PAGE)), "beyond its file");
    assertRefused(
        new Region(0, PAGE, USER, 1 << 16, MemoryFile.create("ram", 1 << 16)), "beyond its file");
    assertRefused(
        new Region(0, PAGE, USER, Long.MAX_VALUE & -(1 << 16), MemoryFile.create("ram", PAGE)),
        "beyond its file");
    table.add(new Region(0, 1 << 16, USER, 1 << 16, MemoryFile.create("ram", 1 << 17)));
  }

  @Test
  void moreRegionsOrBytesThanThereCanBeAreRefused() throws IOException {
    long half = 1L << 43;
    table.add(region(0, half, 0));
    table.add(region(half, half - PAGE * RegionTable.MAX_SLOTS, half));
    assertRefused(region(1L << 45, half, 1L << 45), "larger than any");
    for (int i = 2; i < RegionTable.MAX_SLOTS; i++) {
      table.add(region((1L << 46) + i * PAGE, PAGE, (1L << 46) + i * PAGE));
    }
    assertRefused(region(1L << 47, PAGE, 1L << 47), "one more than the 509");
  }

  @Test
  void aRegionIsRemovedByAllThreeOfItsNumbers() throws IOException {
    Region region = region(0x10000, 4 * PAGE, USER);
    table.add(region);
    for (Region wrong :
        List.of(
            new Region(0, 4 * PAGE, USER, 0, region.file()),
            new Region(0x10000, PAGE, USER, 0, region.file()),
            new Region(0x10000, 4 * PAGE, USER + PAGE, 0, region.file()))) {
      assertThatThrownBy(() -> table.remove(wrong.gpa(), wrong.size(), wrong.userAddress()))
          .isInstanceOf(RegionException.class)
          .hasMessageStartingWith("no region gpa=0x");
    }
    table.remove(0x10000, 4 * PAGE, USER);
    assertThat(table.regions()).isEmpty();
    assertThat(region.file().isOpen()).isFalse();
    assertThatThrownBy(() -> table.remove(0x10000, 4 * PAGE, USER))
        .isInstanceOf(RegionException.class);
  }

  @Test
  void aWholeTableIsTakenOrNothingOfIt() throws IOException {
    table.add(region(0, PAGE, USER));
    List<Region> old = table.regions();

    List<Region> bad = List.of(region(0, PAGE, USER), region(0, PAGE, USER + PAGE));
    assertThatThrownBy(() -> table.replace(bad)).isInstanceOf(RegionException.class);
    assertThat(table.regions()).isEqualTo(old);
    assertThat(bad).noneMatch(region -> region.file().isOpen());

    List<Region> good = List.of(region(0, PAGE, USER), region(PAGE, PAGE, USER + PAGE));
    table.replace(good);
    assertThat(table.regions()).isEqualTo(good);
    assertThat(old).noneMatch(region -> region.file().isOpen());
    assertThat(table.userToGpa(USER + PAGE, PAGE)).isEqualTo(PAGE);
  }

  @Test
  void allRegionsAreOneMemoryThatSeesWhatTheFilesHold() throws IOException {
    Fd shared = MemoryFile.create("ram", 8 << 16);
    table.add(new Region(1L << 32, 4 << 16, USER, 4 << 16, shared));
    table.add(region(0, 0xa0000, USER + (1 << 30)));
    table.add(region(0xc0000, 3 * PAGE, USER + (2L << 30)));

    try (GuestMemory memory = table.mapped();
        GuestMemory again = table.mapped()) {
      assertThat(memory.regions())
          .containsExactly(
              new MemoryRange(0, 0xa0000),
              new MemoryRange(0xc0000, 3 * PAGE),
              new MemoryRange(1L << 32, 4 << 16));
      List<Long> addresses = new ArrayList<>();
      for (MemoryRange range : memory.regions()) {
        addresses.add(range.base());
        addresses.add(range.last() - 7);
      }
      for (long gpa : addresses) {
        memory.putLe64(memory.offsetOf(gpa, 8), gpa ^ 0x5555);
      }
      for (long gpa : addresses) {
        assertThat(again.getLe64(again.offsetOf(gpa, 8))).isEqualTo(gpa ^ 0x5555);
      }
      assertThat(memory.offsetOf(0xa0000 - 1, 2)).isEqualTo(GuestMemory.NOT_MEMORY);
    }
  }

  @Test
  void aMemoryOutlivesItsRegions() throws IOException {
    table.add(region(0, PAGE, USER));
    try (GuestMemory memory = table.mapped()) {
      memory.putLe32(0, 42);
      table.close();
      assertThat(memory.getLe32(0)).isEqualTo(42);
    }
  }

  @Test
  void aMemoryThatIsClosedIsUnmapped() throws IOException {
    table.add(region(0, 16 << 20, USER));
    long mapped = mappings();
    GuestMemory memory = table.mapped();
    assertThat(mappings()).isGreaterThan(mapped);
    memory.close();
    assertThat(mappings()).isEqualTo(mapped);
    assertThatThrownBy(() -> memory.get8(0)).isInstanceOf(IllegalStateException.class);
  }

  /** Mappings of files like those of these tests. */
  private static long mappings() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains("memfd:ram")).count();
    }
  }

  @Test
  void memoryThatIsMuchLargerThanTheHostsIsOnlyAddresses() throws IOException {
    table.add(region(0, 1L << 42, USER));
    try (GuestMemory memory = table.mapped()) {
      long last = memory.offsetOf((1L << 42) - 8, 8);
      memory.putLe64(last, 7);
      assertThat(memory.getLe64(last)).isEqualTo(7);
      assertThat(memory.newWindows()).hasSize(1 << 13);
    }
  }

  @Test
  void aFileThatCannotBeMappedIsAFailureAndNothingStaysMapped() throws IOException {
    table.add(region(0, PAGE, USER));
    Path file = Files.write(folder.resolve("ram"), new byte[(int) PAGE]);
    Fd readOnly = HostilePeer.openForReading(file);
    table.add(new Region(PAGE, PAGE, USER + PAGE, 0, readOnly));
    long mapped = mappings();
    assertThatThrownBy(table::mapped)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mmap of fd")
        .hasMessageEndingWith("Permission denied");
    assertThat(mappings()).isEqualTo(mapped);
  }
}
