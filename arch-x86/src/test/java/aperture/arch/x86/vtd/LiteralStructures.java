package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.LiteralTables.bits;

import aperture.arch.x86.vtd.LiteralTables.Answer;

/**
 * Reads root, context and PASID structures the slow way, for a unit that has everything: widths of
 * 39 and 48 bits, pass-through, device TLB, both levels, nested, 4 and 5 first levels.
 */
final class LiteralStructures {

  private static final int HOST = 48;

  private final LiteralTables tables;

  LiteralStructures(LiteralTables tables) {
    this.tables = tables;
  }

  private static boolean goodWidth(long code) {
    return code == 1 || code == 2;
  }

  private static Answer passed(long address, int beyond) {
    return bits(address, 63, HOST) != 0 ? Answer.fault(beyond) : new Answer(0, address);
  }

  /** A request in legacy mode, not to the interrupt range. */
  Answer legacy(long rootTable, int bus, int function, long address, boolean write) {
    long at = rootTable + 16L * bus;
    if (!tables.readable(at + 8)) {
      return Answer.fault(8);
    }
    long low = tables.word(at);
    if (bits(low, 0, 0) == 0) {
      return Answer.fault(1);
    }
    if (bits(low, 11, 1) != 0 || bits(low, 63, HOST) != 0 || tables.word(at + 8) != 0) {
      return Answer.fault(0xa);
    }
    at = (bits(low, HOST - 1, 12) << 12) + 16L * function;
    if (!tables.readable(at + 8)) {
      return Answer.fault(9);
    }
    low = tables.word(at);
    long high = tables.word(at + 8);
    if (bits(low, 0, 0) == 0) {
      return Answer.fault(2);
    }
    if (bits(low, 11, 4) != 0
        || bits(low, 63, HOST) != 0
        || bits(high, 7, 7) != 0
        || bits(high, 63, 24) != 0) {
      return Answer.fault(0xb);
    }
    long type = bits(low, 3, 2);
    if (!goodWidth(bits(high, 2, 0)) || type == 3) {
      return Answer.fault(3);
    }
    if (type == 2) {
      return passed(address, 4);
    }
    int levels = (int) bits(high, 2, 0) + 2;
    return tables.second(bits(low, HOST - 1, 12) << 12, levels, address, write);
  }

  /** A request without PASID in scalable mode, not to the interrupt range. */
  Answer scalable(long rootTable, int bus, int function, long address, boolean write) {
    long at = rootTable + 16L * bus + (bits(function, 7, 7) == 1 ? 8 : 0);
    if (!tables.readable(at)) {
      return Answer.fault(0x38);
    }
    long entry = tables.word(at);
    if (bits(entry, 0, 0) == 0) {
      return Answer.fault(0x39);
    }
    if (bits(entry, 11, 1) != 0 || bits(entry, 63, HOST) != 0) {
      return Answer.fault(0x3a);
    }
    at = (bits(entry, HOST - 1, 12) << 12) + 32 * bits(function, 6, 0);
    if (!tables.readable(at + 24)) {
      return Answer.fault(0x40);
    }
    long context = tables.word(at);
    long rid = tables.word(at + 8);
    if (bits(context, 0, 0) == 0) {
      return Answer.fault(0x41);
    }
    if (bits(context, 8, 5) != 0
        || bits(context, 63, HOST) != 0
        || bits(rid, 63, 21) != 0
        || tables.word(at + 16) != 0
        || tables.word(at + 24) != 0) {
      return Answer.fault(0x42);
    }
    long directorySize = 128L << bits(context, 11, 9);
    if (bits(rid, 19, 6) >= directorySize) {
      return Answer.fault(0x48);
    }
    return pasid(bits(context, 63, 12) << 12, bits(rid, 19, 0), address, write);
  }

  private Answer pasid(long directory, long pasid, long address, boolean write) {
    long at = directory + 8 * bits(pasid, 19, 6);
    if (!tables.readable(at)) {
      return Answer.fault(0x50);
    }
    long entry = tables.word(at);
    if (bits(entry, 0, 0) == 0) {
      return Answer.fault(0x51);
    }
    if (bits(entry, 11, 2) != 0 || bits(entry, 63, HOST) != 0) {
      return Answer.fault(0x52);
    }
    at = (bits(entry, 63, 12) << 12) + 64 * bits(pasid, 5, 0);
    if (!tables.readable(at + 56)) {
      return Answer.fault(0x58);
    }
    long first = tables.word(at);
    long second = tables.word(at + 8);
    long third = tables.word(at + 16);
    if (bits(first, 0, 0) == 0) {
      return Answer.fault(0x59);
    }
    if (bits(first, 11, 10) != 0
        || bits(first, 63, HOST) != 0
        || bits(second, 22, 16) != 0
        || bits(third, 11, 8) != 0
        || bits(third, 63, HOST) != 0) {
      return Answer.fault(0x5a);
    }
    return tables(first, third, address, write);
  }

  private Answer tables(long first, long third, long address, boolean write) {
    int type = (int) bits(first, 8, 6);
    boolean width = goodWidth(bits(first, 4, 2));
    boolean mode = bits(third, 3, 2) <= 1;
    boolean good =
        type == 1 && mode || type == 2 && width || type == 3 && mode && width || type == 4 && width;
    if (!good) {
      return Answer.fault(0x5b);
    }
    long secondRoot = bits(first, 63, 12) << 12;
    int secondLevels = (int) bits(first, 4, 2) + 2;
    long firstRoot = bits(third, 63, 12) << 12;
    int firstLevels = 4 + (int) bits(third, 3, 2);
    return switch (type) {
      case 1 -> tables.first(firstRoot, firstLevels, address, write);
      case 2 -> tables.second(secondRoot, secondLevels, address, write);
      case 3 -> tables.nested(firstRoot, firstLevels, secondRoot, secondLevels, address, write);
      default -> passed(address, 0x83);
    };
  }
}
