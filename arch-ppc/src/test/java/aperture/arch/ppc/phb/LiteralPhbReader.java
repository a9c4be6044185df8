package aperture.arch.ppc.phb;

import java.math.BigInteger;
import java.util.Map;

/**
 * A second reading of the formats, slow and literal: words are strings of bits, numbered from the
 * left as the documents do. For tests; it shares nothing with the walker.
 */
final class LiteralPhbReader {

  /** What lies in memory, a byte at a time; -1 where nothing does. */
  interface Bytes {
    int at(BigInteger address);
  }

  private final Bytes memory;
  private final Map<Integer, Long> windows;
  private final boolean newer;
  private final BigInteger rtt;

  LiteralPhbReader(Bytes memory, Map<Integer, Long> windows, boolean newer, long rtt) {
    this.memory = memory;
    this.windows = windows;
    this.newer = newer;
    this.rtt = BigInteger.valueOf(rtt);
  }

  /** An answer: "page GPA of SIZE RW in WINDOW", "pass GPA in WINDOW", or "KIND REASON". */
  String ask(int requester, long iova, boolean write) {
    BigInteger high = byteAt(rtt.add(BigInteger.valueOf(2L * requester)));
    BigInteger low = byteAt(rtt.add(BigInteger.valueOf(2L * requester + 1)));
    if (high.signum() < 0 || low.signum() < 0) {
      return "TABLE_READ -1";
    }
    int pe = high.intValue() * 256 + low.intValue();
    if (pe >= (newer ? 512 : 256)) {
      return "MALFORMED -1";
    }
    String address = bits(iova);
    String space = address.substring(0, 4);
    if (space.equals("0001") || address.substring(0, 48).equals("0".repeat(32) + "1".repeat(16))) {
      return "RESERVED 16";
    }
    if (!space.equals("0000")) {
      return "ADDRESS_SIZE 16";
    }
    int window = 2 * pe + number(address, 4, 4).intValue();
    String tve = bits(windows.getOrDefault(window, 0L));
    return translate(tve, number(address, 5, 63), write).replace("@", " in " + window);
  }

  private String translate(String tve, BigInteger address, boolean write) {
    int size = number(tve, 51, 55).intValue();
    int levels = number(tve, 48, 50).intValue();
    int page = number(tve, 59, 63).intValue();
    if (size == 0) {
      return "UNMAPPED 16";
    }
    if (levels > 4) {
      return "MALFORMED 16";
    }
    if (page == 0) {
      return pass(tve, address);
    }
    boolean known =
        page == 1 || page == 5 || (newer ? page == 10 || page == 19 : page == 13 || page == 17);
    if (!known) {
      return "MALFORMED 16";
    }
    // Digits of a number whose base is the number of entries, the page at its end.
    BigInteger base = BigInteger.TWO.pow(size + 8);
    BigInteger pages = address.divide(BigInteger.TWO.pow(page + 11));
    BigInteger[] digits = new BigInteger[levels + 1];
    for (int i = levels; i >= 0; i--) {
      digits[i] = pages.mod(base);
      pages = pages.divide(base);
    }
    if (pages.signum() != 0) {
      return "ADDRESS_SIZE 16";
    }
    BigInteger table = number(tve, 0, 47).multiply(BigInteger.valueOf(4096));
    String tce = "";
    for (BigInteger digit : digits) {
      tce = word(table.or(digit.multiply(BigInteger.valueOf(8))));
      if (tce.isEmpty()) {
        return "TABLE_READ 16";
      }
      if (tce.endsWith("00")) {
        return "UNMAPPED 18";
      }
      table = number(tce, 0, 51).multiply(BigInteger.valueOf(4096));
    }
    if (tce.charAt(write ? 62 : 63) == '0') {
      return "DENIED 19";
    }
    return "page %s of %d %s%s@"
        .formatted(
            number(tce, 0, 52 - page).shiftLeft(page + 11).toString(16),
            page + 11,
            tce.charAt(63) == '1' ? "R" : "-",
            tce.charAt(62) == '1' ? "W" : "-");
  }

  private String pass(String tve, BigInteger address) {
    if (tve.charAt(51) != '1' || newer && tve.charAt(56) != '1') {
      return "MALFORMED 16";
    }
    BigInteger start = new BigInteger(tve.substring(52, 54) + tve.substring(0, 24), 2);
    BigInteger end = new BigInteger(tve.substring(54, 56) + tve.substring(24, 48), 2);
    BigInteger unit = address.divide(BigInteger.TWO.pow(24));
    return unit.compareTo(start) >= 0 && unit.compareTo(end) < 0
        ? "page %s of 24 RW@".formatted(unit.shiftLeft(24).toString(16))
        : "ADDRESS_SIZE 16";
  }

  /** Eight bytes as bits, empty when one of them is not in memory. */
  private String word(BigInteger address) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      BigInteger one = byteAt(address.add(BigInteger.valueOf(i)));
      if (one.signum() < 0) {
        return "";
      }
      text.append(one.add(BigInteger.valueOf(256)).toString(2).substring(1));
    }
    return text.toString();
  }

  private BigInteger byteAt(BigInteger address) {
    return BigInteger.valueOf(memory.at(address));
  }

  private static String bits(long value) {
    return new BigInteger(Long.toUnsignedString(value))
        .add(BigInteger.ONE.shiftLeft(64))
        .toString(2)
        .substring(1);
  }

  private static BigInteger number(String word, int first, int last) {
    return new BigInteger(word.substring(first, last + 1), 2);
  }
}
