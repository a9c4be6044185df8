package aperture.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The bounds check at every edge, and the accessors. */
class GuestMemoryTest {

  private static final long LOW = 0x1000;
  private static final long LOW_SIZE = 0x3000;
  private static final long HIGH = 0x1_0000_0000L;
  private static final long HIGH_SIZE = 0x2000;

  private GuestMemory memory;

  @BeforeEach
  void allocate() throws IOException {
    memory =
        GuestMemory.allocate(
            List.of(new MemoryRange(HIGH, HIGH_SIZE), new MemoryRange(LOW, LOW_SIZE)));
  }

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void regionsLieOneAfterTheOtherByAddress() {
    assertThat(memory.regions())
        .containsExactly(new MemoryRange(LOW, LOW_SIZE), new MemoryRange(HIGH, HIGH_SIZE));
    assertThat(memory.size()).isEqualTo(LOW_SIZE + HIGH_SIZE);
    assertThat(memory.offsetOf(LOW, 1)).isZero();
    assertThat(memory.offsetOf(HIGH, 1)).isEqualTo(LOW_SIZE);
    assertThat(memory.gpaOf(LOW_SIZE - 1)).isEqualTo(LOW + LOW_SIZE - 1);
    assertThat(memory.gpaOf(LOW_SIZE)).isEqualTo(HIGH);
    assertThatThrownBy(() -> memory.gpaOf(LOW_SIZE + HIGH_SIZE))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.gpaOf(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aRangeUpToTheEndOfItsRegionIsMemoryAndOneByteMoreIsNot() {
    assertThat(memory.offsetOf(LOW, LOW_SIZE)).isZero();
    assertThat(memory.offsetOf(LOW, LOW_SIZE + 1)).isEqualTo(GuestMemory.NOT_MEMORY);
    assertThat(memory.offsetOf(LOW + LOW_SIZE - 1, 1)).isEqualTo(LOW_SIZE - 1);
    assertThat(memory.offsetOf(LOW + LOW_SIZE - 1, 2)).isEqualTo(GuestMemory.NOT_MEMORY);
    assertThat(memory.offsetOf(LOW + LOW_SIZE, 1)).isEqualTo(GuestMemory.NOT_MEMORY);
    assertThat(memory.offsetOf(HIGH + 1, HIGH_SIZE)).isEqualTo(GuestMemory.NOT_MEMORY);
  }

  @Test
  void gapsAndWhatLiesBelowAndAboveAreNotMemory() {
    assertThat(memory.offsetOf(0, 1)).isEqualTo(GuestMemory.NOT_MEMORY);
    assertThat(memory.offsetOf(LOW - 1, 1)).isEqualTo(GuestMemory.NOT_MEMORY);
    assertThat(memory.offsetOf(LOW - 1, 2)).isEqualTo(GuestMemory.NOT_MEMORY);
    assertThat(memory.offsetOf(HIGH - 1, 2)).isEqualTo(GuestMemory.NOT_MEMORY);
    assertThat(memory.offsetOf(HIGH + HIGH_SIZE, 1)).isEqualTo(GuestMemory.NOT_MEMORY);
    assertThat(memory.offsetOf(-1L, 1)).isEqualTo(GuestMemory.NOT_MEMORY);
  }

  @Test
  void emptyNegativeAndWrappingLengthsAreNotMemory() {
    for (long length : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, -LOW}) {
      assertThat(memory.offsetOf(LOW, length)).as("length %d", length).isEqualTo(-1);
      assertThat(memory.offsetOf(HIGH, length)).as("length %d", length).isEqualTo(-1);
    }
  }

  @Test
  void aRegionMayEndWithTheLastAddress() throws IOException {
    try (GuestMemory top = GuestMemory.allocate(List.of(new MemoryRange(-8192L, 8192)))) {
      assertThat(top.offsetOf(-1L, 1)).isEqualTo(8191);
      assertThat(top.offsetOf(-1L, 2)).isEqualTo(GuestMemory.NOT_MEMORY);
      assertThat(top.offsetOf(-8192L, 8192)).isZero();
      assertThat(top.offsetOf(0, 1)).isEqualTo(GuestMemory.NOT_MEMORY);
      assertThat(top.contiguousFrom(-4096L)).isEqualTo(4096);
    }
  }

  @Test
  void manyRegionsAreSearchedAsFewAreCompared() throws IOException {
    Random random = new Random(7);
    List<MemoryRange> ranges = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      // The last ones lie in the upper half of the address space: comparisons are unsigned.
      ranges.add(new MemoryRange(i * 0x2000_0000_0000_0000L + 0x10000L * i, 0x1000L * (i + 1)));
    }
    ranges.remove(8);
    try (GuestMemory many = GuestMemory.allocate(ranges)) {
      long offset = 0;
      for (MemoryRange range : ranges) {
        assertThat(many.offsetOf(range.base(), range.size())).isEqualTo(offset);
        assertThat(many.offsetOf(range.last(), 1)).isEqualTo(offset + range.size() - 1);
        assertThat(many.offsetOf(range.last(), 2)).isEqualTo(-1);
        assertThat(many.offsetOf(range.base() - 1, 1)).isEqualTo(-1);
        assertThat(many.offsetOf(range.last() + 1, 1)).isEqualTo(-1);
        offset += range.size();
      }
      for (int i = 0; i < 10_000; i++) {
        long address = random.nextLong();
        boolean inside = ranges.stream().anyMatch(range -> range.contains(address));
        assertThat(many.offsetOf(address, 1) >= 0).as("0x%x", address).isEqualTo(inside);
      }
    }
  }

  @Test
  void howFarMemoryGoesOnIsKnownAtEveryAddress() {
    assertThat(memory.contiguousFrom(LOW)).isEqualTo(LOW_SIZE);
    assertThat(memory.contiguousFrom(LOW + LOW_SIZE - 1)).isEqualTo(1);
    assertThat(memory.contiguousFrom(LOW + LOW_SIZE)).isZero();
    assertThat(memory.contiguousFrom(0)).isZero();
  }

  @Test
  void overlappingRangesAndNoRangesAreRefused() {
    assertThatThrownBy(() ->
            GuestMemory.allocate(
                List.of(new MemoryRange(0, 0x2000), new MemoryRange(0x1fff, 0x1000))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("overlap");
    assertThatThrownBy(() -> GuestMemory.allocate(List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aForeignMappingMustHoldItsRegionsInOrder() {
    MemoryRange low = new MemoryRange(0, 4096);
    MemoryRange high = new MemoryRange(1 << 20, 4096);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(3 * 4096, 4096);
      assertThatThrownBy(() -> GuestMemory.wrap(List.of(high, low), segment, arena))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("ascending");
      assertThatThrownBy(() ->
              GuestMemory.wrap(List.of(low, new MemoryRange(1 << 20, 3 * 4096)), segment, arena))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("too small");
      GuestMemory wrapped = GuestMemory.wrap(List.of(low, high), segment, arena);
      assertThat(wrapped.size()).as("the rest of the mapping is no memory").isEqualTo(8192);
      assertThat(wrapped.offsetOf(1 << 20, 4096)).isEqualTo(4096);
      assertThat(GuestMemory.wrap(List.of(), segment, arena).offsetOf(0, 1)).isEqualTo(-1);
    }
  }

  @Test
  void numbersLieInMemoryInTheOrderThatTheirNameSays() {
    memory.putLe16(1, (short) 0x0102);
    assertThat(memory.get8(1)).isEqualTo((byte) 2);
    assertThat(memory.get8(2)).isEqualTo((byte) 1);
    memory.putLe32(3, 0x01020304);
    assertThat(memory.get8(3)).isEqualTo((byte) 4);
    assertThat(memory.getBe32(3)).isEqualTo(0x04030201);
    memory.putBe32(3, 0x01020304);
    assertThat(memory.get8(3)).isEqualTo((byte) 1);
    assertThat(memory.getLe32(3)).isEqualTo(0x04030201);
    memory.putLe64(9, 0x0102030405060708L);
    assertThat(memory.get8(9)).isEqualTo((byte) 8);
    assertThat(memory.getBe64(9)).isEqualTo(0x0807060504030201L);
    memory.putBe64(9, 0x0102030405060708L);
    assertThat(memory.get8(9)).isEqualTo((byte) 1);
    assertThat(memory.getLe64(9)).isEqualTo(0x0807060504030201L);
    assertThat(memory.getLe16(9)).isEqualTo((short) 0x0201);
  }

  @Test
  void orderedAccessorsAreLittleEndianAndDemandEvenOffsets() {
    memory.storeRelease16(2, (short) 0x0102);
    assertThat(memory.get8(2)).isEqualTo((byte) 2);
    assertThat(memory.loadAcquire16(2)).isEqualTo((short) 0x0102);
    memory.storeOpaque16(4, (short) 0xfffe);
    assertThat(memory.loadOpaque16(4)).isEqualTo((short) 0xfffe);
    assertThat(memory.getLe16(4)).isEqualTo((short) 0xfffe);
    assertThatThrownBy(() -> memory.loadAcquire16(3)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> memory.storeRelease16(3, (short) 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void bulkCopiesAndFillsTouchWhatTheySayAndNothingElse() {
    memory.fill(0, 100, (byte) 0x11);
    memory.write(10, new byte[] {1, 2, 3, 4}, 1, 2);
    memory.fill(20, 3, (byte) 0x22);

    byte[] seen = new byte[6];
    memory.read(9, seen, 1, 4);
    assertThat(seen).containsExactly(0, 0x11, 2, 3, 0x11, 0);
    memory.read(19, seen, 0, 5);
    assertThat(seen).startsWith(0x11, 0x22, 0x22, 0x22, 0x11);
  }

  @Test
  void accessOutsideTheMappingFailsWithoutHarm() {
    long size = memory.size();
    assertThatThrownBy(() -> memory.get8(size)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.putLe64(size - 7, 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.get8(-1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> memory.fill(size - 1, 2, (byte) 0))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void closedMemoryFailsCleanlyAndMayBeClosedAgain() {
    ByteBuffer window = GuestMemory.window(memory.newWindows(), 0, 4);
    memory.close();
    memory.close();

    assertThatThrownBy(() -> memory.get8(0)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> memory.storeRelease16(0, (short) 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> memory.write(0, new byte[1], 0, 1))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(window::get).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void regionsWithPlacesOfTheirOwnAreReachedThereAndNowhereElse() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(8 * 4096, 4096);
      MemoryRange low = new MemoryRange(0, 4096);
      MemoryRange high = new MemoryRange(1 << 20, 8192);
      long[] places = {4096, 5 * 4096};
      GuestMemory placed = GuestMemory.wrap(List.of(low, high), places, segment, arena);

      assertThat(placed.size()).as("without what lies between").isEqualTo(3 * 4096);
      assertThat(placed.offsetOf(1, 4095)).isEqualTo(4097);
      assertThat(placed.offsetOf(1, 4096)).isEqualTo(GuestMemory.NOT_MEMORY);
      assertThat(placed.offsetOf((1 << 20) + 7, 8)).isEqualTo(5 * 4096 + 7);
      assertThat(placed.gpaOf(5 * 4096 + 7)).isEqualTo((1 << 20) + 7);
      for (long between : new long[] {0, 2 * 4096, 7 * 4096}) {
        assertThatThrownBy(() -> placed.gpaOf(between))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
    }
  }

  @Test
  void placesThatOverlapOrLieOutsideAreRefused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment segment = arena.allocate(4 * 4096, 4096);
      List<MemoryRange> two = List.of(new MemoryRange(0, 4096), new MemoryRange(1 << 20, 4096));
      for (long[] places :
          new long[][] {
            {0, 4095}, {4096, 0}, {-4096, 0}, {0, 3 * 4096 + 1}, {0}, {0, 4096, 8192}
          }) {
        assertThatThrownBy(() -> GuestMemory.wrap(two, places, segment, arena))
            .as(Arrays.toString(places))
            .isInstanceOf(IllegalArgumentException.class);
      }
      assertThat(GuestMemory.wrap(two, new long[] {0, 3 * 4096}, segment, arena).size())
          .isEqualTo(8192);
    }
  }
}
