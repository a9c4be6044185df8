package aperture.dma;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Guest memory as the guest's own processor sees it: a piece that a driver allocated for rings or
 * data. Multi-byte accessors are little-endian, as virtio's structures are; indexes are in bytes.
 * Every accessor throws {@link IndexOutOfBoundsException} outside the buffer.
 */
@ProviderType
public interface GuestBuffer {

  /** Guest-physical address of the first byte. */
  long gpa();

  /** Size in bytes. */
  long size();

  byte get8(long index);

  void put8(long index, byte value);

  short get16(long index);

  void put16(long index, short value);

  int get32(long index);

  void put32(long index, int value);

  long get64(long index);

  void put64(long index, long value);

  /** 16-bit load-acquire; {@code index} must be even. */
  short loadAcquire16(long index);

  /** 16-bit store-release; {@code index} must be even. */
  void storeRelease16(long index, short value);

  /** 16-bit load, never torn; {@code index} must be even. */
  short loadOpaque16(long index);

  /** 16-bit store, never torn; {@code index} must be even. */
  void storeOpaque16(long index, short value);

  void read(long index, byte[] target, int at, int length);

  void write(long index, byte[] source, int at, int length);

  void fill(long index, long length, byte value);
}
