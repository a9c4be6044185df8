package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.arch.x86.vtd.LiteralTables.Answer;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Root, context and PASID structures with one word changed at random: the walker and the literal
 * reader find the same wrong with them.
 */
class RandomStructuresTest {

  private static final int CASES = 6_000;

  private final BareState state = new BareState();
  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);
  private final TreeMap<Integer, Integer> reasons = new TreeMap<>();

  @AfterEach
  void close() {
    state.close();
  }

  /** Changes a bit, a field, or everything. */
  private long changed(long word) {
    return switch (random.nextInt(6)) {
      case 0 -> random.nextLong();
      case 1 -> word ^ random.nextInt(0x1000);
      case 2 -> word & 0xfff | random.nextLong(1L << 48) & ~0xfffL;
      case 3 -> word & ~0xfffL | random.nextInt(0x1000);
      default -> word ^ 1L << random.nextInt(64);
    };
  }

  private void compare(String what, Answer expected, WalkResult result, long address) {
    reasons.merge(expected.reason(), 1, Integer::sum);
    if (expected.reason() == 0) {
      assertThat(result.outcome()).as(what).isEqualTo(Outcome.TRANSLATED);
      assertThat(result.gpaOf(address)).as(what).isEqualTo(expected.gpa());
    } else {
      assertThat(result.outcome()).as(what).isEqualTo(Outcome.FAULT);
      assertThat(result.faultReason()).as(what).isEqualTo(expected.reason());
    }
  }

  private void report(String what) {
    System.getLogger("test")
        .log(
            System.Logger.Level.INFO,
            "{0}: {1} changed structures compared, reasons {2}, seed {3}",
            what,
            CASES,
            reasons,
            Long.toString(seed));
    assertThat(reasons.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(CASES);
  }

  @Test
  void legacyStructuresAreReadAsTheManualSays() {
    HandmadeTables tables =
        new HandmadeTables(state, HandmadeTables.CAP_48, TableScatter.SECOND | 1, 0x502);
    state.registers().set("ECAP", HandmadeTables.ECAP | 4);
    new TableScatter(state, random, 48).second();
    LiteralStructures literal =
        new LiteralStructures(new LiteralTables(state::get, BareState.MEMORY, 48, false));
    long[] words = {
      HandmadeTables.ROOT + 3 * 16,
      HandmadeTables.ROOT + 3 * 16 + 8,
      tables.contextEntry,
      tables.contextEntry + 8
    };
    var walker = tables.attach().walker();
    for (int i = 0; i < CASES; i++) {
      long word = words[random.nextInt(words.length)];
      long good = state.get(word);
      state.put(word, changed(good));
      long address = random.nextLong(1L << 30);
      boolean write = random.nextBoolean();

      String what = "seed %d, 0x%x = 0x%x".formatted(seed, word, state.get(word));
      compare(
          what,
          literal.legacy(HandmadeTables.ROOT, 3, 0x28, address, write),
          BareState.walk(walker, tables.endpoint, address, write ? Access.WRITE : Access.READ),
          address);
      state.put(word, good);
    }
    report("legacy");
    assertThat(reasons.keySet()).as("seed %d", seed).contains(0, 1, 2, 3, 5, 6, 9, 0xa, 0xb);
  }

  @Test
  void scalableStructuresAreReadAsTheManualSays() {
    ScalableTables tables = new ScalableTables(state, 0x40, 2);
    // The literal reader knows a unit without RID_PRIV; that bit of the context entry is ignored.
    TableScatter scatter = new TableScatter(state, random, 48);
    scatter.second();
    scatter.first();
    scatter.identity(4);
    state.put(ScalableTables.PASID_ENTRY + 16, TableScatter.FIRST);
    LiteralStructures literal =
        new LiteralStructures(new LiteralTables(state::get, BareState.MEMORY, 48, true));
    long[] words = {
      ScalableTables.ROOT_HALF,
      ScalableTables.CONTEXT_ENTRY,
      ScalableTables.CONTEXT_ENTRY + 8,
      ScalableTables.CONTEXT_ENTRY + 16,
      ScalableTables.DIRECTORY_ENTRY,
      ScalableTables.PASID_ENTRY,
      ScalableTables.PASID_ENTRY + 8,
      ScalableTables.PASID_ENTRY + 16
    };
    Endpoint endpoint = tables.endpoint;
    var walker = tables.attach().walker();
    for (int i = 0; i < CASES; i++) {
      long type = 1L + random.nextInt(4);
      state.put(ScalableTables.PASID_ENTRY, TableScatter.SECOND | type << 6 | 2 << 2 | 1);
      long word = words[random.nextInt(words.length)];
      long good = state.get(word);
      state.put(word, changed(good));
      long address = random.nextLong(1L << 30);
      boolean write = random.nextBoolean();

      String what = "seed %d, 0x%x = 0x%x".formatted(seed, word, state.get(word));
      compare(
          what,
          literal.scalable(ScalableTables.ROOT, 3, 0xa8, address, write),
          BareState.walk(walker, endpoint, address, write ? Access.WRITE : Access.READ),
          address);
      state.put(word, good);
    }
    report("scalable");
    assertThat(reasons.keySet())
        .as("seed %d", seed)
        .contains(0, 0x39, 0x3a, 0x40, 0x41, 0x42, 0x48, 0x50, 0x51, 0x52)
        .contains(0x58, 0x59, 0x5a, 0x5b, 0x71, 0x73, 0x79, 0x7b);
  }
}
