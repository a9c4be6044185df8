package aperture.arch.arm64.smmu;

/** Bit fields of 64-bit words, named as in the architecture: highest bit first, both inclusive. */
final class Bits {

  private Bits() {}

  static boolean isSet(long word, int bit) {
    return (word >>> bit & 1) != 0;
  }

  /** A field, moved down to bit 0. */
  static long field(long word, int high, int low) {
    return word >>> low & mask(high - low + 1);
  }

  static int small(long word, int high, int low) {
    return (int) field(word, high, low);
  }

  /** A field, left where it is. */
  static long inPlace(long word, int high, int low) {
    return word & mask(high + 1) & ~mask(low);
  }

  /** The lowest {@code width} bits, 0 to 63 of them. */
  static long mask(int width) {
    return (1L << width) - 1;
  }

  static long bit(int bit) {
    return 1L << bit;
  }
}
