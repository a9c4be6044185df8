package aperture.arch.x86.vtd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * Reads second-level tables the slow way: word by word from the manual's drawings, bit ranges as
 * text, no constant shared with the code under test, no early end.
 */
final class LiteralReader {

  private final LongUnaryOperator memory;
  private final long memorySize;
  private final int width;

  /**
   * @param memory reads 8 bytes at a guest-physical address
   * @param memorySize memory is from 0 up to here
   * @param width host and guest address width
   */
  LiteralReader(LongUnaryOperator memory, long memorySize, int width) {
    this.memory = memory;
    this.memorySize = memorySize;
    this.width = width;
  }

  /** Legacy reason code, or 0 with where the address leads. */
  record Answer(int reason, long gpa) {}

  private static long bits(long value, int high, int low) {
    String all = "0".repeat(Long.numberOfLeadingZeros(value)) + Long.toBinaryString(value);
    String padded = all.length() > 64 ? all.substring(all.length() - 64) : all;
    return Long.parseUnsignedLong("0" + padded.substring(63 - high, 64 - low), 2);
  }

  Answer read(long root, int levels, long iova, boolean write) {
    if (width < 64 && bits(iova, 63, Math.min(9 * levels + 12, width)) != 0) {
      return new Answer(4, 0);
    }
    List<Integer> indexes = new ArrayList<>();
    for (int level = levels; level >= 1; level--) {
      int low = 12 + 9 * (level - 1);
      indexes.add((int) bits(iova, low + 8, low));
    }
    long table = root;
    for (int i = 0; i < indexes.size(); i++) {
      int level = levels - i;
      long address = table + 8L * indexes.get(i);
      if (address < 0 || address > memorySize - 8) {
        return new Answer(i == 0 ? 3 : 7, 0);
      }
      long entry = memory.applyAsLong(address);
      if (write && bits(entry, 1, 1) == 0) {
        return new Answer(5, 0);
      }
      if (!write && bits(entry, 0, 0) == 0) {
        return new Answer(6, 0);
      }
      boolean large = bits(entry, 7, 7) == 1 && (level == 2 || level == 3);
      boolean bad = bits(entry, 11, 11) != 0 || bits(entry, 62, 62) != 0;
      bad |= width < 52 && bits(entry, 51, width) != 0;
      bad |= level == 4 && bits(entry, 7, 7) != 0;
      bad |= large && level == 2 && bits(entry, 20, 12) != 0;
      bad |= large && level == 3 && bits(entry, 29, 12) != 0;
      if (bad) {
        return new Answer(0xc, 0);
      }
      long target = bits(entry, width - 1, 12) << 12;
      if (level == 1 || large) {
        int offsetBits = level == 1 ? 12 : level == 2 ? 21 : 30;
        long gpa = target + bits(iova, offsetBits - 1, 0);
        return bits(gpa, 63, 20) == 0xfee ? new Answer(0xe, 0) : new Answer(0, gpa);
      }
      table = target;
    }
    throw new AssertionError("level 1 always ends");
  }
}
