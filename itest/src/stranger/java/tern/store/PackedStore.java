package tern.store;

import aperture.block.BlockStore;
import aperture.virtqueue.ChainReader;
import aperture.virtqueue.ChainWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** Cells of a disk, each packed by itself; a cell of zeroes is not there. */
final class PackedStore implements BlockStore {

  private static final int CELL = 4096;

  private final long capacity;
  private final boolean small;
  private final boolean readOnly;
  private final ConcurrentHashMap<Long, byte[]> cells = new ConcurrentHashMap<>();
  private final AtomicLong packings = new AtomicLong();
  private volatile boolean closed;

  PackedStore(long capacity, boolean small, boolean readOnly) {
    this.capacity = capacity;
    this.small = small;
    this.readOnly = readOnly;
  }

  @Override
  public long capacity() {
    return capacity;
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public String describe() {
    return "packed memory of %d MiB".formatted(capacity >> 20);
  }

  @Override
  public long read(ChainWriter target, long position, long length) throws IOException {
    requireOpen();
    long there = Math.clamp(capacity - position, 0, length);
    for (long done = 0; done < there; ) {
      long at = position + done;
      int from = (int) (at % CELL);
      int step = (int) Math.min(there - done, CELL - from);
      target.put(unpacked(cells.get(at / CELL)), from, step);
      done += step;
    }
    return there;
  }

  @Override
  public void write(ChainReader source, long position, long length) throws IOException {
    requireWritable();
    byte[] given = new byte[CELL];
    for (long done = 0; done < length; ) {
      long at = position + done;
      int from = (int) (at % CELL);
      int step = (int) Math.min(length - done, CELL - from);
      source.get(given, from, step);
      replace(at / CELL, given, from, step);
      done += step;
    }
  }

  @Override
  public void writeZeroes(long position, long length) throws IOException {
    requireWritable();
    byte[] zeroes = new byte[CELL];
    for (long done = 0; done < length; ) {
      long at = position + done;
      int from = (int) (at % CELL);
      int step = (int) Math.min(length - done, CELL - from);
      replace(at / CELL, zeroes, from, step);
      done += step;
    }
  }

  /** Two queues may each have a part of one cell; the map serialises them. */
  private void replace(long cell, byte[] given, int from, int length) {
    cells.compute(
        cell,
        (number, packed) -> {
          byte[] content = unpacked(packed);
          System.arraycopy(given, from, content, from, length);
          return isZero(content) ? null : packed(content);
        });
  }

  private static boolean isZero(byte[] content) {
    for (byte value : content) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  private byte[] packed(byte[] content) {
    packings.incrementAndGet();
    try (Deflater deflater =
        new Deflater(small ? Deflater.BEST_COMPRESSION : Deflater.BEST_SPEED)) {
      deflater.setInput(content);
      deflater.finish();
      byte[] room = new byte[2 * CELL]; // random content grows a little
      int length = deflater.deflate(room);
      return Arrays.copyOf(room, length);
    }
  }

  private static byte[] unpacked(byte @Nullable [] packed) {
    byte[] content = new byte[CELL];
    if (packed != null) {
      try (Inflater inflater = new Inflater()) {
        inflater.setInput(packed);
        inflater.inflate(content);
      } catch (DataFormatException e) {
        throw new IllegalStateException("a cell was packed wrongly", e);
      }
    }
    return content;
  }

  @Override
  public void flush() throws IOException {
    requireOpen();
  }

  private void requireWritable() throws IOException {
    requireOpen();
    if (readOnly) {
      throw new IOException(describe() + " is for reading only");
    }
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException(describe() + " is closed");
    }
  }

  @Override
  public Map<String, String> details() {
    return Map.of(
        "packings",
        Long.toString(packings.get()),
        "packed-bytes",
        Long.toString(cells.values().stream().mapToLong(cell -> cell.length).sum()));
  }

  @Override
  public void close() {
    closed = true;
    cells.clear();
  }
}
