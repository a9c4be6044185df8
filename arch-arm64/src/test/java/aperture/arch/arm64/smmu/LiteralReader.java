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

  BigInteger address() {
    return address;
  }

  boolean write() {
    return write;
  }

  boolean privileged() {
    return privileged;
  }

  /** Null while addresses are physical. */
  LiteralStage2 under() {
    return under;
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
  LiteralAnswer event(int number, boolean wanted, BigInteger last, int of, boolean stage2) {
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
  BigInteger physical(BigInteger structure, int of) {
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
    if (cd == null) {
      return unread(9, at);
    }
    LiteralStage1 translation = new LiteralStage1(this, cd, vmid(ste.get(2)));
    return translation.legal(stallDisabled) ? translation.answer() : event(0x0a);
  }
}
