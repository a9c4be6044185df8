package aperture.arch.x86.xen;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuWalker;
import aperture.iommu.PlatformTable;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.math.BigInteger;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The walker against a second reading of a guest's structures, on random ones: grant tables and
 * lists anywhere, also across the end of memory and of the address space, frames that somebody else
 * owns, entries of every kind.
 */
class XenDifferentialTest {

  private static final long FIXED_SEED = 0x9e4;
  private static final int WORLDS = 100;
  private static final int QUESTIONS = 400;
  private static final int OWNED = 1024;
  private static final long FIRST = 0x500_0000;
  private static final long GRANT = 1L << 63;
  private static final int ENTRIES = 1024;

  private final BareState state = new BareState();
  private final PlatformTable owners =
      state.tables().create(0, OWNED, Map.of("bus_offset", FIRST << 12, "page_shift", 12L));

  @AfterEach
  void close() {
    state.close();
  }

  @ParameterizedTest(name = "machine frames: {0}")
  @ValueSource(booleans = {true, false})
  void onKnownStructuresBothReadingsAgreeAndEveryAnswerOccurs(boolean machine) throws Exception {
    Map<String, Integer> seen = compare(FIXED_SEED, machine);

    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(WORLDS * QUESTIONS);
    assertThat(seen)
        .containsKeys("page RW of 1", "page R- of 1")
        .containsKeys(
            "ADDRESS_SIZE grant reference beyond the grant table",
            "TABLE_READ grant table not in memory",
            "UNMAPPED grant entry is free",
            "BLOCKED grant entry lets nobody use the frame",
            "MALFORMED grant of a part of a frame in a table of version 1",
            "BLOCKED granted to another domain",
            "DENIED granted for reading only");
    if (machine) {
      assertThat(seen)
          .containsKeys(
              "page RW of 0",
              "UNMAPPED machine frame is not this guest's",
              "TABLE_READ physical-to-machine list not in memory");
    } else {
      assertThat(seen).containsKeys("BLOCKED not a grant, and this back end maps nothing else");
    }
  }

  @ParameterizedTest(name = "machine frames: {0}")
  @ValueSource(booleans = {true, false})
  void onStructuresNobodyEverSawBothReadingsAgree(boolean machine) throws Exception {
    compare(new Random().nextLong(), machine);
  }

  private Map<String, Integer> compare(long seed, boolean machine) throws Exception {
    Random random = new Random(seed);
    IommuBehavior behavior = machine ? new XenPvBehavior() : new XenHvmBehavior();
    Endpoint endpoint = state.endpoint(0, 1);
    IommuWalker walker = behavior.attach(state).walker();
    Map<String, Integer> seen = new TreeMap<>();
    for (int world = 0; world < WORLDS; world++) {
      LiteralGuest guest = guest(random, machine);
      String where = "seed %d world %d".formatted(seed, world);
      for (int question = 0; question < QUESTIONS; question++) {
        long address = address(random);
        boolean write = random.nextBoolean();
        WalkResult result =
            BareState.walk(walker, endpoint, address, write ? Access.WRITE : Access.READ);
        String expected = guest.ask(unsigned(address), write);
        assertThat(text(result, address))
            .as("%s: %s 0x%x", where, write ? "write" : "read", address)
            .isEqualTo(expected);
        seen.merge(expected.replaceFirst("^page \\S+", "page"), 1, Integer::sum);
      }
    }
    return seen;
  }

  private LiteralGuest guest(Random random, boolean machine) {
    long grants = place(random);
    long list = place(random);
    long grantFrames = random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(4);
    long listPages = random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(2 * OWNED);
    state.registers().set("GRANT_TABLE", grants);
    state.registers().set("GRANT_FRAMES", grantFrames);
    state.registers().set("P2M_LIST", list);
    state.registers().set("P2M_PAGES", listPages);
    Map<BigInteger, BigInteger> given = new HashMap<>();
    for (int i = 0; i < OWNED; i++) {
      long physical = random.nextInt(50) == 0 ? random.nextLong() : random.nextInt(OWNED);
      owners.set(i, physical);
      given.put(BigInteger.valueOf(i), unsigned(physical));
      if (physical >= 0 && physical < OWNED && random.nextInt(4) > 0) {
        put(list + physical * 8, FIRST + i);
      }
    }
    for (int i = 0; i < ENTRIES; i++) {
      put(grants + i * 8L, entry(random));
    }
    return new LiteralGuest(
        this::byteAt,
        unsigned(grants),
        unsigned(grantFrames),
        unsigned(list),
        unsigned(listPages),
        BigInteger.valueOf(FIRST),
        given,
        machine);
  }

  /** Mostly in memory; sometimes across its end, the end of all addresses, or anywhere. */
  private static long place(Random random) {
    return switch (random.nextInt(12)) {
      case 0 -> random.nextLong();
      case 1 -> -(long) random.nextInt(4096);
      case 2 -> BareState.MEMORY - random.nextInt(4096);
      default -> random.nextLong(BareState.MEMORY / 4096 - 16) * 4096;
    };
  }

  private static long entry(Random random) {
    long frame = random.nextBoolean() ? FIRST + random.nextInt(OWNED) : random.nextInt();
    long domain = random.nextInt(6) == 0 ? random.nextInt(1 << 16) : 0;
    long flags = random.nextInt(3) > 0 ? random.nextInt(256) & ~2 | 1 : random.nextInt(1 << 10);
    return frame << 32 | domain << 16 | flags;
  }

  private static long address(Random random) {
    return switch (random.nextInt(10)) {
      case 0 -> random.nextLong();
      case 1, 2, 3 -> (FIRST << 12) + random.nextLong((OWNED + 16) * 4096L);
      default -> GRANT | random.nextLong((ENTRIES + 8) * 4096L);
    };
  }

  private void put(long address, long value) {
    if (address >= 0 && address <= BareState.MEMORY - 8) {
      state.put(address, value);
    }
  }

  private String byteAt(BigInteger address) {
    return address.compareTo(BigInteger.valueOf(BareState.MEMORY)) >= 0
        ? ""
        : Integer.toBinaryString(
                state.memory().get8(state.memory().offsetOf(address.longValue(), 1)) & 0xff | 0x100)
            .substring(1);
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  private static String text(WalkResult result, long address) {
    if (result.outcome() == Outcome.FAULT) {
      return result.faultKind() + " " + result.faultText();
    }
    assertThat(result.size()).isEqualTo(4096);
    assertThat(address - result.iovaBase()).isBetween(0L, 4095L);
    return "page %x %s%s of %d"
        .formatted(
            result.gpaBase(),
            result.permission().read() ? "R" : "-",
            result.permission().write() ? "W" : "-",
            result.domain());
  }
}
