package aperture.vhostuser.internal.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.Resumption.Position;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;

/**
 * A queue at work whose back end may die between any two steps: after each, a copy of the record is
 * taken over, and must say exactly what was taken and not published.
 */
final class InflightHistory implements AutoCloseable {

  static final int ENTRIES = 16;
  private static final int BATCH = 5;

  private final Random random;
  private final GuestMemory memory;
  private final ChainBatch batch;
  private MemorySegment part = newPart();
  private InflightQueue queue = new InflightQueue(part, ENTRIES);

  /** The used index in the ring. */
  private int used;

  /** Taken and not published, in the order of taking. */
  private final List<Integer> begun = new ArrayList<>();

  /** Taken in an earlier life, to be done again. */
  private final Queue<Integer> again = new ArrayDeque<>();

  InflightHistory(Random random, int firstUsed) throws IOException {
    this.random = random;
    this.used = firstUsed;
    memory = GuestMemory.allocate(List.of(new MemoryRange(0, 4096)));
    batch = new ChainBatch(BATCH, memory);
    assertThat(queue.from(used)).isEqualTo(new Position(used, List.of()));
  }

  static MemorySegment newPart() {
    return MemorySegment.ofArray(new long[(int) SplitInflightLayout.bytes(ENTRIES) / Long.BYTES]);
  }

  private static MemorySegment copy(MemorySegment from) {
    return newPart().copyFrom(from);
  }

  /** Takes a batch, does some of it or all, and publishes that. */
  void step() {
    fill(heads());
    MemorySegment before = copy(part);
    queue.taken(batch);
    partlyTaken(before);
    checkTakeOver(part, begun);

    List<Integer> completed = complete();
    int usedAfter = used + completed.size() & 0xffff;
    before = copy(part);
    queue.finished(batch, usedAfter);
    partlyFinished(before);
    checkTakeOver(part, begun);

    used = usedAfter;
    begun.removeAll(completed);
    before = copy(part);
    checkTakeOver(part, begun);
    queue.published();
    partlyPublished(before, completed);
    checkTakeOver(part, begun);
  }

  /** The back end dies, and another takes over from the record. */
  void die() {
    part = copy(part);
    queue = new InflightQueue(part, ENTRIES);
    Position position = queue.from(used);
    assertThat(position.unfinished()).isEqualTo(begun);
    again.clear();
    again.addAll(position.unfinished());
  }

  private List<Integer> heads() {
    List<Integer> heads = new ArrayList<>();
    int wanted = 1 + random.nextInt(BATCH);
    while (heads.size() < wanted && !again.isEmpty()) {
      heads.add(again.remove());
    }
    List<Integer> free = new ArrayList<>();
    for (int head = 0; head < ENTRIES; head++) {
      if (!begun.contains(head)) {
        free.add(head);
      }
    }
    Collections.shuffle(free, random);
    for (int i = 0; heads.size() < wanted && i < free.size(); i++) {
      heads.add(free.get(i));
      begun.add(free.get(i));
    }
    return heads;
  }

  private void fill(List<Integer> heads) {
    for (int i = 0; i < heads.size(); i++) {
      batch.chain(i).reset(heads.get(i));
      batch.chain(i).ready(0, 0, 0);
    }
    batch.resize(heads.size());
  }

  /** Rarely one of a batch is not done: it stays in flight. */
  private List<Integer> complete() {
    List<Integer> completed = new ArrayList<>();
    for (int i = 0; i < batch.size(); i++) {
      if (random.nextInt(10) != 0) {
        batch.chain(i).complete(0);
        completed.add(batch.chain(i).head());
      }
    }
    return completed;
  }

  /** Only the first chains of the batch are recorded: the others were not begun. */
  private void partlyTaken(MemorySegment before) {
    int recorded = random.nextInt(batch.size() + 1);
    List<Integer> expected = new ArrayList<>(begun);
    for (int i = 0; i < batch.size(); i++) {
      int head = batch.chain(i).head();
      long at = SplitInflightLayout.inflight(head);
      boolean known = before.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) != 0;
      if (i < recorded) {
        MemorySegment.copy(part, at, before, at, 16);
      } else if (!known) {
        expected.remove(Integer.valueOf(head));
      }
    }
    checkTakeOver(before, expected);
  }

  /** Any part of what is written may be there: none of it means anything yet. */
  private void partlyFinished(MemorySegment before) {
    for (long at = 0; at < part.byteSize(); at += Short.BYTES) {
      if (random.nextBoolean()) {
        MemorySegment.copy(part, at, before, at, Short.BYTES);
      }
    }
    checkTakeOver(before, begun);
  }

  /** Any of what was published may be cleared, and the used index is not stored yet. */
  private void partlyPublished(MemorySegment before, List<Integer> completed) {
    for (int head : completed) {
      if (random.nextBoolean()) {
        long at = SplitInflightLayout.inflight(head);
        MemorySegment.copy(part, at, before, at, 1);
      }
    }
    checkTakeOver(before, begun);
  }

  private void checkTakeOver(MemorySegment record, List<Integer> expected) {
    MemorySegment taken = copy(record);
    Position position = new InflightQueue(taken, ENTRIES).from(used);
    assertThat(position)
        .isEqualTo(new Position(used + expected.size() & 0xffff, List.copyOf(expected)));
    assertThat(new InflightQueue(taken, ENTRIES).from(used))
        .as("taken over once more")
        .isEqualTo(position);
  }

  @Override
  public void close() {
    memory.close();
  }
}
