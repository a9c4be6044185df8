package aperture.arch.ppc.phb;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The walker against a second reading of the formats, on random tables, most of them malformed. */
class PhbDifferentialTest {

  private static final long FIXED_SEED = 0x9b4;
  private static final int WORLDS = 60;
  private static final int QUESTIONS = 500;

  /** Where tables lie: 64 pages. */
  private static final long AREA = 0x20_0000;

  private static final int AREA_PAGES = 64;
  private static final int[] CODES = {0, 1, 5, 10, 13, 17, 19};

  @Test
  void onKnownTablesBothReadingsAgreeAndEveryAnswerOccurs() {
    Map<String, Integer> seen = new TreeMap<>();
    for (PhbModel model : PhbModel.values()) {
      compare(model, FIXED_SEED, seen);
    }

    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(2 * WORLDS * QUESTIONS);
    assertThat(seen)
        .containsKeys("TABLE_READ -1", "MALFORMED -1", "RESERVED 16", "ADDRESS_SIZE 16")
        .containsKeys("UNMAPPED 16", "MALFORMED 16", "TABLE_READ 16", "UNMAPPED 18", "DENIED 19")
        .containsKeys("page 12", "page 16", "page 21", "page 24", "page 28", "page 30");
  }

  @Test
  void onTablesNobodyEverSawBothReadingsAgree() {
    long seed = new Random().nextLong();
    for (PhbModel model : PhbModel.values()) {
      compare(model, seed, new TreeMap<>());
    }
  }

  private static void compare(PhbModel model, long seed, Map<String, Integer> seen) {
    Random random = new Random(seed);
    for (int world = 0; world < WORLDS; world++) {
      try (PhbFixture bridge = new PhbFixture(model)) {
        Map<Integer, Long> windows = fill(bridge, random);
        // Now and then the requester table lies behind the end of memory.
        long rtt = world % 10 == 0 ? TableState.MEMORY : PhbFixture.RTT;
        bridge.registers.write(0x168, 1L << 63 | rtt);
        LiteralPhbReader reader =
            new LiteralPhbReader(
                address -> byteAt(bridge, address), windows, model == PhbModel.PHB4, rtt);
        for (int question = 0; question < QUESTIONS; question++) {
          ask(bridge, reader, random, seen, "%s seed %d world %d".formatted(model, seed, world));
        }
      }
    }
  }

  private static int byteAt(PhbFixture bridge, BigInteger address) {
    return address.bitLength() > 40 || address.longValue() >= TableState.MEMORY
        ? -1
        : bridge.state.memory().get8(bridge.state.memory().offsetOf(address.longValue(), 1)) & 0xff;
  }

  private static Map<Integer, Long> fill(PhbFixture bridge, Random random) {
    for (long at = AREA; at < AREA + AREA_PAGES * 4096L; at += 8) {
      long word =
          switch (random.nextInt(12)) {
            case 0 -> random.nextLong();
            case 1 -> pointer(random) & ~3L;
            default -> pointer(random) | 1 + random.nextInt(3);
          };
      bridge.put64(at, word);
    }
    Map<Integer, Long> windows = new HashMap<>();
    for (int requester = 0; requester < 64; requester++) {
      int pe = random.nextInt(random.nextInt(20) == 0 ? 1 << 16 : 64);
      bridge.pe(requester, pe);
    }
    for (int index = 0; index < 128; index++) {
      long tve = tve(random);
      bridge.tve(index, tve);
      windows.put(index, tve);
    }
    return windows;
  }

  private static long pointer(Random random) {
    return AREA + random.nextInt(AREA_PAGES) * 4096L;
  }

  private static long tve(Random random) {
    int kind = random.nextInt(8);
    if (kind == 0) {
      return random.nextLong();
    }
    if (kind == 1) {
      // Lets something pass: bits are set one by one, as the documents number them from the left.
      long start = random.nextInt(64);
      long end = random.nextInt(128);
      long mark = random.nextInt(8) == 0 ? 0 : 1L << 12 | 1L << 7;
      return start << 40 | end << 16 | mark;
    }
    long size = 1L + random.nextInt(random.nextInt(6) == 0 ? 31 : 2);
    long levels = random.nextInt(random.nextInt(6) == 0 ? 8 : 4);
    return pointer(random) >>> 12 << 16
        | levels << 13
        | size << 8
        | CODES[random.nextInt(CODES.length)];
  }

  private static void ask(
      PhbFixture bridge,
      LiteralPhbReader reader,
      Random random,
      Map<String, Integer> seen,
      String where) {
    int requester = random.nextInt(64);
    long iova = address(random);
    boolean write = random.nextBoolean();

    WalkResult result = bridge.walk(requester, iova, write ? Access.WRITE : Access.READ);

    String expected = reader.ask(requester, iova, write);
    assertThat(text(result, iova))
        .as("%s: requester %d %s 0x%x", where, requester, write ? "write" : "read", iova)
        .isEqualTo(expected);
    boolean page = result.outcome() == WalkResult.Outcome.TRANSLATED;
    seen.merge(
        page ? "page " + Long.numberOfTrailingZeros(result.size()) : expected, 1, Integer::sum);
  }

  private static long address(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> random.nextLong();
      case 1 -> 0xfffe_fff0L + random.nextInt(0x10020);
      default -> random.nextLong(1L << 12 + random.nextInt(47)) | random.nextLong(2) << 59;
    };
  }

  private static String text(WalkResult result, long iova) {
    if (result.outcome() == WalkResult.Outcome.FAULT) {
      return result.faultKind() + " " + result.faultReason();
    }
    assertThat(iova - result.iovaBase()).isBetween(0L, result.size() - 1);
    return "page %x of %d %s%s in %d"
        .formatted(
            result.gpaBase(),
            Long.numberOfTrailingZeros(result.size()),
            result.permission().read() ? "R" : "-",
            result.permission().write() ? "W" : "-",
            result.domain());
  }
}
