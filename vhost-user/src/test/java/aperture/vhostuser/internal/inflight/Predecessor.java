package aperture.vhostuser.internal.inflight;

import java.lang.foreign.MemorySegment;

/** Writes the record of one queue as a back end does that was killed since. */
public final class Predecessor {

  private final MemorySegment part;

  /**
   * Begins a record.
   *
   * @param region the whole region
   * @param queue the queue
   * @param entries entries of each queue
   */
  public Predecessor(MemorySegment region, int queue, int entries) {
    long bytes = SplitInflightLayout.bytes(entries);
    part = region.asSlice(queue * bytes, bytes);
    SplitInflightLayout.U16.set(part, SplitInflightLayout.ENTRIES_AT, (short) entries);
    SplitInflightLayout.U16.set(part, SplitInflightLayout.VERSION_AT, SplitInflightLayout.VERSION);
  }

  /** It took a chain. */
  public void took(int head, long counter) {
    SplitInflightLayout.U64.set(part, SplitInflightLayout.counter(head), counter);
    SplitInflightLayout.BYTE.set(part, SplitInflightLayout.inflight(head), (byte) 1);
  }

  /** It used a chain, and got as far as publishing that. */
  public void published(int head) {
    link(head);
  }

  /** It used a chain, and had recorded that to the end. */
  public void used(int head, int usedIndex) {
    link(head);
    SplitInflightLayout.BYTE.set(part, SplitInflightLayout.inflight(head), (byte) 0);
    SplitInflightLayout.U16.set(part, SplitInflightLayout.USED_INDEX_AT, (short) usedIndex);
  }

  private void link(int head) {
    short last = (short) SplitInflightLayout.U16.get(part, SplitInflightLayout.LAST_BATCH_AT);
    SplitInflightLayout.U16.set(part, SplitInflightLayout.next(head), last);
    SplitInflightLayout.U16.set(part, SplitInflightLayout.LAST_BATCH_AT, (short) head);
  }
}
