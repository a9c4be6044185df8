package aperture.arch.sparc.sun4v;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random calls, most of them wrong somewhere, and accesses after them, against a second reading.
 */
class HvDifferentialTest {

  private static final long FIXED_SEED = 0x40b;
  private static final int WORLDS = 12;
  private static final int CALLS = 3000;
  private static final int[] NUMBERS = {
    0xb0, 0xb1, 0xb2, 0x190, 0x191, 0x192, 0x193, 0x194, 0x195, 0x196, 0x197, 0x198, 0x199, 0x19a
  };

  /** Lists lie in the first MiB, IOTSBs in the next three, pages anywhere. */
  private static final long LISTS = 1L << 20;

  @Test
  void onKnownCallsBothReadingsAgreeAndEveryAnswerOccurs() {
    Map<String, Integer> seen = compare(FIXED_SEED);

    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(2 * WORLDS * CALLS);
    assertThat(seen)
        .containsKeys("status 0", "status 2", "status 6", "status 8", "status 14", "status 17")
        .containsKeys("UNMAPPED", "DENIED", "ADDRESS_SIZE", "page 2000", "page 10000");
  }

  @Test
  void onCallsNobodyEverMadeBothReadingsAgree() {
    compare(new Random().nextLong());
  }

  private static Map<String, Integer> compare(long seed) {
    Random random = new Random(seed);
    Map<String, Integer> seen = new TreeMap<>();
    for (int world = 0; world < WORLDS; world++) {
      try (HvFixture guest = new HvFixture()) {
        guest.register();
        for (long at = 0; at < LISTS; at += 8) {
          guest.list(at, pageOrNot(random));
        }
        LiteralHypervisor literal =
            new LiteralHypervisor(
                address ->
                    address < 0 || address > TableState.MEMORY - 8
                        ? null
                        : guest.state.memory().getBe64(guest.state.memory().offsetOf(address, 8)),
                TableState.MEMORY);
        for (int call = 0; call < CALLS; call++) {
          String where = "seed %d world %d call %d".formatted(seed, world, call);
          call(guest, literal, random, seen, where);
          access(guest, literal, random, seen, where);
        }
      }
    }
    return seen;
  }

  private static long pageOrNot(Random random) {
    return switch (random.nextInt(20)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextLong(TableState.MEMORY);
      case 2, 3, 4, 5 -> random.nextLong(TableState.MEMORY >>> 22) << 22;
      default -> random.nextLong(TableState.MEMORY >>> 13) << 13;
    };
  }

  private static long handle(Random random) {
    return random.nextInt(10) == 0 ? random.nextLong() : random.nextInt(6);
  }

  private static long index(Random random) {
    return random.nextInt(20) == 0 ? random.nextLong() >>> random.nextInt(64) : random.nextInt(40);
  }

  private static long device(Random random) {
    return random.nextInt(20) == 0 ? random.nextInt() : random.nextInt(4) << 8;
  }

  private static long attributes(Random random) {
    return random.nextInt(10) == 0 ? random.nextInt(10) : 1 + random.nextInt(3);
  }

  private static long list(Random random) {
    return random.nextInt(30) == 0 ? random.nextLong() : random.nextLong(LISTS >>> 3) << 3;
  }

  private static long iova(Random random) {
    long base = 1L << 40;
    return switch (random.nextInt(10)) {
      case 0 -> random.nextLong() >>> random.nextInt(64);
      case 1, 2, 3 -> 0x8000_0000L + random.nextLong(40L << 13);
      default -> base + ((long) random.nextInt(3) << 30) + random.nextLong(40L << 13);
    };
  }

  private static long[] arguments(int number, Random random) {
    long count = random.nextInt(20) == 0 ? random.nextInt() : 1 + random.nextInt(5);
    return switch (number) {
      case 0xb0 -> new long[] {index(random), count, attributes(random), list(random)};
      case 0xb1 -> new long[] {index(random), count, 0, 0};
      case 0xb2 -> new long[] {index(random), 0, 0, 0};
      case 0x190 ->
          new long[] {
            random.nextInt(20) == 0 ? random.nextLong() : LISTS + (random.nextLong(384) << 13),
            random.nextInt(10) == 0 ? random.nextInt(1 << 16) : 8192L << random.nextInt(2),
            random.nextInt(10) == 0 ? random.nextInt(1 << 16) : 8192L << 3 * random.nextInt(2),
            random.nextInt(10) == 0 ? iova(random) : (1L << 40) + ((long) random.nextInt(3) << 30)
          };
      case 0x193, 0x194 -> new long[] {handle(random), device(random), 0, 0};
      case 0x195 -> new long[] {device(random), iova(random), 0, 0};
      case 0x196 ->
          new long[] {
            handle(random),
            (count & 0xffff) << 48 | index(random) & (1L << 48) - 1,
            attributes(random),
            list(random)
          };
      case 0x197 ->
          new long[] {handle(random), index(random), attributes(random), pageOrNot(random)};
      default -> new long[] {handle(random), index(random), count, 0};
    };
  }

  private static void call(
      HvFixture guest,
      LiteralHypervisor literal,
      Random random,
      Map<String, Integer> seen,
      String where) {
    int number = NUMBERS[random.nextInt(NUMBERS.length)];
    if (number == 0x192 && random.nextInt(4) > 0) {
      number = 0x193;
    }
    long[] a = arguments(number, random);

    List<Long> expected = literal.call(number, a[0], a[1], a[2], a[3]);
    long[] actual = guest.call(number, a);

    for (int i = 0; i < expected.size(); i++) {
      assertThat(actual[i])
          .as("%s: 0x%x %x %x %x %x, place %d", where, number, a[0], a[1], a[2], a[3], i)
          .isEqualTo(expected.get(i));
    }
    seen.merge("status " + expected.getFirst(), 1, Integer::sum);
  }

  private static void access(
      HvFixture guest,
      LiteralHypervisor literal,
      Random random,
      Map<String, Integer> seen,
      String where) {
    int requester = random.nextInt(5);
    long iova = iova(random);
    boolean write = random.nextBoolean();

    WalkResult result = guest.walk(requester, iova, write ? Access.WRITE : Access.READ);

    boolean ok = result.outcome() == WalkResult.Outcome.TRANSLATED;
    String expected = literal.access((long) requester << 8, iova, write);
    assertThat(
            ok
                ? "page %x %x".formatted(result.gpaBase(), result.size())
                : result.faultKind().toString())
        .as("%s: device %d 0x%x", where, requester, iova)
        .isEqualTo(expected);
    seen.merge(ok ? "page " + Long.toHexString(result.size()) : expected, 1, Integer::sum);
  }
}
