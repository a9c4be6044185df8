package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.arch.x86.vtd.LiteralTables.Answer;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuWalker;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random tables, half sound and half broken, read by the walker and by the literal reader. Both
 * must agree on reason or address, on both permissions, and on both ends of what the walker says it
 * answers for.
 */
class RandomTablesTest {

  private static final int ROUNDS = 30;
  private static final int WALKS = 400;

  private final BareState state = new BareState();
  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final TreeMap<Integer, Integer> reasons = new TreeMap<>();
  private int cases;

  @AfterEach
  void close() {
    state.close();
  }

  /** What the literal reader says. */
  @FunctionalInterface
  private interface Reader {
    Answer read(long address, boolean write);
  }

  @ParameterizedTest
  @CsvSource({"39, 3", "48, 3", "48, 4", "57, 3", "57, 4", "57, 5"})
  void legacyTablesAreReadAsTheManualSays(int width, int levels) {
    long cap = HandmadeTables.capability(width);
    HandmadeTables tables =
        new HandmadeTables(state, cap, TableScatter.SECOND | 1, 0x500 | (levels - 2));
    TableScatter scatter = new TableScatter(state, random, width);
    LiteralTables literal = new LiteralTables(state::get, BareState.MEMORY, width, false);
    int bits = Math.min(width, 12 + 9 * levels);

    for (int round = 0; round < ROUNDS; round++) {
      scatter.second();
      compare(
          tables.attach().walker(),
          tables.endpoint,
          (address, write) -> literal.second(TableScatter.SECOND, levels, address, write),
          () -> scatter.secondAddress(bits));
    }

    report("legacy, %d bits, %d levels".formatted(width, levels));
    assertThat(reasons.keySet()).as("seed %d", seed).contains(0, 4, 5, 6, 7, 0xc, 0xe);
  }

  @ParameterizedTest
  @CsvSource({"3", "4"})
  void secondLevelTablesOfScalableModeAreReadAsTheManualSays(int levels) {
    ScalableTables tables = new ScalableTables(state, 0x40, 2);
    state.put(ScalableTables.PASID_ENTRY, TableScatter.SECOND | 2 << 6 | (levels - 2) << 2 | 1);
    TableScatter scatter = new TableScatter(state, random, 48);
    LiteralTables literal = new LiteralTables(state::get, BareState.MEMORY, 48, true);

    for (int round = 0; round < ROUNDS; round++) {
      scatter.second();
      compare(
          tables.attach().walker(),
          tables.endpoint,
          (address, write) -> literal.second(TableScatter.SECOND, levels, address, write),
          () -> scatter.secondAddress(12 + 9 * levels));
    }

    report("second level, %d levels".formatted(levels));
    assertThat(reasons.keySet())
        .as("seed %d", seed)
        .contains(0, 0x78, 0x79, 0x7a, 0x84, 0x85, 0x86, 0x87);
  }

  @ParameterizedTest
  @CsvSource({"4", "5"})
  void firstLevelTablesAreReadAsTheManualSays(int levels) {
    ScalableTables tables = new ScalableTables(state, 0x40, 1);
    state.put(ScalableTables.PASID_ENTRY + 16, TableScatter.FIRST | (levels - 4) << 2);
    TableScatter scatter = new TableScatter(state, random, 48);
    LiteralTables literal = new LiteralTables(state::get, BareState.MEMORY, 48, true);

    for (int round = 0; round < ROUNDS; round++) {
      scatter.first();
      compare(
          tables.attach().walker(),
          tables.endpoint,
          (address, write) -> literal.first(TableScatter.FIRST, levels, address, write),
          () -> scatter.firstAddress(12 + 9 * levels));
    }

    report("first level, %d levels".formatted(levels));
    assertThat(reasons.keySet())
        .as("seed %d", seed)
        .contains(0, 0x70, 0x71, 0x72, 0x80, 0x81, 0x85, 0x87);
  }

  @ParameterizedTest
  @CsvSource({"4, 3", "4, 4", "5, 4"})
  void nestedTablesAreReadAsTheManualSays(int levels, int secondLevels) {
    ScalableTables tables = new ScalableTables(state, 0x40, 3);
    state.put(
        ScalableTables.PASID_ENTRY, TableScatter.SECOND | 3 << 6 | (secondLevels - 2) << 2 | 1);
    TableScatter scatter = new TableScatter(state, random, 48);
    LiteralTables literal = new LiteralTables(state::get, BareState.MEMORY, 48, true);

    for (int round = 0; round < ROUNDS; round++) {
      scatter.second();
      scatter.first();
      scatter.identity(secondLevels);
      long root = random.nextInt(8) == 0 ? random.nextLong(1L << 48) & ~0xfffL : TableScatter.FIRST;
      state.put(ScalableTables.PASID_ENTRY + 16, root | (levels - 4) << 2);
      compare(
          tables.attach().walker(),
          tables.endpoint,
          (address, write) ->
              literal.nested(root, levels, TableScatter.SECOND, secondLevels, address, write),
          () -> scatter.firstAddress(12 + 9 * levels));
    }

    report("nested, %d on %d levels".formatted(levels, secondLevels));
    assertThat(reasons.keySet())
        .as("seed %d", seed)
        .contains(0, 0x71, 0x72, 0x79, 0x80, 0x81, 0x85);
  }

  private void report(String what) {
    System.getLogger("test")
        .log(
            System.Logger.Level.INFO,
            "{0}: {1} random walks compared, reasons {2}, seed {3}",
            what,
            cases,
            reasons,
            Long.toString(seed));
    assertThat(cases).isEqualTo(ROUNDS * WALKS);
  }

  private void compare(
      IommuWalker walker, Endpoint endpoint, Reader reader, LongSupplier addresses) {
    for (int i = 0; i < WALKS; i++) {
      compare(walker, endpoint, reader, addresses.getAsLong(), random.nextBoolean());
      cases++;
    }
  }

  private void compare(
      IommuWalker walker, Endpoint endpoint, Reader reader, long address, boolean write) {
    String what = "seed %d, 0x%x, %s".formatted(seed, address, write ? "write" : "read");
    Answer expected = reader.read(address, write);
    WalkResult result =
        BareState.walk(walker, endpoint, address, write ? Access.WRITE : Access.READ);
    reasons.merge(expected.reason(), 1, Integer::sum);
    if (expected.reason() != 0) {
      assertThat(result.outcome()).as(what).isEqualTo(Outcome.FAULT);
      assertThat(result.faultReason()).as(what).isEqualTo(expected.reason());
      return;
    }
    assertThat(result.outcome()).as(what).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.gpaOf(address)).as(what).isEqualTo(expected.gpa());
    assertThat(address - result.iovaBase()).as(what).isBetween(0L, result.size() - 1);
    boolean other = reader.read(address, !write).reason() == 0;
    assertThat(result.permission().allows(write ? Access.READ : Access.WRITE))
        .as(what)
        .isEqualTo(other);
    for (long end : new long[] {result.iovaBase(), result.iovaBase() + result.size() - 1}) {
      assertThat(reader.read(end, write)).as(what).isEqualTo(new Answer(0, result.gpaOf(end)));
    }
  }
}
