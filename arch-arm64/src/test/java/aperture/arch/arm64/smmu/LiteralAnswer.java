package aperture.arch.arm64.smmu;

import java.math.BigInteger;
import java.util.List;

/**
 * What an access comes to. A reason of -1 is an abort without an event; {@code event} has the four
 * words of the record, none where nothing is recorded.
 */
record LiteralAnswer(
    boolean ok,
    long gpa,
    long size,
    boolean read,
    boolean write,
    int domain,
    int reason,
    List<Long> event) {

  static LiteralAnswer page(BigInteger gpa, int reach, boolean read, boolean write, int domain) {
    return new LiteralAnswer(
        true, gpa.longValueExact(), 1L << reach, read, write, domain, 0, List.of());
  }

  static LiteralAnswer silent(int reason) {
    return new LiteralAnswer(false, 0, 0, false, false, 0, reason, List.of());
  }
}
