package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;
import static aperture.arch.x86.vtd.VtdRegisters.ECAP;
import static aperture.arch.x86.vtd.VtdRegisters.GSTS;
import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;
import static aperture.arch.x86.vtd.VtdRegisters.VER;

import aperture.iommu.Registers;

/**
 * The registers that a walk needs, decoded. Immutable.
 *
 * <p>The host address width is the maximum guest address width: the unit described by these
 * capabilities addresses no more memory than it translates. No entry has address bits above 51.
 */
final class VtdView {

  private final long gsts;
  private final long rtaddr;
  private final long cap;
  private final long ecap;
  private final long version;

  final boolean translating;

  /** Whether translation is on, by legacy tables. */
  final boolean plain;

  final int mode;
  final long rootTable;
  final int guestWidth;
  final FaultNumbers numbers;

  /** Bits HAW-1 to 12. */
  final long addressMask;

  final long rootReserved;
  final long contextReserved;
  final boolean deviceTlb;
  final boolean passThrough;
  final boolean abortMode;

  /** What scalable mode adds; also there where the unit has none. */
  final ScalableView scalable;

  /**
   * What no second-level entry has that points to a table, at any level above 1: the bits reserved
   * in it, and the one that makes it a page where it is not reserved.
   */
  final long notOfTable;

  /** Of each address-width code, the first address that is too large for its tables or the unit. */
  private final long[] inputEnds = new long[ContextEntryLayout.MAX_WIDTH_CODE + 1];

  private final long[] tableReserved = new long[SecondLevelLayout.MAX_LEVELS + 1];
  private final long[] pageReserved = new long[SecondLevelLayout.MAX_LEVELS + 1];

  /** Of each level, the bit that makes an entry a page; at level 1, any bit of a present entry. */
  private final long[] pageBits = new long[SecondLevelLayout.MAX_LEVELS + 1];

  private VtdView(long gsts, long rtaddr, long cap, long ecap, long version) {
    this.gsts = gsts;
    this.rtaddr = rtaddr;
    this.cap = cap;
    this.ecap = ecap;
    this.version = version;
    translating = (gsts & CommandLayout.TRANSLATION) != 0;
    mode = RootAddressLayout.mode(rtaddr);
    plain = translating && mode == RootAddressLayout.TTM_LEGACY;
    rootTable = rtaddr & RootAddressLayout.ADDRESS;
    guestWidth = CapabilityLayout.maximumGuestWidth(cap);
    long hostMask = (1L << Math.min(guestWidth, SecondLevelLayout.ADDRESS_BITS)) - 1;
    addressMask = hostMask & RootAddressLayout.ADDRESS;
    rootReserved = RootEntryLayout.RESERVED_LOW | ~hostMask;
    contextReserved = ContextEntryLayout.RESERVED_LOW | ~hostMask;
    deviceTlb = CapabilityLayout.deviceTlb(ecap);
    passThrough = CapabilityLayout.passThrough(ecap);
    abortMode = CapabilityLayout.abortMode(ecap);
    boolean emulated = CapabilityLayout.emulated(version);
    scalable = new ScalableView(cap, ecap, hostMask, emulated);
    numbers = numbers(emulated, scalable.supported, mode);
    boolean snoop = CapabilityLayout.snoopControl(ecap) || scalable.supported;
    for (int code = 0; code < inputEnds.length; code++) {
      inputEnds[code] = 1L << Math.min(ContextEntryLayout.width(code), guestWidth);
    }
    notOfTable = SecondLevelLayout.reservedInTable(SecondLevelLayout.MAX_LEVELS, hostMask, false);
    for (int level = 1; level <= SecondLevelLayout.MAX_LEVELS; level++) {
      boolean large = CapabilityLayout.supportsPageAt(cap, level);
      pageBits[level] = level == 1 ? -1L : large ? SecondLevelLayout.PAGE : 0;
      tableReserved[level] = SecondLevelLayout.reservedInTable(level, hostMask, large);
      pageReserved[level] = SecondLevelLayout.reservedInPage(level, hostMask, snoop, deviceTlb);
    }
  }

  private static FaultNumbers numbers(boolean emulated, boolean scalable, int mode) {
    if (emulated && scalable) {
      return FaultNumbers.EMULATED;
    }
    boolean inUse = scalable && mode == RootAddressLayout.TTM_SCALABLE;
    return inUse ? FaultNumbers.SCALABLE : FaultNumbers.LEGACY;
  }

  static VtdView of(Registers registers) {
    return new VtdView(
        registers.get(GSTS),
        registers.get(RTADDR),
        registers.get(CAP),
        registers.get(ECAP),
        registers.get(VER));
  }

  /** Whether decoding again would give the same. */
  boolean isOf(Registers registers) {
    return gsts == registers.get(GSTS)
        && rtaddr == registers.get(RTADDR)
        && cap == registers.get(CAP)
        && ecap == registers.get(ECAP)
        && version == registers.get(VER);
  }

  boolean supportsWidthCode(int code) {
    return CapabilityLayout.supportsWidthCode(cap, code);
  }

  /** The first address beyond the tables of a supported address-width code. */
  long inputEnd(int code) {
    return inputEnds[code];
  }

  /** Whether a second-level entry maps a page rather than pointing to a table. */
  boolean isPage(long entry, int level) {
    return (entry & pageBits[level]) != 0;
  }

  /** Reserved bits of a second-level entry. */
  long reserved(int level, boolean page) {
    return page ? pageReserved[level] : tableReserved[level];
  }
}
