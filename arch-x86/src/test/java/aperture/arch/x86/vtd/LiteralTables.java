package aperture.arch.x86.vtd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * Reads paging tables the slow way: word by word from the manual's drawings, bit ranges as text, no
 * constant shared with the code under test, no early end.
 */
final class LiteralTables {

  private final LongUnaryOperator memory;
  private final long memorySize;
  private final int width;
  private final boolean book;

  /**
   * @param memory reads 8 bytes at a guest-physical address
   * @param memorySize memory is from 0 up to here
   * @param width host and guest address width
   * @param book whether reasons are those of the architecture's list for scalable mode, which also
   *     makes SNP legal and knows a device TLB; otherwise those of legacy mode
   */
  LiteralTables(LongUnaryOperator memory, long memorySize, int width, boolean book) {
    this.memory = memory;
    this.memorySize = memorySize;
    this.width = width;
    this.book = book;
  }

  /** Reason code, or 0 with where the address leads. */
  record Answer(int reason, long gpa) {

    static Answer fault(int reason) {
      return new Answer(reason, 0);
    }
  }

  static long bits(long value, int high, int low) {
    String all = "0".repeat(Long.numberOfLeadingZeros(value)) + Long.toBinaryString(value);
    String padded = all.length() > 64 ? all.substring(all.length() - 64) : all;
    return Long.parseUnsignedLong("0" + padded.substring(63 - high, 64 - low), 2);
  }

  boolean readable(long address) {
    return address >= 0 && address <= memorySize - 8;
  }

  long word(long address) {
    return memory.applyAsLong(address);
  }

  /** Legacy mode's number, or the book's. */
  int number(int legacy, int scalable) {
    return book ? scalable : legacy;
  }

  private static List<Integer> indexes(long address, int levels) {
    List<Integer> indexes = new ArrayList<>();
    for (int level = levels; level >= 1; level--) {
      int low = 12 + 9 * (level - 1);
      indexes.add((int) bits(address, low + 8, low));
    }
    return indexes;
  }

  private static int offsetBits(int level) {
    return level == 1 ? 12 : level == 2 ? 21 : 30;
  }

  private Answer landed(long gpa) {
    return bits(gpa, 63, 20) == 0xfee ? Answer.fault(number(0xe, 0x87)) : new Answer(0, gpa);
  }

  Answer second(long root, int levels, long address, boolean write) {
    int last = Math.min(9 * levels + 12, width);
    if (bits(address, 63, last) != 0) {
      return Answer.fault(number(4, 0x84));
    }
    List<Integer> indexes = indexes(address, levels);
    long table = root;
    for (int i = 0; i < indexes.size(); i++) {
      int level = levels - i;
      long at = table + 8L * indexes.get(i);
      if (!readable(at)) {
        return Answer.fault(i == 0 ? number(3, 0x7b) : number(7, 0x78));
      }
      long entry = word(at);
      boolean present = bits(entry, 1, 0) != 0;
      if (write && bits(entry, 1, 1) == 0) {
        return Answer.fault(number(5, present ? 0x85 : 0x79));
      }
      if (!write && bits(entry, 0, 0) == 0) {
        return Answer.fault(number(6, present ? 0x86 : 0x79));
      }
      boolean large = bits(entry, 7, 7) == 1 && (level == 2 || level == 3);
      if (badSecond(entry, level, large)) {
        return Answer.fault(number(0xc, 0x7a));
      }
      long target = bits(entry, Math.min(width, 52) - 1, 12) << 12;
      if (level == 1 || large) {
        return landed(target + bits(address, offsetBits(level) - 1, 0));
      }
      table = target;
    }
    throw new AssertionError("level 1 always ends");
  }

  private boolean badSecond(long entry, int level, boolean large) {
    boolean leaf = level == 1 || large;
    boolean bad = bits(entry, 11, 11) != 0 && !(leaf && book);
    bad |= bits(entry, 62, 62) != 0 && !(leaf && book);
    bad |= width < 52 && bits(entry, 51, width) != 0;
    bad |= level >= 4 && bits(entry, 7, 7) != 0;
    bad |= large && level == 2 && bits(entry, 20, 12) != 0;
    bad |= large && level == 3 && bits(entry, 29, 12) != 0;
    return bad;
  }

  private boolean canonical(long address, int levels) {
    int top = 12 + 9 * levels - 1;
    long upper = bits(address, 63, top);
    return upper == 0 || upper == bits(-1L, 63, top);
  }

  /** A user's request through the first level alone. */
  Answer first(long root, int levels, long address, boolean write) {
    if (!canonical(address, levels)) {
      return Answer.fault(0x80);
    }
    List<Integer> indexes = indexes(address, levels);
    long table = root;
    for (int i = 0; i < indexes.size(); i++) {
      int level = levels - i;
      long at = table + 8L * indexes.get(i);
      if (!readable(at)) {
        return Answer.fault(i == 0 ? 0x73 : 0x70);
      }
      long entry = word(at);
      int bad = badFirst(entry, level, write);
      if (bad != 0) {
        return Answer.fault(bad);
      }
      if (level == 1 || bits(entry, 7, 7) == 1) {
        return landed(firstTarget(entry, level) + bits(address, offsetBits(level) - 1, 0));
      }
      table = bits(entry, width - 1, 12) << 12;
    }
    throw new AssertionError("level 1 always ends");
  }

  private int badFirst(long entry, int level, boolean write) {
    if (bits(entry, 0, 0) == 0) {
      return 0x71;
    }
    if (bits(entry, 2, 2) == 0) {
      return 0x81;
    }
    if (write && bits(entry, 1, 1) == 0) {
      return 0x85;
    }
    boolean large = bits(entry, 7, 7) == 1;
    boolean bad = bits(entry, 51, width) != 0;
    bad |= level >= 4 && large;
    bad |= level == 2 && large && bits(entry, 20, 13) != 0;
    bad |= level == 3 && large && bits(entry, 29, 13) != 0;
    return bad ? 0x72 : 0;
  }

  private long firstTarget(long entry, int level) {
    int low = offsetBits(level);
    return bits(entry, width - 1, low) << low;
  }

  /** A user's request through the first level, each address of which the second translates. */
  Answer nested(
      long root, int levels, long secondRoot, int secondLevels, long address, boolean write) {
    if (!canonical(address, levels)) {
      return Answer.fault(0x80);
    }
    List<Integer> indexes = indexes(address, levels);
    long table = root;
    for (int i = 0; i < indexes.size(); i++) {
      int level = levels - i;
      Answer place = second(secondRoot, secondLevels, table + 8L * indexes.get(i), false);
      if (place.reason() == 0x84) {
        return Answer.fault(0x74);
      }
      if (place.reason() == 0x86) {
        return Answer.fault(i == 0 ? 0x75 : 0x76);
      }
      if (place.reason() != 0) {
        return place;
      }
      if (!readable(place.gpa())) {
        return Answer.fault(i == 0 ? 0x73 : 0x70);
      }
      long entry = word(place.gpa());
      int bad = badFirst(entry, level, write);
      if (bad != 0) {
        return Answer.fault(bad);
      }
      if (level == 1 || bits(entry, 7, 7) == 1) {
        long guest = firstTarget(entry, level) + bits(address, offsetBits(level) - 1, 0);
        return second(secondRoot, secondLevels, guest, write);
      }
      table = bits(entry, width - 1, 12) << 12;
    }
    throw new AssertionError("level 1 always ends");
  }
}
