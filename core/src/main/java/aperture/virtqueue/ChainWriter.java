package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * Fills the writable part of a chain, wherever its elements end. Numbers are little-endian. Writing
 * past the end throws {@link IndexOutOfBoundsException}: ask {@link #remaining()} first.
 */
public final class ChainWriter extends ChainCursor {

  private static final int LARGEST_PIECE = 1 << 30;

  ChainWriter(GuestMemory memory, List<ByteBuffer> windows, DmaRanges ranges) {
    super(memory, windows, ranges);
  }

  public void put8(byte value) {
    require(1);
    memory.put8(at(), value);
    advance(1);
  }

  /** Writes the very last writable byte, wherever the position is; the position stays. */
  public void putLast8(byte value) {
    int last = ranges.count() - 1;
    memory.put8(ranges.offset(last) + ranges.length(last) - 1, value);
  }

  /** Copies bytes from an array. */
  public void put(byte[] source, int from, int length) {
    require(length);
    int done = 0;
    while (done < length) {
      int step = (int) Math.min(length - done, together());
      memory.write(at(), source, from + done, step);
      advance(step);
      done += step;
    }
  }

  /** Copies bytes from memory of the host. */
  public void put(MemorySegment source, long from, long length) {
    require(length);
    long done = 0;
    while (done < length) {
      long step = Math.min(length - done, together());
      memory.write(at(), source, from + done, step);
      advance(step);
      done += step;
    }
  }

  /** Fills the next bytes with zeroes. */
  public void zero(long length) {
    require(length);
    long done = 0;
    while (done < length) {
      long step = Math.min(length - done, together());
      memory.fill(at(), step, (byte) 0);
      advance(step);
      done += step;
    }
  }

  /**
   * Reads from a file straight into guest memory.
   *
   * @param length at most {@link #remaining()}
   * @return bytes read: fewer than {@code length} only at the end of the file
   * @throws IOException when the host fails; some bytes may have been read
   */
  public long transferFrom(FileChannel file, long position, long length) throws IOException {
    require(length);
    long done = 0;
    while (done < length) {
      int step = (int) Math.min(Math.min(length - done, together()), LARGEST_PIECE);
      ByteBuffer window = GuestMemory.window(windows, at(), step);
      while (window.hasRemaining()) {
        int moved = file.read(window, position + done);
        if (moved < 0) {
          return done;
        }
        done += moved;
        advance(moved);
      }
    }
    return done;
  }
}
