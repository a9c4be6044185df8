package aperture.memory;

/**
 * A range of addresses, {@code size} bytes from {@code base}; unsigned, never empty, never
 * wrapping.
 *
 * @param base first address
 * @param size number of bytes, at least 1
 */
public record MemoryRange(long base, long size) {

  public MemoryRange {
    if (size <= 0 || Long.compareUnsigned(base + (size - 1), base) < 0) {
      throw new IllegalArgumentException(
          "range base=0x%x size=0x%x is empty or wraps".formatted(base, size));
    }
  }

  /** Last address inside the range. */
  public long last() {
    return base + (size - 1);
  }

  public boolean contains(long address) {
    return Long.compareUnsigned(address - base, size) < 0;
  }

  public boolean overlaps(MemoryRange other) {
    return Long.compareUnsigned(base, other.last()) <= 0
        && Long.compareUnsigned(other.base, last()) <= 0;
  }

  @Override
  public String toString() {
    return "0x%x-0x%x".formatted(base, last());
  }
}
