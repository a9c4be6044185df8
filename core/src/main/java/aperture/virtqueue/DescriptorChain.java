package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One request as the device sees it: a readable part, then a writable part, already checked and
 * translated. Where elements begin and end carries no meaning and is not shown. Valid until the
 * batch is published. Not thread-safe.
 */
public final class DescriptorChain {

  private static final int UNFINISHED = 0;
  private static final int COMPLETED = 1;
  private static final int MALFORMED = 2;

  private final DmaRanges ranges = new DmaRanges();
  private final ChainReader reader;
  private final ChainWriter writer;
  private int head;
  private int state;
  private long usedLength;
  private String malformedReason = "";
  private int readableRanges;

  DescriptorChain(GuestMemory memory, List<ByteBuffer> windows) {
    reader = new ChainReader(memory, windows, ranges);
    writer = new ChainWriter(memory, windows, ranges);
  }

  /** Index of the first descriptor. */
  public int head() {
    return head;
  }

  /** The readable part, from its beginning or from where it was left. */
  public ChainReader reader() {
    return reader;
  }

  /** The writable part, from its beginning or from where it was left. */
  public ChainWriter writer() {
    return writer;
  }

  /**
   * The request is done.
   *
   * @param written bytes written, counted from the first writable byte
   * @throws IllegalArgumentException when the writable part is smaller than that
   */
  public void complete(long written) {
    if (written < 0 || written > writer.total()) {
      throw new IllegalArgumentException(
          "%d bytes written into %d".formatted(written, writer.total()));
    }
    state |= COMPLETED;
    usedLength = written;
  }

  /**
   * The chain carries no well-formed request: the queue breaks when the batch is published, after
   * its other chains are used. Wins over {@link #complete}.
   */
  public void malformed(String why) {
    state |= MALFORMED;
    malformedReason = why;
  }

  /** Whether the request is done and well-formed. */
  public boolean isCompleted() {
    return state == COMPLETED;
  }

  public boolean isMalformed() {
    return (state & MALFORMED) != 0;
  }

  public long usedLength() {
    return usedLength;
  }

  /** Why the request is malformed; empty when it is not. */
  public String malformedReason() {
    return isMalformed() ? malformedReason : "";
  }

  /** For the queue: begins a new chain. */
  public void reset(int newHead) {
    head = newHead;
    state = UNFINISHED;
    usedLength = 0;
    ranges.clear();
  }

  /** For the queue: where translated ranges go, the readable ones first. */
  public DmaRanges ranges() {
    return ranges;
  }

  /** How many of {@link #ranges} are readable: the writable ones begin behind them. */
  public int readableRanges() {
    return readableRanges;
  }

  /**
   * For the queue: all ranges are in.
   *
   * @param readableRanges how many of them are readable
   */
  public void ready(int readableRanges, long readableBytes, long writableBytes) {
    this.readableRanges = readableRanges;
    reader.restart(0, readableBytes);
    writer.restart(readableRanges, writableBytes);
  }
}
