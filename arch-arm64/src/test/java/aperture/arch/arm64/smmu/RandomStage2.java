package aperture.arch.arm64.smmu;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Random stage-2 tables over the first 16 MiB of memory, where the structures of stage 1 lie: most
 * of it maps to itself, so that nested walks go deep, and some of it is broken afterwards.
 */
final class RandomStage2 {

  static final long WINDOW = SmmuFixture.RAM;
  static final int WINDOW_BYTES = 16 << 20;

  private static final long FIRST = SmmuFixture.RAM + (16L << 20);
  private static final long END = SmmuFixture.RAM + (32L << 20);

  private final Random random;
  private final SmmuFixture state;
  private final List<Long> leaves = new ArrayList<>();
  private final List<Long> tables = new ArrayList<>();
  private boolean calm;
  private boolean bigEndian;
  private long next = FIRST;

  RandomStage2(Random random, SmmuFixture state) {
    this.random = random;
    this.state = state;
  }

  /** In a calm world what is likely is certain and what is unlikely never happens. */
  private boolean chance(int percent) {
    int drawn = random.nextInt(100);
    return calm && percent <= 5 ? false : (calm && percent >= 80) || drawn < percent;
  }

  private long flag(int percent, int bit) {
    return chance(percent) ? 1L << bit : 0;
  }

  void begin(boolean big, boolean quiet) {
    state.memory.fill(state.memory.offsetOf(FIRST, END - FIRST), END - FIRST, (byte) 0);
    next = FIRST;
    bigEndian = big;
    calm = quiet;
  }

  /** Writes dwords 2 and 3 of an entry, and the tables that they lead to. */
  void entry(long at) {
    int physical = new int[] {32, 36, 40, 42, 44, 48, 52, 52}[(int) state.get("IDR5") & 7];
    int page = new int[] {12, 14, 16}[random.nextInt(3)];
    int inputBits = 31 + random.nextInt(Math.min(physical, 48) - 30);
    if (chance(5)) {
      inputBits = 12 + random.nextInt(45);
    }
    List<Integer> levels = new ArrayList<>();
    for (int level = page == 12 ? 0 : 1; level <= 3; level++) {
      int top = inputBits - page - (3 - level) * (page - 3);
      if (top >= 1 && top <= page + 1) {
        levels.add(level);
      }
    }
    int level = levels.isEmpty() ? 2 : levels.get(random.nextInt(levels.size()));
    long start = page == 12 ? (level == 3 ? 3 : 2 - level) : 3 - level;
    long pageCode = page == 12 ? 0 : page == 14 ? 2 : 1;
    int updates = (int) (state.get("IDR0") >>> 6 & 3);
    long stall = state.get("IDR0") >>> 24 & 3;
    state.put(
        at + 16,
        (long) random.nextInt(1 << 16)
            | 64L - inputBits << 32
            | (chance(95) ? start : random.nextInt(4)) << 38
            | (chance(97) ? pageCode : 3) << 46
            | (long) (chance(85) ? 6 : random.nextInt(8)) << 48
            | flag(98, 51)
            | (bigEndian ? 1L << 52 : flag(2, 52))
            | flag(20, 53)
            | flag(25, 54)
            | (updates == 2 ? flag(50, 55) : flag(2, 55))
            | (updates > 0 ? flag(40, 56) : flag(2, 56))
            | (stall == 2 ? 1L << 57 : stall == 0 ? flag(20, 57) : flag(2, 57))
            | flag(80, 58));
    boolean legal = !levels.isEmpty() && chance(97);
    state.put(at + 24, legal ? tables(page, level, inputBits) : random.nextLong());
  }

  private long tables(int page, int level, int inputBits) {
    leaves.clear();
    tables.clear();
    long top = 8L << Math.max(3, inputBits - page - (3 - level) * (page - 3));
    long root = allocate(Math.max(top, 8));
    for (long at = WINDOW; at < WINDOW + WINDOW_BYTES; ) {
      at = map(root, top / 8, page, level, at);
    }
    for (int broken = random.nextInt(4); broken > 0 && chance(60); broken--) {
      List<Long> from = tables.isEmpty() || chance(70) ? leaves : tables;
      long entry = from.get(random.nextInt(from.size()));
      put(entry, damage(get(entry)));
    }
    return root;
  }

  private long allocate(long bytes) {
    long at = next + bytes - 1 & -bytes;
    next = at + bytes;
    return next <= END ? at : FIRST;
  }

  /** Maps what one leaf covers, and says where the next begins. */
  private long map(long root, long entries, int page, int first, long ipa) {
    long table = root;
    long count = entries;
    for (int level = first; ; level++) {
      int shift = page + (3 - level) * (page - 3);
      long entry = table + (ipa >>> shift) % count * 8;
      long descriptor = get(entry);
      boolean blockHere = level == 2 || (level == 1 && page == 12);
      if (level == 3 || (descriptor == 0 && blockHere && chance(20))) {
        put(entry, leaf(ipa >>> shift << shift, shift) | (level == 3 ? 3 : 1));
        leaves.add(entry);
        return (ipa >>> shift) + 1 << shift;
      }
      if (descriptor == 0) {
        descriptor = allocate(1L << page) | 3;
        put(entry, descriptor);
        tables.add(entry);
      }
      table = descriptor & ~3L;
      count = 1L << page - 3;
    }
  }

  private long leaf(long ipa, int shift) {
    long to = ipa;
    if (shift < 20 && chance(4)) {
      to = WINDOW + (random.nextInt(WINDOW_BYTES) >>> shift << shift);
    }
    long rights = chance(97) ? 3 : random.nextInt(4);
    return to
        | rights << 6
        | flag(99, 10)
        | (chance(92) ? 15 : random.nextInt(16)) << 2
        | flag(20, 51);
  }

  private long damage(long descriptor) {
    return switch (random.nextInt(8)) {
      case 0 -> descriptor & ~1L;
      case 1 -> descriptor ^ 2;
      case 2 -> descriptor & ~(1L << 10);
      case 3 -> descriptor & ~(1L << 6);
      case 4 -> descriptor | 1L << 32 + random.nextInt(16);
      case 5 -> descriptor & ~0xffff_f000L | 0x1000_0000L;
      case 6 -> descriptor ^ 1L << 7;
      default -> random.nextLong();
    };
  }

  private void put(long gpa, long value) {
    state.put(gpa, bigEndian ? Long.reverseBytes(value) : value);
  }

  private long get(long gpa) {
    long value = state.get(gpa);
    return bigEndian ? Long.reverseBytes(value) : value;
  }
}
