package aperture.guest.dma;

import aperture.dma.GuestBuffer;
import java.util.Objects;

/**
 * A part of a larger buffer.
 *
 * @param whole the larger one
 * @param start where the part begins in it
 * @param size bytes of the part
 */
record PartOfBuffer(GuestBuffer whole, long start, long size) implements GuestBuffer {

  PartOfBuffer {
    Objects.checkFromIndexSize(start, size, whole.size());
  }

  private long at(long index, long length) {
    return start + Objects.checkFromIndexSize(index, length, size);
  }

  @Override
  public long gpa() {
    return whole.gpa() + start;
  }

  @Override
  public byte get8(long index) {
    return whole.get8(at(index, Byte.BYTES));
  }

  @Override
  public void put8(long index, byte value) {
    whole.put8(at(index, Byte.BYTES), value);
  }

  @Override
  public short get16(long index) {
    return whole.get16(at(index, Short.BYTES));
  }

  @Override
  public void put16(long index, short value) {
    whole.put16(at(index, Short.BYTES), value);
  }

  @Override
  public int get32(long index) {
    return whole.get32(at(index, Integer.BYTES));
  }

  @Override
  public void put32(long index, int value) {
    whole.put32(at(index, Integer.BYTES), value);
  }

  @Override
  public long get64(long index) {
    return whole.get64(at(index, Long.BYTES));
  }

  @Override
  public void put64(long index, long value) {
    whole.put64(at(index, Long.BYTES), value);
  }

  @Override
  public short loadAcquire16(long index) {
    return whole.loadAcquire16(at(index, Short.BYTES));
  }

  @Override
  public void storeRelease16(long index, short value) {
    whole.storeRelease16(at(index, Short.BYTES), value);
  }

  @Override
  public short loadOpaque16(long index) {
    return whole.loadOpaque16(at(index, Short.BYTES));
  }

  @Override
  public void storeOpaque16(long index, short value) {
    whole.storeOpaque16(at(index, Short.BYTES), value);
  }

  @Override
  public void read(long index, byte[] target, int at, int length) {
    whole.read(at(index, length), target, at, length);
  }

  @Override
  public void write(long index, byte[] source, int at, int length) {
    whole.write(at(index, length), source, at, length);
  }

  @Override
  public void fill(long index, long length, byte value) {
    whole.fill(at(index, length), length, value);
  }
}
