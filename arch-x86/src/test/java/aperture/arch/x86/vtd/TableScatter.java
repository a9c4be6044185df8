package aperture.arch.x86.vtd;

import aperture.arch.x86.BareState;
import java.util.Random;

/**
 * Fills pools of table pages with entries that are mostly sound and mostly point into the pool.
 * Plain numbers; nothing of it is shared with the code under test.
 */
final class TableScatter {

  static final int PAGES = 24;

  /** Pool of second-level tables. */
  static final long SECOND = 0x20_0000;

  /** Pool of first-level tables. */
  static final long FIRST = 0x28_0000;

  private final BareState state;
  private final Random random;
  private final int width;

  TableScatter(BareState state, Random random, int width) {
    this.state = state;
    this.random = random;
    this.width = width;
  }

  void second() {
    for (long at = SECOND; at < SECOND + PAGES * 4096L; at += 8) {
      state.put(at, flipped(secondEntry()));
    }
  }

  void first() {
    for (long at = FIRST; at < FIRST + PAGES * 4096L; at += 8) {
      state.put(at, flipped(firstEntry()));
    }
  }

  /** Makes the second level lead the lowest 4 MiB to themselves, most of the time. */
  void identity(int levels) {
    long table = SECOND;
    for (int level = levels; level > 2; level--) {
      state.put(table, table + 4096 | 3);
      table += 4096;
    }
    if (random.nextInt(8) != 0) {
      state.put(table, 0x83);
      state.put(table + 8, 0x20_0083);
    } else {
      // In small pages, some of them missing or closed.
      state.put(table + 8, table + 4096 | 3);
      for (int i = 0; i < 512; i++) {
        long page = 0x20_0000 + i * 4096L;
        state.put(table + 4096 + i * 8L, page | (random.nextInt(8) == 0 ? random.nextInt(4) : 3));
      }
    }
  }

  private long secondEntry() {
    long target = SECOND + random.nextInt(PAGES) * 4096L;
    return switch (random.nextInt(16)) {
      case 0 -> random.nextLong();
      case 1 -> anywhere() & ~0xfffL | 3;
      case 2 -> 0xfee0_0000L | random.nextInt(256) << 12 | 3;
      case 3 -> anywhere() & ~0x3fff_ffffL | 0x83;
      case 4 -> anywhere() & ~0x1f_ffffL | 0x83;
      case 5 -> 0xc000_0000L | 0x83;
      case 6 -> 0;
      case 7 -> target | random.nextInt(4);
      default -> target | 3;
    };
  }

  private long firstEntry() {
    long target = FIRST + random.nextInt(PAGES) * 4096L;
    return switch (random.nextInt(16)) {
      case 0 -> random.nextLong();
      case 1 -> anywhere() & ~0xfffL | 7;
      case 2 -> 0xfee0_0000L | random.nextInt(256) << 12 | 7;
      case 3 -> anywhere() & ~0x3fff_ffffL | 0x87;
      case 4 -> anywhere() & ~0x1f_ffffL | 0x87 | random.nextInt(2) << 12;
      case 5 -> 0xc000_0000L | 0x87;
      case 6 -> 0;
      case 7 -> target | random.nextInt(8);
      default -> target | 7;
    };
  }

  private long anywhere() {
    long limit = random.nextBoolean() ? 1L << 24 : 1L << Math.min(width, 52);
    return random.nextLong(limit);
  }

  private long flipped(long entry) {
    return random.nextInt(24) == 0 ? entry ^ 1L << random.nextInt(64) : entry;
  }

  /** An address of some bits, now and then one bit too many; never in the interrupt range. */
  long secondAddress(int bits) {
    while (true) {
      boolean beyond = random.nextInt(20) == 0 && bits < 64;
      long address = beyond ? 1L << bits + random.nextInt(64 - bits) : random.nextLong(1L << bits);
      if (address >>> 20 != 0xfee) {
        return address;
      }
    }
  }

  /** An address of some bits, sign-extended, now and then not; never in the interrupt range. */
  long firstAddress(int bits) {
    while (true) {
      long address = random.nextLong() << 64 - bits >> 64 - bits;
      address ^= random.nextInt(20) == 0 ? 1L << bits - 1 + random.nextInt(65 - bits) : 0;
      if (address >>> 20 != 0xfee) {
        return address;
      }
    }
  }
}
