package aperture.vhostuser.internal.migration;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.vhostuser.internal.migration.DirtyJournal.Used;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.Mapping;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.wire.LogArea;
import aperture.virtqueue.ChainBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class DirtyJournalTest {

  private static final int PAGE = 4096;
  private static final int FAR = 1 << 20;

  @Test
  void aRangeThatLeavesItsRegionIsLoggedInBothRegions() throws Exception {
    List<MemoryRange> regions =
        List.of(new MemoryRange(0, 2 * PAGE), new MemoryRange(FAR, 2 * PAGE));
    Fd file = MemoryFile.create("log", PAGE);
    AtomicInteger signals = new AtomicInteger();
    try (Arena arena = Arena.ofShared();
        GuestMemory memory = GuestMemory.allocate(regions)) {
      MemorySegment bits = Mapping.of(file, 0, PAGE, arena);
      try (DirtyLog log = DirtyLog.map(new LogArea(64, 0), file)) {
        DirtyJournal journal =
            new DirtyJournal(log, memory, Used.at(3 * PAGE, PAGE), signals::incrementAndGet);
        ChainBatch batch = new ChainBatch(1, memory);
        batch.chain(0).reset(0);
        batch.chain(0).ranges().append(0, PAGE);
        batch.chain(0).ranges().append(PAGE, 2 * PAGE);
        batch.chain(0).ready(1, PAGE, 2 * PAGE);
        batch.resize(1);

        journal.taken(batch);
        assertThat(marked(bits).isEmpty()).isTrue();
        journal.finished(batch, 1);
        assertThat(marked(bits).stream()).containsExactly(1, FAR / PAGE);
        assertThat(signals).hasValue(0);
        journal.usedRingWritten(new DmaRanges());
        journal.published();
        assertThat(marked(bits).stream()).containsExactly(1, 3, FAR / PAGE);
        assertThat(signals).hasValue(1);
      }
    }
  }

  @Test
  void aUsedRingThatIsNotToldIsLoggedWhereItLies() throws Exception {
    Fd file = MemoryFile.create("log", PAGE);
    try (Arena arena = Arena.ofShared();
        GuestMemory memory = GuestMemory.allocate(List.of(new MemoryRange(0, 8 * PAGE)))) {
      MemorySegment bits = Mapping.of(file, 0, PAGE, arena);
      DmaRanges pieces = new DmaRanges();
      pieces.append(2 * PAGE - 64, 64);
      pieces.append(5 * PAGE, 64);
      try (DirtyLog log = DirtyLog.map(new LogArea(64, 0), file)) {
        new DirtyJournal(log, memory, Used.NOT, () -> {}).usedRingWritten(pieces);
        assertThat(marked(bits).isEmpty()).isTrue();
        new DirtyJournal(log, memory, Used.WHERE_IT_LIES, () -> {}).usedRingWritten(pieces);
        assertThat(marked(bits).stream()).containsExactly(1, 5);
      }
    }
  }

  private static BitSet marked(MemorySegment bits) {
    return BitSet.valueOf(bits.toArray(ValueLayout.JAVA_BYTE));
  }
}
