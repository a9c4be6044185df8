package aperture.arch.arm64.smmu;

import static aperture.arch.arm64.smmu.LiteralReader.bits;
import static aperture.arch.arm64.smmu.LiteralReader.down;
import static aperture.arch.arm64.smmu.LiteralReader.part;
import static aperture.arch.arm64.smmu.LiteralReader.power;

import java.math.BigInteger;
import java.util.List;

/** Stage 2 of the second reading: like its first stage slow, and with nothing shared. */
final class LiteralStage2 {

  /** What an intermediate address means, and over how many bits the answer holds. */
  record Found(BigInteger physical, int reach, boolean read, boolean write, int vmid) {

    LiteralAnswer answer(BigInteger ipa) {
      if (ipa.mod(power(12)).compareTo(physical.mod(power(12))) != 0) {
        throw new IllegalStateException("the offset in a page changed");
      }
      return LiteralAnswer.page(physical, reach, read, write, 33_554_432 + vmid);
    }
  }

  private final LiteralReader reader;
  private final BigInteger second;
  private final BigInteger third;
  private final BigInteger base;
  private final int page;
  private final int input;
  private final int output;

  LiteralStage2(LiteralReader reader, List<BigInteger> ste) {
    this.reader = reader;
    this.second = ste.get(1);
    this.third = ste.get(2);
    this.base = part(ste.get(3), 51, 4);
    this.page = List.of(12, 16, 14, 0).get(bits(third, 47, 46));
    this.input = 64 - bits(third, 37, 32);
    this.output = reader.outputSize(bits(third, 50, 48), page);
  }

  private int flag(int at) {
    return bits(third, at, at);
  }

  private int firstLevel() {
    int code = bits(third, 39, 38);
    if (page == 12) {
      return List.of(2, 1, 0, 3).get(code);
    }
    return 3 - code;
  }

  /** Address bits below those that a level's index takes. */
  private int reach(int level) {
    int all = page;
    for (int lower = 3; lower > level; lower--) {
      all += page - 3;
    }
    return all;
  }

  boolean legal() {
    int updates = reader.bits("IDR0", 7, 6);
    int endian = reader.bits("IDR0", 22, 21);
    int stalls = reader.bits("IDR0", 25, 24);
    boolean legal = reader.bit("IDR0", 0) == 1 && reader.bit("IDR0", 3) == 1 && flag(51) == 1;
    legal &= !(flag(57) == 1 && stalls == 1) && !(flag(57) == 0 && stalls == 2);
    legal &= flag(56) == 0 || updates > 0;
    legal &= flag(55) == 0 || updates > 1;
    legal &= flag(52) == 0 ? endian != 3 : endian != 2;
    if (page == 0 || reader.bit("IDR5", page == 12 ? 4 : page == 14 ? 5 : 6) == 0) {
      return false;
    }
    int physical = reader.outputSize();
    boolean small = reader.bit("IDR3", 9) == 1;
    int fewest = !small ? 25 : page == 16 ? 17 : 16;
    int most = Math.min(physical, page == 16 && physical == 52 ? 52 : 48);
    legal &= input >= fewest && input <= most;
    int code = bits(third, 39, 38);
    legal &= code != 3 || (page == 12 && small);
    legal &= code != 2 || physical >= (page == 14 ? 42 : 44);
    // One table at least halves the address, sixteen of them side by side are the most there can
    // be.
    int top = input - reach(firstLevel());
    legal &= top >= 1 && top <= page - 3 + 4;
    return legal && base.compareTo(power(output)) < 0;
  }

  /**
   * Translates.
   *
   * @param of for what: 0 to read a context, 1 to read a table, 2 for the transaction itself
   */
  Found find(BigInteger ipa, boolean write, int of) {
    if (ipa.compareTo(power(input)) >= 0) {
      throw fault(0x10, ipa, of);
    }
    int level = firstLevel();
    BigInteger bytes = power(input - reach(level)).multiply(BigInteger.valueOf(8));
    return level(down(base, bytes.max(BigInteger.valueOf(64))), level, ipa, write, of);
  }

  private LiteralReader.Stop fault(int number, BigInteger ipa, int of) {
    return reader.stop(number, flag(58) == 1, part(ipa, 51, 12), of);
  }

  private Found level(BigInteger table, int level, BigInteger ipa, boolean write, int of) {
    int reach = reach(level);
    BigInteger index = ipa.divide(power(reach));
    if (level != firstLevel()) {
      index = index.mod(power(page - 3));
    }
    BigInteger at = table.add(index.multiply(BigInteger.valueOf(8)));
    BigInteger descriptor = reader.word(at, flag(52) == 1);
    if (descriptor == null) {
      throw reader.stop(0x0b, true, at, of);
    }
    int kind = bits(descriptor, 1, 0);
    boolean leaf = level == 3 ? kind == 3 : kind == 1;
    boolean further = level != 3 && kind == 3;
    int highest = page == 12 || (page == 16 && output == 52) ? 1 : 2;
    if (!further && (!leaf || level < highest)) {
      throw fault(0x10, ipa, of);
    }
    BigInteger to = part(descriptor, 47, leaf ? reach : page);
    if (page == 16 && output == 52) {
      to = to.add(BigInteger.valueOf(bits(descriptor, 15, 12)).multiply(power(48)));
    }
    if (to.compareTo(power(output)) >= 0) {
      throw fault(0x11, ipa, of);
    }
    return further
        ? level(to, level + 1, ipa, write, of)
        : leaf(descriptor, reach, to, ipa, write, of);
  }

  private Found leaf(
      BigInteger descriptor, int reach, BigInteger to, BigInteger ipa, boolean write, int of) {
    if (bits(descriptor, 10, 10) == 0 && flag(53) == 0 && flag(56) == 0) {
      throw fault(0x12, ipa, of);
    }
    boolean mayRead = bits(descriptor, 6, 6) == 1;
    boolean mayWrite =
        bits(descriptor, 7, 7) == 1 || (bits(descriptor, 51, 51) == 1 && flag(55) == 1);
    boolean forced = bits(second, 25, 25) == 1 && reader.bit("IDR3", 8) == 1;
    boolean device = bits(descriptor, 4, 4) == 0 && (forced || bits(descriptor, 5, 5) == 0);
    if (!(write ? mayWrite : mayRead) || (of != 2 && device && flag(54) == 1)) {
      throw fault(0x13, ipa, of);
    }
    BigInteger physical = to.add(ipa.mod(power(reach)));
    return new Found(physical, reach, mayRead, mayWrite, reader.vmid(third));
  }
}
