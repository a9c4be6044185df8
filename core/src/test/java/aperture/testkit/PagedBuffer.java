package aperture.testkit;

import aperture.dma.GuestBuffer;
import aperture.memory.GuestMemory;
import java.util.Objects;

/** A driver's view of pages that need not lie together in the host, nor stay where they are. */
final class PagedBuffer implements GuestBuffer {

  private static final int SHIFT = 12;
  private static final int PAGE = 1 << SHIFT;
  private static final int MASK = PAGE - 1;

  private final GuestMemory memory;
  private final long[] hostPages;
  private final int firstPage;
  private final long gpa;
  private final long size;

  /**
   * @param hostPages host offset of each driver page; read at every access
   */
  PagedBuffer(GuestMemory memory, long[] hostPages, int firstPage, long gpa, long size) {
    this.memory = memory;
    this.hostPages = hostPages;
    this.firstPage = firstPage;
    this.gpa = gpa;
    this.size = size;
  }

  private long at(long index, int bytes) {
    Objects.checkFromIndexSize(index, bytes, size);
    return hostPages[firstPage + (int) (index >>> SHIFT)] + (index & MASK);
  }

  @Override
  public long gpa() {
    return gpa;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public byte get8(long index) {
    return memory.get8(at(index, 1));
  }

  @Override
  public void put8(long index, byte value) {
    memory.put8(at(index, 1), value);
  }

  private long getBytes(long index, int bytes) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (get8(index + i) & 0xffL) << (8 * i);
    }
    return value;
  }

  private void putBytes(long index, int bytes, long value) {
    for (int i = 0; i < bytes; i++) {
      put8(index + i, (byte) (value >>> (8 * i)));
    }
  }

  private static boolean straddles(long index, int bytes) {
    return (index & MASK) > PAGE - bytes;
  }

  @Override
  public short get16(long index) {
    return straddles(index, 2) ? (short) getBytes(index, 2) : memory.getLe16(at(index, 2));
  }

  @Override
  public void put16(long index, short value) {
    if (straddles(index, 2)) {
      putBytes(index, 2, value);
    } else {
      memory.putLe16(at(index, 2), value);
    }
  }

  @Override
  public int get32(long index) {
    return straddles(index, 4) ? (int) getBytes(index, 4) : memory.getLe32(at(index, 4));
  }

  @Override
  public void put32(long index, int value) {
    if (straddles(index, 4)) {
      putBytes(index, 4, value);
    } else {
      memory.putLe32(at(index, 4), value);
    }
  }

  @Override
  public long get64(long index) {
    return straddles(index, 8) ? getBytes(index, 8) : memory.getLe64(at(index, 8));
  }

  @Override
  public void put64(long index, long value) {
    if (straddles(index, 8)) {
      putBytes(index, 8, value);
    } else {
      memory.putLe64(at(index, 8), value);
    }
  }

  @Override
  public short loadAcquire16(long index) {
    return memory.loadAcquire16(at(index, 2));
  }

  @Override
  public void storeRelease16(long index, short value) {
    memory.storeRelease16(at(index, 2), value);
  }

  @Override
  public short loadOpaque16(long index) {
    return memory.loadOpaque16(at(index, 2));
  }

  @Override
  public void storeOpaque16(long index, short value) {
    memory.storeOpaque16(at(index, 2), value);
  }

  @Override
  public void read(long index, byte[] target, int at, int length) {
    int done = 0;
    while (done < length) {
      int step = piece(index + done, length - done);
      memory.read(at(index + done, step), target, at + done, step);
      done += step;
    }
  }

  @Override
  public void write(long index, byte[] source, int at, int length) {
    int done = 0;
    while (done < length) {
      int step = piece(index + done, length - done);
      memory.write(at(index + done, step), source, at + done, step);
      done += step;
    }
  }

  /** Bytes from {@code index} that lie in one page. */
  private static int piece(long index, long left) {
    return (int) Math.min(left, PAGE - (index & MASK));
  }

  @Override
  public void fill(long index, long length, byte value) {
    long done = 0;
    while (done < length) {
      int step = piece(index + done, length - done);
      memory.fill(at(index + done, step), step, value);
      done += step;
    }
  }
}
