package aperture.guest.fake;

import aperture.dma.GuestBuffer;
import aperture.memory.GuestMemory;

/** A piece of test memory whose host offsets are its guest-physical addresses. */
record FakeBuffer(GuestMemory memory, long gpa, long size) implements GuestBuffer {

  private long at(long index, long length) {
    if (index < 0 || length < 0 || length > size - index) {
      throw new IndexOutOfBoundsException("%d bytes at %d of %d".formatted(length, index, size));
    }
    return gpa + index;
  }

  @Override
  public byte get8(long index) {
    return memory.get8(at(index, 1));
  }

  @Override
  public void put8(long index, byte value) {
    memory.put8(at(index, 1), value);
  }

  @Override
  public short get16(long index) {
    return memory.getLe16(at(index, 2));
  }

  @Override
  public void put16(long index, short value) {
    memory.putLe16(at(index, 2), value);
  }

  @Override
  public int get32(long index) {
    return memory.getLe32(at(index, 4));
  }

  @Override
  public void put32(long index, int value) {
    memory.putLe32(at(index, 4), value);
  }

  @Override
  public long get64(long index) {
    return memory.getLe64(at(index, 8));
  }

  @Override
  public void put64(long index, long value) {
    memory.putLe64(at(index, 8), value);
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
  public void read(long index, byte[] target, int from, int length) {
    memory.read(at(index, length), target, from, length);
  }

  @Override
  public void write(long index, byte[] source, int from, int length) {
    memory.write(at(index, length), source, from, length);
  }

  @Override
  public void fill(long index, long length, byte value) {
    memory.fill(at(index, length), length, value);
  }
}
