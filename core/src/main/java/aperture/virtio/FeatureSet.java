package aperture.virtio;

import java.util.ArrayList;
import java.util.List;

/**
 * A set of feature bits 0 to 127.
 *
 * @param low bits 0 to 63
 * @param high bits 64 to 127
 */
public record FeatureSet(long low, long high) {

  public static final FeatureSet NONE = new FeatureSet(0, 0);

  /** Number of 32-bit words that a driver can select. */
  public static final int WORDS = 4;

  public static FeatureSet of(int... bits) {
    FeatureSet set = NONE;
    for (int bit : bits) {
      set = set.with(bit);
    }
    return set;
  }

  public static FeatureSet of(Feature... features) {
    FeatureSet set = NONE;
    for (Feature feature : features) {
      set = set.with(feature.bit());
    }
    return set;
  }

  public boolean has(int bit) {
    return ((bit < 64 ? low : high) >>> bit & 1) != 0;
  }

  public boolean has(Feature feature) {
    return has(feature.bit());
  }

  public FeatureSet with(int bit) {
    return bit < 64 ? new FeatureSet(low | 1L << bit, high) : new FeatureSet(low, high | 1L << bit);
  }

  public FeatureSet with(Feature feature) {
    return with(feature.bit());
  }

  public FeatureSet without(Feature feature) {
    return minus(of(feature));
  }

  public FeatureSet plus(FeatureSet other) {
    return new FeatureSet(low | other.low, high | other.high);
  }

  public FeatureSet minus(FeatureSet other) {
    return new FeatureSet(low & ~other.low, high & ~other.high);
  }

  public FeatureSet and(FeatureSet other) {
    return new FeatureSet(low & other.low, high & other.high);
  }

  public boolean isEmpty() {
    return low == 0 && high == 0;
  }

  /** 32 bits by the word that a driver selects; words out of range read 0. */
  public int word(int select) {
    return switch (select) {
      case 0 -> (int) low;
      case 1 -> (int) (low >>> 32);
      case 2 -> (int) high;
      case 3 -> (int) (high >>> 32);
      default -> 0;
    };
  }

  /** This set with one word replaced; words out of range change nothing. */
  public FeatureSet withWord(int select, int value) {
    long word = value & 0xffffffffL;
    return switch (select) {
      case 0 -> new FeatureSet(low & ~0xffffffffL | word, high);
      case 1 -> new FeatureSet(low & 0xffffffffL | word << 32, high);
      case 2 -> new FeatureSet(low, high & ~0xffffffffL | word);
      case 3 -> new FeatureSet(low, high & 0xffffffffL | word << 32);
      default -> this;
    };
  }

  /** The bits, ascending. */
  public List<Integer> bits() {
    List<Integer> bits = new ArrayList<>();
    for (int bit = 0; bit < 128; bit++) {
      if (has(bit)) {
        bits.add(bit);
      }
    }
    return bits;
  }

  @Override
  public String toString() {
    return high == 0 ? "0x%x".formatted(low) : "0x%x%016x".formatted(high, low);
  }
}
