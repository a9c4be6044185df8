package aperture.vhostuser.internal.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.Resumption.Position;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InflightQueueTest {

  private static final int ENTRIES = InflightHistory.ENTRIES;
  private static final int GARBAGE_ROUNDS = 100_000;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 0x7ffe, 0xfff0, 0xffff})
  void atEveryCrashPointNothingIsLostNothingPublishedIsRepeatedAndOrderIsKept(int firstUsed)
      throws Exception {
    Random random = new Random(firstUsed);
    try (InflightHistory history = new InflightHistory(random, firstUsed)) {
      for (int i = 0; i < 2000; i++) {
        history.step();
        if (random.nextInt(4) == 0) {
          history.die();
        }
      }
    }
  }

  @Test
  void aRecordThatWasNeverUsedIsMadeFreshWhateverElseIsInIt() {
    MemorySegment part = InflightHistory.newPart().fill((byte) -1);
    part.set(ValueLayout.JAVA_SHORT, SplitInflightLayout.VERSION_AT, (short) 0);
    assertThat(new InflightQueue(part, ENTRIES).from(77)).isEqualTo(new Position(77, List.of()));
    assertThat(part.get(ValueLayout.JAVA_SHORT, SplitInflightLayout.VERSION_AT))
        .isEqualTo(SplitInflightLayout.VERSION);
    assertThat(part.get(ValueLayout.JAVA_SHORT, SplitInflightLayout.ENTRIES_AT))
        .isEqualTo((short) ENTRIES);
    assertThat(new InflightQueue(part, ENTRIES).from(77)).isEqualTo(new Position(77, List.of()));
  }

  @Test
  void theOrderIsKeptWhereTheCounterWraps() {
    MemorySegment part = InflightHistory.newPart();
    new InflightQueue(part, ENTRIES).from(0);
    long[] counters = {1, -1, 0, -2};
    for (int head = 0; head < counters.length; head++) {
      part.set(ValueLayout.JAVA_BYTE, SplitInflightLayout.inflight(head), (byte) 1);
      part.set(ValueLayout.JAVA_LONG, SplitInflightLayout.counter(head), counters[head]);
    }
    assertThat(new InflightQueue(part, ENTRIES).from(0).unfinished()).containsExactly(3, 1, 2, 0);
  }

  @Test
  void garbageCostsAtMostRepetitions() throws Exception {
    Random random = new Random(11);
    try (GuestMemory memory = GuestMemory.allocate(List.of(new MemoryRange(0, 4096)))) {
      ChainBatch batch = new ChainBatch(4, memory);
      byte[] garbage = new byte[(int) SplitInflightLayout.bytes(ENTRIES)];
      MemorySegment part = InflightHistory.newPart();
      for (int round = 0; round < GARBAGE_ROUNDS; round++) {
        random.nextBytes(garbage);
        part.copyFrom(MemorySegment.ofArray(garbage));
        InflightQueue queue = new InflightQueue(part, ENTRIES);
        Position position = queue.from(random.nextInt(1 << 16));
        assertThat(position.nextAvailable()).isBetween(0, 0xffff);
        assertThat(position.unfinished()).doesNotHaveDuplicates();
        assertThat(position.unfinished()).allMatch(head -> head >= 0 && head < ENTRIES);
        goOn(queue, batch, random);
      }
    }
  }

  private static void goOn(InflightQueue queue, ChainBatch batch, Random random) {
    for (int i = 0; i < batch.capacity(); i++) {
      batch.chain(i).reset(random.nextInt(ENTRIES));
      batch.chain(i).ready(0, 0, 0);
      batch.chain(i).complete(0);
    }
    batch.resize(batch.capacity());
    queue.taken(batch);
    queue.finished(batch, random.nextInt(1 << 16));
    queue.published();
  }
}
