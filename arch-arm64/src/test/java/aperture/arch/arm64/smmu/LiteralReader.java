package aperture.arch.arm64.smmu;

import aperture.memory.GuestMemory;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * A second reading of the same architecture, for comparison: slow, with nothing shared. Numbers are
 * big integers and addresses are divided, not shifted; structures are read byte by byte.
 */
final class LiteralReader {

  /** A walk ended early. */
  @SuppressWarnings("serial")
  static final class Stop extends RuntimeException {
    final transient LiteralAnswer answer;

    Stop(LiteralAnswer answer) {
      super(null, null, false, false);
      this.answer = answer;
    }
  }

  private static final BigInteger TWO = BigInteger.TWO;

  private final ToLongFunction<String> registers;
  private final GuestMemory memory;
  private final int streamId;
  private final BigInteger address;
  private final boolean write;
  private final boolean events;

  private boolean privileged;

  /** Null while addresses are physical. */
  private LiteralStage2 under;

  private LiteralReader(
      ToLongFunction<String> registers,
      GuestMemory memory,
      int streamId,
      long iova,
      boolean write) {
    this.registers = registers;
    this.memory = memory;
    this.streamId = streamId;
    this.address = new BigInteger(Long.toUnsignedString(iova));
    this.write = write;
    this.events = bit("CR0", 2) == 1;
  }

  static LiteralAnswer ask(
      ToLongFunction<String> registers,
      GuestMemory memory,
      int streamId,
      long iova,
      boolean write) {
    try {
      return new LiteralReader(registers, memory, streamId, iova, write).answer();
    } catch (Stop stop) {
      return stop.answer;
    }
  }

  static BigInteger power(int exponent) {
    return TWO.pow(exponent);
  }

  private BigInteger register(String name) {
    return new BigInteger(Long.toUnsignedString(registers.applyAsLong(name)));
  }

  int bit(String register, int at) {
    return bits(register(register), at, at);
  }

  int bits(String register, int high, int low) {
    return bits(register(register), high, low);
  }

  static int bits(BigInteger word, int high, int low) {
    return word.divide(power(low)).mod(power(high - low + 1)).intValueExact();
  }

  /** The bits of a word between two positions, in place. */
  static BigInteger part(BigInteger word, int high, int low) {
    BigInteger below = word.mod(power(low));
    return word.mod(power(high + 1)).subtract(below);
  }

  int outputSize() {
    return List.of(32, 36, 40, 42, 44, 48, 52, 52).get(bits("IDR5", 2, 0));
  }

  /** One word, or null when it is not memory. */
  BigInteger word(BigInteger gpa, boolean bigEndian) {
    BigInteger value = BigInteger.ZERO;
    for (int i = 0; i < 8; i++) {
      BigInteger at = gpa.add(BigInteger.valueOf(bigEndian ? i : 7 - i));
      if (at.bitLength() > 63) {
        return null;
      }
      long offset = memory.offsetOf(at.longValueExact(), 1);
      if (offset < 0) {
        return null;
      }
      value = value.multiply(BigInteger.valueOf(256));
      value = value.add(BigInteger.valueOf(memory.get8(offset) & 0xff));
    }
    return value;
  }

  /** Consecutive little-endian words, or null when not all of them are memory. */
  private List<BigInteger> words(BigInteger gpa, int count) {
    List<BigInteger> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      BigInteger word = word(gpa.add(BigInteger.valueOf(8L * i)), false);
      if (word == null) {
        return null;
      }
      all.add(word);
    }
    return all;
  }

  /** An event of the stream, its entry or its context. */
  private LiteralAnswer event(int number) {
    return event(number, true, BigInteger.ZERO, 0, false);
  }

  /** A structure could not be read. */
  private LiteralAnswer unread(int number, BigInteger at) {
    return event(number, true, at, 1, false);
  }

  /**
   * @param wanted whether software wants it
   * @param last what the record's last word says
   * @param of what it concerns: 0 a context, 1 a table, 2 the input
   */
  private LiteralAnswer event(int number, boolean wanted, BigInteger last, int of, boolean stage2) {
    if (!events || !wanted) {
      return LiteralAnswer.silent(number);
    }
    BigInteger second = BigInteger.ZERO;
    if (number >= 0x0b) {
      second = power(40).multiply(BigInteger.valueOf(of));
      second = second.add(write ? BigInteger.ZERO : power(35));
      second = second.add(privileged ? power(33) : BigInteger.ZERO);
      second = second.add(stage2 ? power(39) : BigInteger.ZERO);
      second = second.add(stage2 && of == 1 && number == 0x13 ? power(44) : BigInteger.ZERO);
    }
    List<Long> words =
        List.of(
            power(32).multiply(BigInteger.valueOf(streamId)).longValue() + number,
            second.longValueExact(),
            number >= 0x0b ? address.longValue() : 0,
            last.longValueExact());
    return new LiteralAnswer(false, 0, 0, false, false, 0, number, words);
  }

  /** Ends the walk with an event of stage 2. */
  Stop stop(int number, boolean wanted, BigInteger last, int of) {
    return new Stop(event(number, wanted, last, of, true));
  }

  /** Where a structure of stage 1 lies. */
  private BigInteger physical(BigInteger structure, int of) {
    return under == null ? structure : under.find(structure, false, of).physical();
  }

  /** Width of a stage's output with pages of a size. */
  int outputSize(int code, int page) {
    int size = Math.min(outputSize(), List.of(32, 36, 40, 42, 44, 48, 52, 52).get(code));
    return page == 16 ? size : Math.min(size, 48);
  }

  int vmid(BigInteger third) {
    return bit("IDR0", 0) == 0 ? 0 : bits(third, bit("IDR0", 18) == 1 ? 15 : 7, 0);
  }

  private LiteralAnswer answer() {
    boolean fits = address.compareTo(power(outputSize())) < 0;
    if (bit("CR0", 0) == 0) {
      return bit("GBPA", 20) == 1 || !fits ? LiteralAnswer.silent(-1) : identity();
    }
    int streamBits = Math.min(bits("STRTAB_BASE_CFG", 5, 0), bits("IDR1", 5, 0));
    LiteralAnswer unknown = event(2, bit("CR2", 1) == 1, BigInteger.ZERO, 0, false);
    if (BigInteger.valueOf(streamId).compareTo(power(streamBits)) >= 0) {
      return unknown;
    }
    boolean twoLevel = bits("STRTAB_BASE_CFG", 17, 16) == 1 && bits("IDR0", 28, 27) > 0;
    int splitField = bits("STRTAB_BASE_CFG", 10, 6);
    int split = splitField == 8 ? 8 : splitField == 10 ? 10 : 6;
    BigInteger base = part(register("STRTAB_BASE"), 51, 6);
    BigInteger entry;
    if (twoLevel) {
      BigInteger bytes = power(Math.max(0, streamBits - split)).multiply(BigInteger.valueOf(8));
      BigInteger table = down(base, bytes.max(BigInteger.valueOf(64)));
      BigInteger at = table.add(BigInteger.valueOf(8L * (streamId / (1 << split))));
      BigInteger descriptor = word(at, false);
      if (at.compareTo(power(outputSize())) >= 0 || descriptor == null) {
        return unread(3, at);
      }
      int span = bits(descriptor, 4, 0);
      int index = streamId % (1 << split);
      if (span == 0 || span >= 12 || span > split + 1 || index >= (1 << (span - 1))) {
        return unknown;
      }
      BigInteger second = down(part(descriptor, 51, 6), power(span - 1 + 6));
      entry = second.add(BigInteger.valueOf(64L * index));
    } else {
      BigInteger bytes = power(streamBits + 6);
      entry = down(base, bytes).add(BigInteger.valueOf(64L * streamId));
    }
    List<BigInteger> ste = words(entry, 8);
    if (entry.compareTo(power(outputSize())) >= 0 || ste == null) {
      return unread(3, part(entry, 51, 3));
    }
    return stream(ste, fits);
  }

  static BigInteger down(BigInteger value, BigInteger unit) {
    return value.divide(unit).multiply(unit);
  }

  private LiteralAnswer identity() {
    return LiteralAnswer.page(address, outputSize(), true, true, 1 << 24);
  }

  private LiteralAnswer stream(List<BigInteger> ste, boolean fits) {
    BigInteger first = ste.get(0);
    BigInteger second = ste.get(1);
    privileged = bit("IDR1", 26) == 1 && bits(second, 49, 48) == 3;
    if (bits(first, 0, 0) == 0) {
      return event(4);
    }
    switch (bits(first, 3, 1)) {
      case 0, 1, 2, 3 -> {
        return LiteralAnswer.silent(-1);
      }
      case 4 -> {
        return fits ? identity() : event(0x11, true, BigInteger.ZERO, 2, false);
      }
      case 6 -> {
        LiteralStage2 only = new LiteralStage2(this, ste);
        return only.legal() ? only.find(address, write, 2).answer(address) : event(4);
      }
      case 7 -> {
        under = new LiteralStage2(this, ste);
        if (!under.legal()) {
          return event(4);
        }
      }
      default -> {}
    }
    boolean stallDisabled = bits(second, 27, 27) == 1;
    if (bit("IDR0", 1) == 0 || (stallDisabled && bits("IDR0", 25, 24) != 0)) {
      return event(4);
    }
    int substreamBits = bits("IDR1", 10, 6);
    int contexts = substreamBits == 0 ? 0 : bits(first, 63, 59);
    int format = bits(first, 5, 4) % 3;
    if (contexts > substreamBits || (contexts > 0 && format != 0 && bit("IDR0", 19) == 0)) {
      return event(4);
    }
    BigInteger context = part(first, 51, 6);
    if (context.compareTo(power(outputSize())) >= 0) {
      return event(4);
    }
    if (contexts > 0) {
      switch (bits(second, 1, 0)) {
        case 1 -> {
          if (under != null) {
            return under.find(address, write, 2).answer(address);
          }
          return fits ? identity() : event(0x11, true, BigInteger.ZERO, 2, false);
        }
        case 2 -> {}
        default -> {
          return event(6);
        }
      }
      if (format != 0) {
        BigInteger at = physical(context, 0);
        BigInteger level1 = word(at, false);
        if (level1 == null) {
          return unread(9, at);
        }
        context = part(level1, 51, 12);
        if (bits(level1, 0, 0) == 0 || context.compareTo(power(outputSize())) >= 0) {
          return event(8);
        }
      }
    }
    BigInteger at = physical(context, 0);
    List<BigInteger> cd = words(at, 8);
    return cd == null ? unread(9, at) : context(cd, stallDisabled, vmid(ste.get(2)));
  }

  private LiteralAnswer context(List<BigInteger> cd, boolean stallDisabled, int vmid) {
    BigInteger first = cd.get(0);
    int stallModel = bits("IDR0", 25, 24);
    int stalls = bits(first, 44, 44);
    int endian = bits("IDR0", 22, 21);
    int big = bits(first, 15, 15);
    int updates = bits("IDR0", 7, 6);
    boolean bad = bits(first, 31, 31) == 0;
    bad |= bits(first, 41, 41) == 0 || bit("IDR0", 3) == 0;
    bad |= bits(first, 46, 46) == 0 && bit("IDR0", 26) == 1;
    bad |= stalls == 1 && stallModel == 1;
    bad |= stalls == 1 && stallModel == 0 && stallDisabled;
    bad |= stalls == 0 && stallModel == 2;
    bad |= bits(first, 43, 43) == 1 && updates == 0;
    bad |= bits(first, 42, 42) == 1 && updates < 2;
    bad |= big == 1 && endian == 2;
    bad |= big == 0 && endian == 3;
    for (int half = 0; half < 2; half++) {
      bad |= badHalf(cd, half);
    }
    if (bad) {
      return event(0x0a);
    }
    return half(cd, vmid);
  }

  private static int pageBits(BigInteger first, int half) {
    int code = half == 0 ? bits(first, 7, 6) : bits(first, 23, 22);
    return half == 0 ? new int[] {12, 16, 14, 0}[code] : new int[] {0, 14, 12, 16}[code];
  }

  private static int inputField(BigInteger first, int half) {
    return half == 0 ? bits(first, 5, 0) : bits(first, 21, 16);
  }

  private boolean badHalf(List<BigInteger> cd, int half) {
    BigInteger first = cd.get(0);
    if (bits(first, half == 0 ? 14 : 30, half == 0 ? 14 : 30) == 1) {
      return false;
    }
    int page = pageBits(first, half);
    boolean supported =
        switch (page) {
          case 12 -> bit("IDR5", 4) == 1;
          case 14 -> bit("IDR5", 5) == 1;
          case 16 -> bit("IDR5", 6) == 1;
          default -> false;
        };
    if (!supported) {
      return true;
    }
    int output = outputSize(bits(first, 34, 32), page);
    int most = bit("IDR3", 9) == 0 ? 39 : page == 16 ? 47 : 48;
    int least = bits("IDR5", 11, 10) == 1 && page == 16 ? 12 : 16;
    int field = inputField(first, half);
    BigInteger table = part(cd.get(1 + half), 51, 4);
    return field < least || field > most || table.compareTo(power(output)) >= 0;
  }

  private LiteralAnswer half(List<BigInteger> cd, int vmid) {
    BigInteger first = cd.get(0);
    int half = bits(address, 55, 55);
    boolean records = bits(first, 45, 45) == 1;
    if (bits(first, half == 0 ? 14 : 30, half == 0 ? 14 : 30) == 1) {
      return event(0x10, records, BigInteger.ZERO, 2, false);
    }
    int input = 64 - inputField(first, half);
    boolean tagged = bits(first, 38 + half, 38 + half) == 1;
    for (int at = input; at < (tagged ? 56 : 64); at++) {
      if (bits(address, at, at) != half) {
        return event(0x10, records, BigInteger.ZERO, 2, false);
      }
    }
    int page = pageBits(first, half);
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
    boolean flat = bit("IDR3", 2) == 1 && bits(tableWord, 1, 1) == 1;
    int output = outputSize(bits(first, 34, 32), page);
    return new Level(first, page, output, flat, records, vmid)
        .walk(table, 4 - levels, topBits, false, false);
  }

  /** The recursion over levels, with what stays the same. */
  private final class Level {
    private final BigInteger context;
    private final int page;
    private final int output;
    private final boolean flat;
    private final boolean records;
    private final int vmid;

    Level(BigInteger context, int page, int output, boolean flat, boolean records, int vmid) {
      this.context = context;
      this.page = page;
      this.output = output;
      this.flat = flat;
      this.records = records;
      this.vmid = vmid;
    }

    private LiteralAnswer fault(int number) {
      return event(number, records, BigInteger.ZERO, 2, false);
    }

    LiteralAnswer walk(BigInteger table, int level, int width, boolean readOnly, boolean closed) {
      int reach = page + (3 - level) * (page - 3);
      BigInteger index = address.divide(power(reach)).mod(power(width));
      BigInteger at = table.add(index.multiply(BigInteger.valueOf(8)));
      BigInteger found = physical(at, 1);
      BigInteger descriptor = word(found, bits(context, 15, 15) == 1);
      if (descriptor == null) {
        return event(0x0b, true, part(found, 51, 3), 1, false);
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
      if (!flagged && bits(context, 35, 35) == 0 && bits(context, 43, 43) == 0) {
        return fault(0x12);
      }
      boolean open = bits(descriptor, 6, 6) == 1;
      boolean mayRead = privileged ? !(open && bits(context, 40, 40) == 1) : open && !closed;
      boolean dirtyManaged = bits(context, 42, 42) == 1 && bits(descriptor, 51, 51) == 1;
      boolean mayWrite = mayRead && !readOnly && (bits(descriptor, 7, 7) == 0 || dirtyManaged);
      if (write ? !mayWrite : !mayRead) {
        return fault(0x13);
      }
      BigInteger output = to.add(address.mod(power(reach)));
      int asid = bits(context, bit("IDR0", 12) == 1 ? 63 : 55, 48);
      int domain = vmid * 65_536 + asid;
      if (under == null) {
        return LiteralAnswer.page(output, reach, mayRead, mayWrite, domain);
      }
      LiteralStage2.Found below = under.find(output, write, 2);
      return LiteralAnswer.page(
          below.physical(),
          Math.min(reach, below.reach()),
          mayRead && below.read(),
          mayWrite && below.write(),
          domain);
    }
  }
}
