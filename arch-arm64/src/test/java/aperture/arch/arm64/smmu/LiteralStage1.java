package aperture.arch.arm64.smmu;

import static aperture.arch.arm64.smmu.LiteralReader.bits;
import static aperture.arch.arm64.smmu.LiteralReader.down;
import static aperture.arch.arm64.smmu.LiteralReader.part;
import static aperture.arch.arm64.smmu.LiteralReader.power;

import java.math.BigInteger;
import java.util.List;

/** Stage 1 of the second reading: a context descriptor, and the tables of its two halves. */
final class LiteralStage1 {

  private final LiteralReader reader;
  private final List<BigInteger> cd;
  private final BigInteger first;
  private final BigInteger address;
  private final int vmid;

  LiteralStage1(LiteralReader reader, List<BigInteger> cd, int vmid) {
    this.reader = reader;
    this.cd = cd;
    this.first = cd.get(0);
    this.address = reader.address();
    this.vmid = vmid;
  }

  /**
   * Whether the descriptor may say what it says.
   *
   * @param stallDisabled whether the stream may not stall
   */
  boolean legal(boolean stallDisabled) {
    int stallModel = reader.bits("IDR0", 25, 24);
    int stalls = bits(first, 44, 44);
    int endian = reader.bits("IDR0", 22, 21);
    int big = bits(first, 15, 15);
    int updates = reader.bits("IDR0", 7, 6);
    boolean bad = bits(first, 31, 31) == 0;
    bad |= bits(first, 41, 41) == 0 || reader.bit("IDR0", 3) == 0;
    bad |= bits(first, 46, 46) == 0 && reader.bit("IDR0", 26) == 1;
    bad |= stalls == 1 && stallModel == 1;
    bad |= stalls == 1 && stallModel == 0 && stallDisabled;
    bad |= stalls == 0 && stallModel == 2;
    bad |= bits(first, 43, 43) == 1 && updates == 0;
    bad |= bits(first, 42, 42) == 1 && updates < 2;
    bad |= big == 1 && endian == 2;
    bad |= big == 0 && endian == 3;
    for (int half = 0; half < 2; half++) {
      bad |= badHalf(half);
    }
    return !bad;
  }

  private int pageBits(int half) {
    int code = half == 0 ? bits(first, 7, 6) : bits(first, 23, 22);
    return half == 0 ? new int[] {12, 16, 14, 0}[code] : new int[] {0, 14, 12, 16}[code];
  }

  private int inputField(int half) {
    return half == 0 ? bits(first, 5, 0) : bits(first, 21, 16);
  }

  private boolean badHalf(int half) {
    if (bits(first, half == 0 ? 14 : 30, half == 0 ? 14 : 30) == 1) {
      return false;
    }
    int page = pageBits(half);
    boolean supported =
        switch (page) {
          case 12 -> reader.bit("IDR5", 4) == 1;
          case 14 -> reader.bit("IDR5", 5) == 1;
          case 16 -> reader.bit("IDR5", 6) == 1;
          default -> false;
        };
    if (!supported) {
      return true;
    }
    int output = reader.outputSize(bits(first, 34, 32), page);
    int most = reader.bit("IDR3", 9) == 0 ? 39 : page == 16 ? 47 : 48;
    int least = reader.bits("IDR5", 11, 10) == 1 && page == 16 ? 12 : 16;
    int field = inputField(half);
    BigInteger table = part(cd.get(1 + half), 51, 4);
    return field < least || field > most || table.compareTo(power(output)) >= 0;
  }

  /** Walks the tables of the half that the address lies in. */
  LiteralAnswer answer() {
    int half = bits(address, 55, 55);
    boolean records = bits(first, 45, 45) == 1;
    if (bits(first, half == 0 ? 14 : 30, half == 0 ? 14 : 30) == 1) {
      return reader.event(0x10, records, BigInteger.ZERO, 2, false);
    }
    int input = 64 - inputField(half);
    boolean tagged = bits(first, 38 + half, 38 + half) == 1;
    for (int at = input; at < (tagged ? 56 : 64); at++) {
      if (bits(address, at, at) != half) {
        return reader.event(0x10, records, BigInteger.ZERO, 2, false);
      }
    }
    int page = pageBits(half);
    int perTable = page - 3;
    // Levels that the input needs, each resolving as many bits as a page of entries has.
    int levels = 0;
    for (int left = input - page; left > 0; left -= perTable) {
      levels++;
    }
    int topBits = input - page - (levels - 1) * perTable;
    BigInteger topBytes = power(topBits).multiply(BigInteger.valueOf(8));
    BigInteger tableWord = cd.get(1 + half);
    BigInteger table = down(part(tableWord, 51, 4), topBytes.max(BigInteger.valueOf(64)));
    boolean flat = reader.bit("IDR3", 2) == 1 && bits(tableWord, 1, 1) == 1;
    int output = reader.outputSize(bits(first, 34, 32), page);
    return new Level(page, output, flat, records).walk(table, 4 - levels, topBits, false, false);
  }

  /** The recursion over levels, with what stays the same. */
  private final class Level {
    private final int page;
    private final int output;
    private final boolean flat;
    private final boolean records;

    Level(int page, int output, boolean flat, boolean records) {
      this.page = page;
      this.output = output;
      this.flat = flat;
      this.records = records;
    }

    private LiteralAnswer fault(int number) {
      return reader.event(number, records, BigInteger.ZERO, 2, false);
    }

    LiteralAnswer walk(BigInteger table, int level, int width, boolean readOnly, boolean closed) {
      int reach = page + (3 - level) * (page - 3);
      BigInteger index = address.divide(power(reach)).mod(power(width));
      BigInteger at = table.add(index.multiply(BigInteger.valueOf(8)));
      BigInteger found = reader.physical(at, 1);
      BigInteger descriptor = reader.word(found, bits(first, 15, 15) == 1);
      if (descriptor == null) {
        return reader.event(0x0b, true, part(found, 51, 3), 1, false);
      }
      int kind = bits(descriptor, 1, 0);
      if (kind == 0 || kind == 2) {
        return fault(0x10);
      }
      boolean leaf = kind == 1 || level == 3;
      boolean allowed =
          switch (level) {
            case 3 -> kind == 3;
            case 2 -> true;
            case 1 -> kind == 3 || page == 12 || (page == 16 && output == 52);
            default -> kind == 3;
          };
      if (!allowed) {
        return fault(0x10);
      }
      BigInteger to = part(descriptor, 47, leaf ? reach : page);
      if (page == 16 && output == 52) {
        to = to.add(BigInteger.valueOf(bits(descriptor, 15, 12)).multiply(power(48)));
      }
      if (to.compareTo(power(output)) >= 0) {
        return fault(0x11);
      }
      if (!leaf) {
        return walk(
            to,
            level + 1,
            page - 3,
            readOnly || (!flat && bits(descriptor, 62, 62) == 1),
            closed || (!flat && bits(descriptor, 61, 61) == 1));
      }
      boolean flagged = bits(descriptor, 10, 10) == 1;
      if (!flagged && bits(first, 35, 35) == 0 && bits(first, 43, 43) == 0) {
        return fault(0x12);
      }
      boolean open = bits(descriptor, 6, 6) == 1;
      boolean mayRead = reader.privileged() ? !(open && bits(first, 40, 40) == 1) : open && !closed;
      boolean dirtyManaged = bits(first, 42, 42) == 1 && bits(descriptor, 51, 51) == 1;
      boolean mayWrite = mayRead && !readOnly && (bits(descriptor, 7, 7) == 0 || dirtyManaged);
      if (reader.write() ? !mayWrite : !mayRead) {
        return fault(0x13);
      }
      BigInteger output = to.add(address.mod(power(reach)));
      int asid = bits(first, reader.bit("IDR0", 12) == 1 ? 63 : 55, 48);
      int domain = vmid * 65_536 + asid;
      LiteralStage2 under = reader.under();
      if (under == null) {
        return LiteralAnswer.page(output, reach, mayRead, mayWrite, domain);
      }
      LiteralStage2.Found below = under.find(output, reader.write(), 2);
      return LiteralAnswer.page(
          below.physical(),
          Math.min(reach, below.reach()),
          mayRead && below.read(),
          mayWrite && below.write(),
          domain);
    }
  }
}
