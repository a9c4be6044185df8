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
  private long remaining;
  private int range;
  private long inRange;

  ChainCursor(GuestMemory memory, List<ByteBuffer> windows, DmaRanges ranges) {
    this.memory = memory;
    this.windows = windows;
    this.ranges = ranges;
  }

  final void restart(long bytes) {
    total = bytes;
    remaining = bytes;
    range = 0;
    inRange = 0;
  }

  /** Bytes of the whole part. */
  public final long total() {
    return total;
  }

  /** Bytes from the position to the end of the part. */
  public final long remaining() {
    return remaining;
  }

  /** Host offset at the position. */
  final long at() {
    return ranges.offset(range) + inRange;
  }

  /** Bytes at the position that lie together. */
  final long together() {
    return ranges.length(range) - inRange;
  }

  /** Moves on by {@code bytes}, no further than the range at the position. */
  final void advance(long bytes) {
    remaining -= bytes;
    inRange += bytes;
    if (inRange == ranges.length(range)) {
      range++;
      inRange = 0;
    }
  }

  /** Skips bytes; fewer when the part ends before. */
  public final void skip(long bytes) {
    long left = Math.min(bytes, remaining);
    while (left > 0) {
      long step = Math.min(left, together());
      advance(step);
      left -= step;
    }
  }

  final void require(long bytes) {
    if (bytes > remaining) {
      throw new IndexOutOfBoundsException(
          "%d bytes wanted, %d left in the chain".formatted(bytes, remaining));
    }
  }
}
