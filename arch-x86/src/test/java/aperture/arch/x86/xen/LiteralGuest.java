package aperture.arch.x86.xen;

import java.math.BigInteger;
import java.util.Map;
import java.util.function.Function;

/**
 * A second reading of a Xen guest's structures, slow and literal: words are strings of bits and
 * addresses numbers without a width. For tests; it shares nothing with the walker.
 *
 * @param memory a byte as eight digits; empty where there is none
 * @param grants where the grant table lies
 * @param grantFrames its length in frames
 * @param list where the physical-to-machine list lies
 * @param listPages its length in entries
 * @param first machine frame of the first entry of the hypervisor's table
 * @param owners that table: the guest's frame of each machine frame
 * @param machine whether frame numbers are the machine's
 */
record LiteralGuest(
    Function<BigInteger, String> memory,
    BigInteger grants,
    BigInteger grantFrames,
    BigInteger list,
    BigInteger listPages,
    BigInteger first,
    Map<BigInteger, BigInteger> owners,
    boolean machine) {

  private static final BigInteger PAGE = BigInteger.valueOf(4096);
  private static final BigInteger EIGHT = BigInteger.valueOf(8);
  private static final BigInteger GRANT = BigInteger.TWO.pow(63);
  private static final BigInteger MOST_FRAMES = BigInteger.TWO.pow(20);
  private static final BigInteger MOST_PAGES = BigInteger.TWO.pow(28);

  /** An answer: "page GPA RW of DOMAIN", or "KIND text". */
  String ask(BigInteger address, boolean write) {
    if (address.compareTo(GRANT) < 0) {
      return machine
          ? owned(address.divide(PAGE), "RW of 0")
          : "BLOCKED not a grant, and this back end maps nothing else";
    }
    BigInteger reference = address.subtract(GRANT).divide(PAGE);
    BigInteger entries = grantFrames.min(MOST_FRAMES).multiply(BigInteger.valueOf(512));
    if (reference.compareTo(entries) >= 0) {
      return "ADDRESS_SIZE grant reference beyond the grant table";
    }
    String entry = word(grants.add(reference.multiply(EIGHT)));
    if (entry.isEmpty()) {
      return "TABLE_READ grant table not in memory";
    }
    String refusal = refusal(entry, write);
    if (!refusal.isEmpty()) {
      return refusal;
    }
    BigInteger frame = new BigInteger(entry.substring(0, 32), 2);
    String rights = (bit(entry, 2) ? "R-" : "RW") + " of 1";
    return machine ? owned(frame, rights) : page(frame, rights);
  }

  private static String refusal(String entry, boolean write) {
    return switch (entry.substring(62)) {
      case "00" -> "UNMAPPED grant entry is free";
      case "10", "11" -> "BLOCKED grant entry lets nobody use the frame";
      default -> {
        if (bit(entry, 8)) {
          yield "MALFORMED grant of a part of a frame in a table of version 1";
        }
        if (entry.substring(32, 48).indexOf('1') >= 0) {
          yield "BLOCKED granted to another domain";
        }
        yield write && bit(entry, 2) ? "DENIED granted for reading only" : "";
      }
    };
  }

  private String owned(BigInteger frame, String rights) {
    BigInteger physical = owners.get(frame.subtract(first));
    String foreign = "UNMAPPED machine frame is not this guest's";
    if (physical == null || physical.compareTo(listPages.min(MOST_PAGES)) >= 0) {
      return foreign;
    }
    String said = word(list.add(physical.multiply(EIGHT)));
    if (said.isEmpty()) {
      return "TABLE_READ physical-to-machine list not in memory";
    }
    return new BigInteger(said, 2).equals(frame) ? page(physical, rights) : foreign;
  }

  private static String page(BigInteger frame, String rights) {
    return "page %s %s".formatted(frame.multiply(PAGE).toString(16), rights);
  }

  /** Eight bytes, the last one first; empty where one of them is not in memory. */
  private String word(BigInteger address) {
    StringBuilder bits = new StringBuilder();
    for (int i = 7; i >= 0; i--) {
      String one = memory.apply(address.add(BigInteger.valueOf(i)));
      if (one.isEmpty()) {
        return "";
      }
      bits.append(one);
    }
    return bits.toString();
  }

  private static boolean bit(String word, int number) {
    return word.charAt(63 - number) == '1';
  }
}
