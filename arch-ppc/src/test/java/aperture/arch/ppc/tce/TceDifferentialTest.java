package aperture.arch.ppc.tce;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.PlatformTable;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The walker against a second reading of the format, on random windows. */
class TceDifferentialTest {

  private static final long FIXED_SEED = 0x7ce;
  private static final int WORLDS = 150;
  private static final int QUESTIONS = 400;
  private static final int[] SHIFTS = {12, 16, 21, 24, 25, 26, 27, 28, 34, 40};

  @Test
  void onKnownWindowsBothReadingsAgreeAndEveryAnswerOccurs() {
    Map<String, Integer> seen = compare(FIXED_SEED);

    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(WORLDS * QUESTIONS);
    assertThat(seen)
        .containsKeys("RESERVED", "TABLE_READ", "ADDRESS_SIZE", "UNMAPPED", "DENIED")
        .containsKeys("page 12", "page 16", "page 21", "page 24", "page 34", "page 40");
  }

  @Test
  void onWindowsNobodyEverSawBothReadingsAgree() {
    compare(new Random().nextLong());
  }

  private static Map<String, Integer> compare(long seed) {
    Random random = new Random(seed);
    Map<String, Integer> seen = new TreeMap<>();
    for (int world = 0; world < WORLDS; world++) {
      try (TableState state = new TableState()) {
        Map<Long, PlatformTable> tables = windows(state, random);
        SpaprTceWalker walker =
            new SpaprTceWalker(new EndpointWindows(new WindowTable(state.tables())));
        for (int question = 0; question < QUESTIONS; question++) {
          ask(walker, random, tables, seen, "seed %d world %d".formatted(seed, world));
        }
      }
    }
    return seen;
  }

  /** Two bridges with up to two windows each, filled at random. */
  private static Map<Long, PlatformTable> windows(TableState state, Random random) {
    Map<Long, PlatformTable> tables = new HashMap<>();
    for (long liobn : new long[] {0x8000_0000L, 0x8000_0001L, 0x8000_0100L, 0x8000_0101L}) {
      if (random.nextInt(4) == 0) {
        continue;
      }
      long shift = SHIFTS[random.nextInt(SHIFTS.length)];
      long entries = 1L + random.nextInt(64);
      long start = liobn % 2 == 0 ? 0 : 1L << 59;
      PlatformTable table =
          state.tables().create(liobn, entries, Map.of("bus_offset", start, "page_shift", shift));
      for (long i = 0; i < entries; i++) {
        long tce = random.nextLong();
        table.set(i, random.nextInt(4) == 0 ? tce & ~3L : tce);
      }
      tables.put(liobn, table);
    }
    return tables;
  }

  private static void ask(
      SpaprTceWalker walker,
      Random random,
      Map<Long, PlatformTable> tables,
      Map<String, Integer> seen,
      String where) {
    long bridge = random.nextBoolean() ? 0x8000_0000L : 0x8000_0100L;
    boolean listed = random.nextBoolean();
    List<Long> named = new ArrayList<>(List.of(bridge, bridge + 1));
    if (listed && random.nextInt(3) == 0) {
      named.remove(random.nextInt(2));
    }
    long iova = address(random, tables, named.getFirst());
    boolean write = random.nextBoolean();
    String names = named.stream().map(Long::toHexString).collect(Collectors.joining(", 0x"));
    Endpoint endpoint =
        new Endpoint(
            random.nextInt(3),
            "any",
            0,
            listed
                ? Map.of("windows", "0x" + names)
                : Map.of("liobn", "0x" + Long.toHexString(bridge)));

    WalkResult result = TableState.walk(walker, endpoint, iova, write ? Access.WRITE : Access.READ);

    String expected = LiteralTceReader.ask(tables, named, listed, iova, write);
    assertThat(text(result, iova))
        .as("%s: %s 0x%x of %s", where, write ? "write" : "read", iova, endpoint)
        .isEqualTo(expected);
    boolean page = result.outcome() == WalkResult.Outcome.TRANSLATED;
    seen.merge(
        page ? "page " + Long.numberOfTrailingZeros(result.size()) : expected, 1, Integer::sum);
  }

  private static long address(Random random, Map<Long, PlatformTable> tables, long liobn) {
    PlatformTable table = tables.get(random.nextBoolean() ? liobn : liobn ^ 1);
    return switch (random.nextInt(8)) {
      case 0 -> random.nextLong();
      case 1 -> (1L << 42) - 2 + random.nextInt(0x10004);
      default -> {
        if (table == null) {
          yield random.nextLong() >>> random.nextInt(64);
        }
        long shift = table.attributes().get("page_shift");
        // One page more on either side.
        long page = random.nextLong(table.entries() + 2) - 1;
        long in = random.nextInt(4) == 0 ? 0 : random.nextLong(1L << shift);
        yield table.attributes().get("bus_offset") + (page << shift) + in;
      }
    };
  }

  private static String text(WalkResult result, long iova) {
    if (result.outcome() == WalkResult.Outcome.FAULT) {
      return result.faultKind().toString();
    }
    long inside = iova - result.iovaBase();
    assertThat(inside).isBetween(0L, result.size() - 1);
    return "page %x of %d %s%s in %x"
        .formatted(
            result.gpaBase(),
            Long.numberOfTrailingZeros(result.size()),
            result.permission().read() ? "R" : "-",
            result.permission().write() ? "W" : "-",
            result.domain());
  }
}
