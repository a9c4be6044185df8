package aperture.arch.x86.amdvi;

import java.util.function.LongUnaryOperator;

/**
 * Reads device table entries and host page tables the slow way: bit by bit from the drawings, bit
 * ranges as text, no constant shared with the code under test. Returns the upper half of the event
 * as the manual draws it, RW left out.
 */
final class LiteralReader {

  private static final int BLOCKED = -1;

  private final LongUnaryOperator memory;
  private final long memorySize;

  /**
   * @param memory reads 8 bytes at a guest-physical address
   * @param memorySize memory is from 0 up to here
   */
  LiteralReader(LongUnaryOperator memory, long memorySize) {
    this.memory = memory;
    this.memorySize = memorySize;
  }

  /** An event's upper half, -1 for none; 0 with where the address leads and what is allowed. */
  record Answer(int event, long gpa, boolean read, boolean write) {
    static Answer fault(int event) {
      return new Answer(event, 0, false, false);
    }
  }

  private static String text(long value) {
    String digits = Long.toBinaryString(value);
    return "0".repeat(64 - digits.length()) + digits;
  }

  private static long bits(long value, int high, int low) {
    return low > high ? 0 : Long.parseUnsignedLong(text(value).substring(63 - high, 64 - low), 2);
  }

  private static boolean bit(long value, int number) {
    return bits(value, number, number) == 1;
  }

  /** Code in the four upper bits, then PR, PE and RZ where the manual draws them. */
  private static int event(int code, boolean present, boolean permission, boolean reserved) {
    String flags = (reserved ? "1" : "0") + (permission ? "1" : "0") + "0" + (present ? "1" : "0");
    return Integer.parseInt(Integer.toBinaryString(code) + "0000" + flags + "0000", 2);
  }

  private static Answer tableError() {
    // Code 4; the type of error, 1 for nobody there, from bit 57 of the low quad.
    return Answer.fault(Integer.parseInt("0100" + "001" + "000000000", 2));
  }

  Answer read(long entry, long iova, boolean write) {
    if (bits(iova, 63, 20) == 0xfee) {
      return Answer.fault(BLOCKED);
    }
    long q0 = memory.applyAsLong(entry);
    long q2 = memory.applyAsLong(entry + 16);
    long q3 = memory.applyAsLong(entry + 24);
    if (bit(q0, 63)
        || bits(q0, 6, 2) != 0
        || bits(q2, 53, 52) != 0
        || bits(q3, 53, 48) != 0
        || bits(q3, 14, 0) != 0) {
      return Answer.fault(event(1, false, false, true));
    }
    if (!bit(q0, 0)) {
      return new Answer(0, iova, true, true);
    }
    if (!bit(q0, 1)) {
      return Answer.fault(BLOCKED);
    }
    int mode = (int) bits(q0, 11, 9);
    if (mode == 7) {
      return Answer.fault(event(1, false, false, false));
    }
    if (bit(q0, 54) && bit(q0, 55)) {
      return Answer.fault(BLOCKED);
    }
    boolean mayRead = bit(q0, 61);
    boolean mayWrite = bit(q0, 62);
    if (!(write ? mayWrite : mayRead)) {
      return Answer.fault(event(2, true, true, false));
    }
    if (mode == 0) {
      return new Answer(0, iova, mayRead, mayWrite);
    }
    if (mode < 6 && bits(iova, 63, 9 * mode + 12) != 0) {
      return Answer.fault(event(2, false, false, false));
    }
    return table(bits(q0, 51, 12) << 12, mode, iova, write, mayRead, mayWrite);
  }

  private Answer table(
      long table, int level, long iova, boolean write, boolean mayRead, boolean mayWrite) {
    int low = 9 * level + 3;
    long address = table + 8 * bits(iova, Math.min(63, low + 8), low);
    if (address < 0 || address > memorySize - 8) {
      return tableError();
    }
    long entry = memory.applyAsLong(address);
    if (!bit(entry, 0)) {
      return Answer.fault(event(2, false, false, false));
    }
    if (!bit(entry, write ? 62 : 61)) {
      return Answer.fault(event(2, true, true, false));
    }
    boolean readToo = mayRead && bit(entry, 61);
    boolean writeToo = mayWrite && bit(entry, 62);
    int next = (int) bits(entry, 11, 9);
    boolean page = next == 0 || next == 7;
    if (bits(entry, 58, 52) != 0 || !page && bits(entry, 60, 59) != 0) {
      return Answer.fault(event(2, true, false, true));
    }
    if (page) {
      int size = next == 0 ? low : statedSize(entry);
      if (next == 7 && (size <= low || size >= low + 9)) {
        return Answer.fault(event(2, true, false, false));
      }
      long base = size > 51 ? 0 : bits(entry, 51, size) << size;
      return new Answer(0, base + bits(iova, size - 1, 0), readToo, writeToo);
    }
    if (next >= level) {
      return Answer.fault(event(2, true, false, false));
    }
    for (int skipped = next + 1; skipped < level; skipped++) {
      int from = 9 * skipped + 3;
      if (bits(iova, from + 8, from) != 0) {
        return Answer.fault(event(2, true, false, false));
      }
    }
    return table(bits(entry, 51, 12) << 12, next, iova, write, readToo, writeToo);
  }

  private static int statedSize(long entry) {
    int zero = 12;
    while (zero < 52 && bit(entry, zero)) {
      zero++;
    }
    return zero + 1;
  }
}
