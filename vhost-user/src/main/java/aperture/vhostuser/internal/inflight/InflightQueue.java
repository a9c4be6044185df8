package aperture.vhostuser.internal.inflight;

import aperture.served.QueueJournal;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DescriptorChain;
import aperture.virtqueue.Resumption;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * One queue's record of what is in flight: written as it goes, and read once when a queue is taken
 * over. Belongs to the queue's worker. The peer can write to it at any time: each number is read
 * once and bounded, and can at worst make this queue do requests again or break.
 */
public final class InflightQueue implements QueueJournal, Resumption {

  private static final int LOW_16 = 0xffff;

  private final MemorySegment part;
  private final int entries;
  private int[] completed = new int[0];
  private int count;
  private int usedAfter;
  private long taken;

  /**
   * @param part the queue's part of the region
   * @param entries most entries of the queue
   */
  InflightQueue(MemorySegment part, int entries) {
    this.part = part;
    this.entries = entries;
  }

  private record Unfinished(int head, long counter) {}

  /** Takes over: finishes the record of a batch that was published, and finds what was not. */
  @Override
  public Position from(int usedIndex) {
    if ((short) SplitInflightLayout.U16.getVolatile(part, SplitInflightLayout.VERSION_AT) == 0) {
      clear(usedIndex);
      return new Position(usedIndex, List.of());
    }
    int behind = usedIndex - get16(SplitInflightLayout.USED_INDEX_AT) & LOW_16;
    int head = get16(SplitInflightLayout.LAST_BATCH_AT);
    for (int i = 0; i < Math.min(behind, entries) && head < entries; i++) {
      setInflight(head, 0);
      head = get16(SplitInflightLayout.next(head));
    }
    storeUsedIndex(usedIndex);
    List<Unfinished> left = unfinished();
    List<Integer> heads = left.stream().map(Unfinished::head).toList();
    taken = left.isEmpty() ? 0 : left.getLast().counter() + 1;
    return new Position(usedIndex + heads.size() & LOW_16, heads);
  }

  private List<Unfinished> unfinished() {
    List<Unfinished> left = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      if (isInflight(i)) {
        left.add(
            new Unfinished(
                i, (long) SplitInflightLayout.U64.get(part, SplitInflightLayout.counter(i))));
      }
    }
    // By difference, as the counter may wrap; a peer that wrote nonsense gets some order.
    long base = left.isEmpty() ? 0 : left.getFirst().counter();
    left.sort(Comparator.comparingLong(each -> each.counter() - base));
    return left;
  }

  private void clear(int usedIndex) {
    part.fill((byte) 0);
    SplitInflightLayout.U16.set(part, SplitInflightLayout.ENTRIES_AT, (short) entries);
    SplitInflightLayout.U16.set(part, SplitInflightLayout.USED_INDEX_AT, (short) usedIndex);
    // Whoever takes over trusts the rest once it sees the version.
    SplitInflightLayout.U16.setVolatile(
        part, SplitInflightLayout.VERSION_AT, SplitInflightLayout.VERSION);
  }

  private int get16(long at) {
    return (short) SplitInflightLayout.U16.get(part, at) & LOW_16;
  }

  private boolean isInflight(int head) {
    return (byte) SplitInflightLayout.BYTE.get(part, SplitInflightLayout.inflight(head)) != 0;
  }

  private void setInflight(int head, int value) {
    SplitInflightLayout.BYTE.set(part, SplitInflightLayout.inflight(head), (byte) value);
  }

  private void storeUsedIndex(int index) {
    // Whoever takes over must not see the index before what it says is cleared.
    VarHandle.releaseFence();
    SplitInflightLayout.U16.set(part, SplitInflightLayout.USED_INDEX_AT, (short) index);
  }

  @Override
  public void taken(ChainBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      begin(batch.chain(i).head());
    }
    // A process that dies from here on leaves them recorded; before, it has not begun them.
    VarHandle.fullFence();
  }

  /** A chain that is done again keeps its place: whoever takes over next keeps the order too. */
  private void begin(int head) {
    if (!isInflight(head)) {
      SplitInflightLayout.U64.set(part, SplitInflightLayout.counter(head), taken++);
      setInflight(head, 1);
    }
  }

  @Override
  public void finished(ChainBatch batch, int usedIndex) {
    if (completed.length < batch.size()) {
      completed = new int[batch.capacity()];
    }
    count = 0;
    for (int i = 0; i < batch.size(); i++) {
      DescriptorChain chain = batch.chain(i);
      if (chain.isCompleted()) {
        completed[count++] = chain.head();
      }
    }
    // Linked from the last to the first, so that as many as were published can be walked.
    int last = get16(SplitInflightLayout.LAST_BATCH_AT);
    for (int i = 0; i < count; i++) {
      SplitInflightLayout.U16.set(part, SplitInflightLayout.next(completed[i]), (short) last);
      last = completed[i];
    }
    SplitInflightLayout.U16.set(part, SplitInflightLayout.LAST_BATCH_AT, (short) last);
    usedAfter = usedIndex;
    // The links are there before the used index that makes them mean something.
    VarHandle.fullFence();
  }

  @Override
  public void published() {
    for (int i = 0; i < count; i++) {
      setInflight(completed[i], 0);
    }
    storeUsedIndex(usedAfter);
  }
}
