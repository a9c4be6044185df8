package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.util.List;

/** A position in one part of a chain; what reader and writer share. */
abstract class ChainCursor {

  final GuestMemory memory;
  final List<ByteBuffer> windows;
  final DmaRanges ranges;
  private long total;

  /** Where the position is in the host, how much lies together there, and how much behind that. */
  private long at;

  private long left;
  private long behind;
  private int next;

  ChainCursor(GuestMemory memory, List<ByteBuffer> windows, DmaRanges ranges) {
    this.memory = memory;
    this.windows = windows;
    this.ranges = ranges;
  }

  /**
   * Goes to the beginning of the part.
   *
   * @param range its first range
   */
  final void restart(int range, long bytes) {
    total = bytes;
    left = 0;
    behind = bytes;
    next = range;
    enterRange();
  }

  private void enterRange() {
    if (behind != 0) {
      at = ranges.offset(next);
      left = ranges.length(next);
      behind -= left;
      next++;
    }
  }

  /** Bytes of the whole part. */
  public final long total() {
    return total;
  }

  /** Bytes from the position to the end of the part. */
  public final long remaining() {
    return left + behind;
  }

  /** Host offset at the position. */
  final long at() {
    return at;
  }

  /** Bytes at the position that lie together; 0 only at the end. */
  final long together() {
    return left;
  }

  /** Moves on by {@code bytes}, no further than {@link #together}. */
  final void advance(long bytes) {
    at += bytes;
    left -= bytes;
    if (left == 0) {
      enterRange();
    }
  }

  /** Skips bytes; fewer when the part ends before. */
  public final void skip(long bytes) {
    long more = Math.min(bytes, remaining());
    while (more > 0) {
      long step = Math.min(more, left);
      advance(step);
      more -= step;
    }
  }

  final void require(long bytes) {
    if (bytes > remaining()) {
      throw new IndexOutOfBoundsException(
          "%d bytes wanted, %d left in the chain".formatted(bytes, remaining()));
    }
  }
}
