package aperture.arch.ppc.tce;

import aperture.iommu.FaultKind;
import aperture.iommu.PlatformTable;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * A second reading of the format, slow and literal, in numbers without a width: for tests. It
 * shares nothing with the walker.
 */
final class LiteralTceReader {

  private static final BigInteger MSI = BigInteger.ONE.shiftLeft(42);

  private LiteralTceReader() {}

  /** An answer: "page GPA of SHIFT RW in DOMAIN", or the kind of a fault. */
  static String ask(
      Map<Long, PlatformTable> tables, List<Long> named, boolean listed, long iova, boolean write) {
    BigInteger address = unsigned(iova);
    if (address.shiftRight(16).equals(MSI.shiftRight(16))) {
      return FaultKind.RESERVED.toString();
    }
    boolean missing = false;
    for (Long liobn : named) {
      PlatformTable table = tables.get(liobn);
      if (table == null) {
        // The second window of a bridge need not exist, unless the endpoint names it.
        missing |= listed || liobn % 2 == 0;
      } else {
        String answer = in(table, address, write);
        if (!answer.isEmpty()) {
          return answer;
        }
      }
    }
    return (missing ? FaultKind.TABLE_READ : FaultKind.ADDRESS_SIZE).toString();
  }

  private static String in(PlatformTable table, BigInteger address, boolean write) {
    int shift = table.attributes().get("page_shift").intValue();
    BigInteger inside = address.subtract(unsigned(table.attributes().get("bus_offset")));
    BigInteger index = inside.shiftRight(shift);
    if (inside.signum() < 0 || index.compareTo(BigInteger.valueOf(table.entries())) >= 0) {
      return "";
    }
    String bits =
        unsigned(table.get(index.longValueExact())).add(BigInteger.ONE.shiftLeft(64)).toString(2);
    // A digit in front keeps the zeroes: bit n is digit 64 - n.
    boolean readable = bits.charAt(64) == '1';
    boolean writable = bits.charAt(63) == '1';
    if (!readable && !writable) {
      return FaultKind.UNMAPPED.toString();
    }
    if (write ? !writable : !readable) {
      return FaultKind.DENIED.toString();
    }
    String page = new BigInteger(bits.substring(1, 65 - shift), 2).shiftLeft(shift).toString(16);
    return "page %s of %d %s%s in %x"
        .formatted(page, shift, readable ? "R" : "-", writable ? "W" : "-", table.id());
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}
