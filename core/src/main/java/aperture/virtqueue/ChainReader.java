package aperture.virtqueue;

import aperture.dma.DmaRanges;
import aperture.memory.GuestMemory;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.List;

/**
 * Reads the readable part of a chain, wherever its elements end. Numbers are little-endian. Reading
 * past the end throws {@link IndexOutOfBoundsException}: ask {@link #remaining()} first.
 */
public final class ChainReader extends ChainCursor {

  private static final int LARGEST_PIECE = 1 << 30;

  ChainReader(GuestMemory memory, List<ByteBuffer> windows, DmaRanges ranges) {
    super(memory, windows, ranges);
  }

  public byte get8() {
    require(1);
    byte value = memory.get8(at());
    advance(1);
    return value;
  }

  public int get32() {
    if (together() >= Integer.BYTES) {
      int value = memory.getLe32(at());
      advance(Integer.BYTES);
      return value;
    }
    return (int) assemble(Integer.BYTES);
  }

  public long get64() {
    if (together() >= Long.BYTES) {
      long value = memory.getLe64(at());
      advance(Long.BYTES);
      return value;
    }
    return assemble(Long.BYTES);
  }

  private long assemble(int bytes) {
    require(bytes);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (get8() & 0xffL) << (8 * i);
    }
    return value;
  }

  /** Copies the next bytes into an array. */
  public void get(byte[] target, int from, int length) {
    require(length);
    int done = 0;
    while (done < length) {
      int step = (int) Math.min(length - done, together());
      memory.read(at(), target, from + done, step);
      advance(step);
      done += step;
    }
  }

  /** Copies the next bytes to memory of the host. */
  public void get(MemorySegment target, long from, long length) {
    require(length);
    long done = 0;
    while (done < length) {
      long step = Math.min(length - done, together());
      memory.read(at(), target, from + done, step);
      advance(step);
      done += step;
    }
  }

  /**
   * Writes the next bytes to a file, straight from guest memory.
   *
   * @param length at most {@link #remaining()}
   * @throws IOException when the host fails; some bytes may have been written
   */
  public void transferTo(FileChannel file, long position, long length) throws IOException {
    require(length);
    long done = 0;
    while (done < length) {
      int step = (int) Math.min(Math.min(length - done, together()), LARGEST_PIECE);
      ByteBuffer window = GuestMemory.window(windows, at(), step);
      while (window.hasRemaining()) {
        int moved = file.write(window, position + done);
        done += moved;
        advance(moved);
      }
    }
  }
}
