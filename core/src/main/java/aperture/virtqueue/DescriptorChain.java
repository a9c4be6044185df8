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

  private final DmaRanges readable = new DmaRanges();
  private final DmaRanges writable = new DmaRanges();
  private final ChainReader reader;
  private final ChainWriter writer;
  private int head;
  private boolean completed;
  private long usedLength;
  private boolean malformed;
  private String malformedReason = "";

  DescriptorChain(GuestMemory memory, List<ByteBuffer> windows) {
    reader = new ChainReader(memory, windows, readable);
    writer = new ChainWriter(memory, windows, writable);
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
    completed = true;
    usedLength = written;
  }

  /**
   * The chain carries no well-formed request: the queue breaks when the batch is published, after
   * its other chains are used. Wins over {@link #complete}.
   */
  public void malformed(String why) {
    malformed = true;
    malformedReason = why;
  }

  /** Whether the request is done and well-formed. */
  public boolean isCompleted() {
    return completed && !malformed;
  }

  public boolean isMalformed() {
    return malformed;
  }

  public long usedLength() {
    return usedLength;
  }

  /** Why the request is malformed; empty when it is not. */
  public String malformedReason() {
    return malformedReason;
  }

  /** For the queue: begins a new chain. */
  public void reset(int newHead) {
    head = newHead;
    completed = false;
    usedLength = 0;
    malformed = false;
    malformedReason = "";
    readable.clear();
    writable.clear();
  }

  /** For the queue: where translated readable ranges go. */
  public DmaRanges readableRanges() {
    return readable;
  }

  /** For the queue: where translated writable ranges go. */
  public DmaRanges writableRanges() {
    return writable;
  }

  /** For the queue: all ranges are in; the lengths in bytes are known. */
  public void ready(long readableBytes, long writableBytes) {
    reader.restart(readableBytes);
    writer.restart(writableBytes);
  }
}
