package aperture.arch.sparc.sun4u;

import java.math.BigInteger;
import java.util.function.Function;

/**
 * A second reading of the formats, slow and literal: words are strings of bits and addresses
 * numbers without a width. For tests; it shares nothing with the walker.
 */
final class LiteralTsbReader {

  private static final BigInteger TWO = BigInteger.TWO;

  /** A byte of memory as eight digits; empty where there is none. */
  private final Function<BigInteger, String> memory;

  private final String control;
  private final BigInteger tsb;

  LiteralTsbReader(Function<BigInteger, String> memory, long control, long tsb) {
    this.memory = memory;
    this.control = bits(control);
    this.tsb = unsigned(tsb);
  }

  /** An answer: "page GPA of SIZE RW", or "KIND REASON". */
  String ask(long iova, boolean write) {
    BigInteger address = unsigned(iova);
    BigInteger bypass = TWO.pow(64).subtract(TWO.pow(50));
    if (address.compareTo(bypass) >= 0) {
      return passed(address.subtract(bypass));
    }
    if (bit(control, 0) == 0) {
      return passed(address);
    }
    if (address.compareTo(TWO.pow(32)) >= 0) {
      return "ADDRESS_SIZE -1";
    }
    int size = 4 * bit(control, 18) + 2 * bit(control, 17) + bit(control, 16);
    boolean large = bit(control, 2) == 1;
    if (large && size > 5) {
      return "MALFORMED 1";
    }
    BigInteger page = address.divide(BigInteger.valueOf(large ? 65536 : 8192));
    BigInteger index = page.mod(BigInteger.valueOf(1024L << size));
    BigInteger table = tsb.subtract(tsb.mod(BigInteger.valueOf(8192)));
    StringBuilder tte = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      String one =
          memory.apply(table.add(index.multiply(BigInteger.valueOf(8))).add(BigInteger.valueOf(i)));
      if (one.isEmpty()) {
        return "TABLE_READ 2";
      }
      tte.append(one);
    }
    return entry(tte.toString(), write);
  }

  private static String entry(String tte, boolean write) {
    if (bit(tte, 63) == 0) {
      return "UNMAPPED 1";
    }
    if (write && bit(tte, 1) == 0) {
      return "DENIED 0";
    }
    int shift = bit(tte, 61) == 1 ? 16 : 13;
    // Physical address bits 46 down to the page.
    BigInteger page = new BigInteger(tte.substring(17, 64 - shift), 2).shiftLeft(shift);
    return "page %s of %d R%s".formatted(page.toString(16), shift, bit(tte, 1) == 1 ? "W" : "-");
  }

  private static String passed(BigInteger physical) {
    return "page %s of 13 RW".formatted(physical.shiftRight(13).shiftLeft(13).toString(16));
  }

  private static int bit(String word, int number) {
    return word.charAt(63 - number) - '0';
  }

  private static String bits(long value) {
    return unsigned(value).add(TWO.pow(64)).toString(2).substring(1);
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}
