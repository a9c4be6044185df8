package aperture.core.internal.dma;

import aperture.dma.GuestBuffer;
import aperture.memory.GuestMemory;
import java.util.Objects;

/** A piece of guest memory as the guest's processor sees it. */
final class MemoryBuffer implements GuestBuffer {

  private final GuestMemory memory;
  private final long gpa;
  private final long offset;
  private final long size;

  MemoryBuffer(GuestMemory memory, long gpa, long size) {
    this.memory = memory;
    this.gpa = gpa;
    this.offset = memory.offsetOf(gpa, size);
    this.size = size;
    if (offset == GuestMemory.NOT_MEMORY) {
      throw new IllegalArgumentException("0x%x, %d bytes: not guest memory".formatted(gpa, size));
    }
  }

  private long at(long index, long bytes) {
    return offset + Objects.checkFromIndexSize(index, bytes, size);
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
    return memory.get8(at(index, Byte.BYTES));
  }

  @Override
  public void put8(long index, byte value) {
    memory.put8(at(index, Byte.BYTES), value);
  }

  @Override
  public short get16(long index) {
    return memory.getLe16(at(index, Short.BYTES));
  }

  @Override
  public void put16(long index, short value) {
    memory.putLe16(at(index, Short.BYTES), value);
  }

  @Override
  public int get32(long index) {
    return memory.getLe32(at(index, Integer.BYTES));
  }

  @Override
  public void put32(long index, int value) {
    memory.putLe32(at(index, Integer.BYTES), value);
  }

  @Override
  public long get64(long index) {
    return memory.getLe64(at(index, Long.BYTES));
  }

  @Override
  public void put64(long index, long value) {
    memory.putLe64(at(index, Long.BYTES), value);
  }

  @Override
  public short loadAcquire16(long index) {
    return memory.loadAcquire16(at(index, Short.BYTES));
  }

  @Override
  public void storeRelease16(long index, short value) {
    memory.storeRelease16(at(index, Short.BYTES), value);
  }

  @Override
  public short loadOpaque16(long index) {
    return memory.loadOpaque16(at(index, Short.BYTES));
  }

  @Override
  public void storeOpaque16(long index, short value) {
    memory.storeOpaque16(at(index, Short.BYTES), value);
  }

  @Override
  public void read(long index, byte[] target, int at, int length) {
    memory.read(at(index, length), target, at, length);
  }

  @Override
  public void write(long index, byte[] source, int at, int length) {
    memory.write(at(index, length), source, at, length);
  }

  @Override
  public void fill(long index, long length, byte value) {
    memory.fill(at(index, length), length, value);
  }
}
