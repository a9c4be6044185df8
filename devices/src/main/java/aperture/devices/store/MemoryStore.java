package aperture.devices.store;

import aperture.block.BlockStore;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtqueue.ChainReader;
import aperture.virtqueue.ChainWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** A disk in memory. */
final class MemoryStore implements BlockStore {

  /** 256 GiB: its table of pages takes some megabytes then, however little is written. */
  static final long LARGEST = 256L << 30;

  private static final int PAGE = MemoryPages.BYTES;

  private final boolean readOnly;
  private final MemoryPages pages;
  private volatile long capacity;
  private volatile boolean closed;
  private volatile Runnable listener = () -> {};

  MemoryStore(long capacity, boolean readOnly) {
    this.capacity = capacity;
    this.readOnly = readOnly;
    this.pages = new MemoryPages(capacity);
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
    return "memory of " + ByteSize.text(capacity);
  }

  @Override
  public long read(ChainWriter target, long position, long length) throws IOException {
    requireOpen();
    long there = Math.clamp(capacity - position, 0, length);
    long done = 0;
    while (done < there) {
      long from = (position + done) % PAGE;
      long step = Math.min(there - done, PAGE - from);
      MemorySegment page = pages.get((position + done) / PAGE);
      if (page == null) {
        target.zero(step);
      } else {
        target.put(page, from, step);
      }
      done += step;
    }
    return done;
  }

  @Override
  public void write(ChainReader source, long position, long length) throws IOException {
    requireWritable(position, length);
    long done = 0;
    while (done < length) {
      long from = (position + done) % PAGE;
      long step = Math.min(length - done, PAGE - from);
      source.get(pages.make((position + done) / PAGE), from, step);
      done += step;
    }
  }

  /** Nothing here outlives the process. */
  @Override
  public void flush() throws IOException {
    requireOpen();
  }

  /** Whole pages are given back. */
  @Override
  public void writeZeroes(long position, long length) throws IOException {
    requireWritable(position, length);
    zero(position, length);
  }

  private void zero(long position, long length) {
    long done = 0;
    while (done < length) {
      long number = (position + done) / PAGE;
      long from = (position + done) % PAGE;
      long step = Math.min(length - done, PAGE - from);
      MemorySegment page = pages.get(number);
      if (step == PAGE) {
        pages.drop(number);
      } else if (page != null) {
        page.asSlice(from, step).fill((byte) 0);
      }
      done += step;
    }
  }

  @Override
  public void onResize(Runnable newListener) {
    listener = newListener;
  }

  @Override
  public void resize(long bytes) throws DeviceConfigurationException, IOException {
    requireOpen();
    if (bytes > LARGEST) {
      throw new DeviceConfigurationException("memory disks have at most " + ByteSize.text(LARGEST));
    }
    if (move(bytes)) {
      listener.run();
    }
  }

  private synchronized boolean move(long bytes) {
    long before = capacity;
    if (bytes < before) {
      // What the last page holds behind the new end must not come back when the disk grows again.
      zero(bytes, Math.min(before - bytes, (PAGE - bytes % PAGE) % PAGE));
    }
    pages.resize(bytes);
    capacity = bytes;
    return bytes != before;
  }

  private void requireWritable(long position, long length) throws IOException {
    requireOpen();
    if (readOnly) {
      throw new IOException(describe() + " is for reading only");
    }
    if (position < 0 || length > capacity - position) {
      throw new IOException("beyond the end of the memory disk");
    }
  }

  private void requireOpen() throws IOException {
    if (closed) {
      throw new IOException("the memory disk is closed");
    }
  }

  @Override
  public Map<String, String> details() {
    return Map.of("memory", Long.toString(pages.taken()));
  }

  @Override
  public void close() {
    closed = true;
    pages.resize(0);
  }
}
