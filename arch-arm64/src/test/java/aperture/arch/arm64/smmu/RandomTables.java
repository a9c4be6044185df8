package aperture.arch.arm64.smmu;

import java.util.Random;

/**
 * Random registers and structures, likely enough to be legal that walks go deep, and often enough
 * wrong in one place. Sixteen slots of 64 KiB hold the tables of every page size.
 */
final class RandomTables {

  static final long SLOTS = SmmuFixture.RAM + (1L << 20);
  static final int SLOT_BYTES = 1 << 16;

  private static final int SLOT_COUNT = 16;
  private static final long STREAMS = SmmuFixture.RAM + (4L << 20);
  private static final long STREAMS_2 = SmmuFixture.RAM + (8L << 20);
  private static final long CONTEXTS = SmmuFixture.RAM + (6L << 20);
  private static final int STREAMS_FILLED = 4;
  private static final int[] INDEXES = {0, 1, 2, 3, 510, 511, 2046, 2047, 8190, 8191};

  private final Random random;
  private final SmmuFixture state;
  private final RandomStage2 stage2;
  private boolean calm;
  private boolean bigEndian;
  private int outputBits;

  RandomTables(Random random, SmmuFixture state) {
    this.random = random;
    this.state = state;
    this.stage2 = new RandomStage2(random, state);
  }

  /** In a calm world what is likely is certain and what is unlikely never happens. */
  private boolean chance(int percent) {
    int drawn = random.nextInt(100);
    return calm && percent <= 10 ? false : (calm && percent >= 80) || drawn < percent;
  }

  private long flag(int percent, int bit) {
    return chance(percent) ? 1L << bit : 0;
  }

  void fill() {
    calm = random.nextBoolean();
    registers();
    stage2.begin(bigEndian, calm);
    for (int i = 0; i < SLOT_COUNT; i++) {
      for (int index : INDEXES) {
        put(SLOTS + (long) i * SLOT_BYTES + index * 8L, descriptor());
      }
    }
    for (int i = 0; i < STREAMS_FILLED; i++) {
      stream(STREAMS_2 + i * 64L, i);
      context(CONTEXTS + i * 64L);
    }
    // A first-level context table, itself leading to a context.
    state.put(CONTEXTS + 4096, chance(85) ? CONTEXTS | 1 : random.nextLong());
  }

  private void put(long gpa, long value) {
    state.put(gpa, bigEndian ? Long.reverseBytes(value) : value);
  }

  private void registers() {
    long stall = chance(60) ? 1 : random.nextInt(3);
    long endian = chance(60) ? 2 : 0;
    state.set(
        "IDR0",
        flag(60, 0)
            | flag(97, 1)
            | flag(98, 3)
            | (long) random.nextInt(3) << 6
            | flag(80, 12)
            | flag(50, 18)
            | flag(75, 19)
            | endian << 21
            | stall << 24
            | flag(70, 26)
            | flag(90, 27));
    state.set("IDR1", 16L | (chance(50) ? 0 : 5L << 6) | 19L << 16 | 19L << 21 | flag(40, 26));
    state.set("IDR3", flag(80, 2) | flag(30, 8) | flag(40, 9) | 1L << 10);
    outputBits = chance(40) ? 6 : random.nextInt(7);
    state.set("IDR5", outputBits | flag(95, 4) | flag(95, 5) | flag(95, 6) | flag(50, 10));
    state.set("CR0", flag(97, 0) | flag(90, 2) | 8);
    state.set("CR2", flag(70, 1) | 4);
    state.set("GBPA", flag(30, 20));
    boolean twoLevel = chance(60);
    int split = new int[] {6, 8, 10, 7}[random.nextInt(4)];
    long size = chance(90) ? 16 : random.nextInt(4);
    state.set("STRTAB_BASE", chance(97) ? (twoLevel ? STREAMS : STREAMS_2) : 1L << 50);
    state.set("STRTAB_BASE_CFG", (twoLevel ? 1L << 16 : 0) | (long) split << 6 | size);
    int span = chance(85) ? Math.min(split == 7 ? 6 : split, 8) + 1 : random.nextInt(14);
    state.put(STREAMS, (chance(96) ? STREAMS_2 : 1L << 30) | span);
    bigEndian = endian == 0 && chance(40);
  }

  private void stream(long at, int i) {
    boolean two = (state.get("IDR0") & 1) == 1;
    int config = chance(93) ? (two ? 5 + random.nextInt(3) : 5) : random.nextInt(8);
    long format = random.nextInt(4);
    long sizes = chance(50) ? 0 : 1 + random.nextInt(chance(90) ? 5 : 7);
    boolean twoLevel = sizes != 0 && (format == 1 || format == 2);
    long pointer = CONTEXTS + (twoLevel ? 4096 : i * 64L);
    if (chance(3)) {
      pointer = chance(50) ? 1L << 51 : 1L << 20;
    }
    state.put(at, sizes << 59 | pointer | format << 4 | (long) config << 1 | flag(97, 0));
    state.put(
        at + 8,
        (chance(80) ? 2 : random.nextInt(4))
            | flag(4, 27)
            | (long) random.nextInt(4) << 48
            | flag(20, 25));
    stage2.entry(at);
  }

  private void context(long at) {
    long stall = state.get("IDR0") >>> 24 & 3;
    int updates = (int) (state.get("IDR0") >>> 6 & 3);
    long input0 = chance(90) ? 16 + random.nextInt(24) : random.nextInt(64);
    long input1 = chance(90) ? 16 + random.nextInt(24) : random.nextInt(64);
    state.put(
        at,
        input0
            | (long) (chance(95) ? random.nextInt(3) : 3) << 6
            | flag(10, 14)
            | (bigEndian ? 1L << 15 : 0)
            | input1 << 16
            | (long) (chance(95) ? 1 + random.nextInt(3) : 0) << 22
            | flag(55, 30)
            | flag(98, 31)
            | (long) (chance(85) ? 6 : random.nextInt(8)) << 32
            | flag(20, 35)
            | flag(30, 38)
            | flag(30, 39)
            | flag(20, 40)
            | flag(99, 41)
            | (updates == 2 ? flag(50, 42) : flag(2, 42))
            | (updates > 0 ? flag(40, 43) : flag(2, 43))
            | (stall == 2 ? 1L << 44 : stall == 0 ? flag(20, 44) : flag(2, 44))
            | flag(80, 45)
            | flag(97, 46)
            | (long) random.nextInt(1 << 16) << 48);
    state.put(at + 8, slot() | flag(20, 1));
    state.put(at + 16, slot() | flag(20, 1));
  }

  private long slot() {
    return chance(97) ? SLOTS + (long) random.nextInt(SLOT_COUNT) * SLOT_BYTES : 1L << 45;
  }

  private long descriptor() {
    int kind = random.nextInt(100);
    if (calm) {
      kind = Math.max(kind, 9);
    }
    if (kind < 4) {
      return random.nextLong();
    }
    if (kind < 9) {
      return random.nextLong() & ~1L;
    }
    long address = chance(94) ? slot() : 1L << 32 + random.nextInt(20) | slot();
    long attributes =
        flag(6, 61)
            | flag(6, 62)
            | flag(50, 51)
            | flag(90, 10)
            | flag(30, 7)
            | flag(85, 6)
            | (chance(4) ? (long) random.nextInt(16) << 12 : 0);
    return address | attributes | (kind < 80 ? 3 : 1);
  }

  /** What a stream's entry asks for, or -1 where there is none. */
  int config(int streamId) {
    boolean filled = streamId < STREAMS_FILLED;
    return filled ? (int) (state.get(STREAMS_2 + streamId * 64L) >>> 1 & 7) : -1;
  }

  /** A stream id, most often one that has an entry. */
  int streamId() {
    return random.nextInt(100) < 95
        ? random.nextInt(STREAMS_FILLED)
        : chance(50) ? random.nextInt(1 << 17) : 4 + random.nextInt(300);
  }

  /** An address whose indexes fall on entries that are filled, for some page size and half. */
  long address(int streamId) {
    if (random.nextInt(100) < 4) {
      return random.nextLong();
    }
    boolean one = config(streamId) != 6;
    if (one ? chance(15) : chance(70)) {
      return RandomStage2.WINDOW + random.nextInt(RandomStage2.WINDOW_BYTES);
    }
    int page = new int[] {12, 14, 16}[random.nextInt(3)];
    int inputBits = 16 + random.nextInt(37);
    boolean high = chance(35);
    if (one && config(streamId) >= 0 && chance(75)) {
      long context = state.get(CONTEXTS + streamId * 64L);
      page =
          high
              ? new int[] {12, 14, 12, 16}[(int) (context >>> 22) & 3]
              : new int[] {12, 16, 14, 12}[(int) (context >>> 6) & 3];
      inputBits = 64 - (int) (context >>> (high ? 16 : 0) & 63);
    }
    int stride = page - 3;
    long address = random.nextLong() & (1L << page) - 1;
    for (int shift = page; shift < inputBits; shift += stride) {
      long index = INDEXES[random.nextInt(chance(80) ? 4 : INDEXES.length)];
      address |= (index & (1L << stride) - 1) << shift;
    }
    address &= inputBits > 63 ? -1L : (1L << inputBits) - 1;
    if (high && inputBits < 64) {
      address |= -1L << inputBits;
    }
    if (chance(15)) {
      address = address & (1L << 56) - 1 | random.nextLong() << 56;
    }
    return address;
  }
}
