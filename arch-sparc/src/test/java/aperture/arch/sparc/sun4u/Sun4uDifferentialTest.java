package aperture.arch.sparc.sun4u;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.math.BigInteger;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The walker against a second reading of the formats, on random registers and tables. */
class Sun4uDifferentialTest {

  private static final long FIXED_SEED = 0x40a;
  private static final int WORLDS = 150;
  private static final int QUESTIONS = 400;
  private static final Endpoint ANY = new Endpoint(0, "any", 0, Map.of());

  private final TableState state = new TableState();

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void onKnownTablesBothReadingsAgreeAndEveryAnswerOccurs() {
    Map<String, Integer> seen = compare(FIXED_SEED);

    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(WORLDS * QUESTIONS);
    assertThat(seen)
        .containsKeys("ADDRESS_SIZE -1", "MALFORMED 1", "TABLE_READ 2", "UNMAPPED 1", "DENIED 0")
        .containsKeys("page 13", "page 16");
  }

  @Test
  void onTablesNobodyEverSawBothReadingsAgree() {
    compare(new Random().nextLong());
  }

  private Map<String, Integer> compare(long seed) {
    Random random = new Random(seed);
    Map<String, Integer> seen = new TreeMap<>();
    for (int world = 0; world < WORLDS; world++) {
      long control = random.nextLong();
      if (random.nextInt(8) > 0) {
        control |= 1;
      }
      long base =
          switch (random.nextInt(10)) {
            case 0 -> random.nextLong();
            case 1 -> -random.nextLong(1 << 20);
            default -> random.nextLong(1 << 22);
          };
      state.registers().set("IOMMU_CONTROL", control);
      state.registers().set("IOMMU_TSBBASE", base);
      fill(base & -8192, random);
      RegisterView view = new RegisterView(state.registers());
      Sun4uWalker walker = new Sun4uWalker(state.memory(), view, new WalkNote(), new WalkNote());
      LiteralTsbReader reader = new LiteralTsbReader(this::byteAt, control, base);
      for (int question = 0; question < QUESTIONS; question++) {
        ask(walker, reader, random, seen, "seed %d world %d".formatted(seed, world));
      }
    }
    return seen;
  }

  private String byteAt(BigInteger address) {
    return address.compareTo(BigInteger.valueOf(TableState.MEMORY)) >= 0
        ? ""
        : Integer.toBinaryString(
                state.memory().get8(state.memory().offsetOf(address.longValue(), 1)) & 0xff | 0x100)
            .substring(1);
  }

  /** The first entries of the table; those behind them stay as an earlier world left them. */
  private void fill(long base, Random random) {
    for (long entry = 0; entry < 1024; entry++) {
      long at = state.memory().offsetOf(base + entry * 8, 8);
      if (at >= 0) {
        long tte = random.nextLong();
        state.memory().putBe64(at, random.nextInt(3) == 0 ? tte : tte | 1L << 63);
      }
    }
  }

  private static void ask(
      Sun4uWalker walker,
      LiteralTsbReader reader,
      Random random,
      Map<String, Integer> seen,
      String where) {
    long iova =
        switch (random.nextInt(10)) {
          case 0 -> random.nextLong();
          case 1 -> -1L << 50 | random.nextLong(1L << 51);
          case 2, 3 -> random.nextLong(1L << 32);
          default -> random.nextLong(1L << 24);
        };
    boolean write = random.nextBoolean();

    WalkResult result = TableState.walk(walker, ANY, iova, write ? Access.WRITE : Access.READ);

    String expected = reader.ask(iova, write);
    assertThat(text(result, iova))
        .as("%s: %s 0x%x", where, write ? "write" : "read", iova)
        .isEqualTo(expected);
    boolean page = result.outcome() == WalkResult.Outcome.TRANSLATED;
    seen.merge(
        page ? "page " + Long.numberOfTrailingZeros(result.size()) : expected, 1, Integer::sum);
  }

  private static String text(WalkResult result, long iova) {
    if (result.outcome() == WalkResult.Outcome.FAULT) {
      return result.faultKind() + " " + result.faultReason();
    }
    assertThat(iova - result.iovaBase()).isBetween(0L, result.size() - 1);
    return "page %x of %d %s%s"
        .formatted(
            result.gpaBase(),
            Long.numberOfTrailingZeros(result.size()),
            result.permission().read() ? "R" : "-",
            result.permission().write() ? "W" : "-");
  }
}
