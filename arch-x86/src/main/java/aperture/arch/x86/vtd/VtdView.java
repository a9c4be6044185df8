package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;
import static aperture.arch.x86.vtd.VtdRegisters.ECAP;
import static aperture.arch.x86.vtd.VtdRegisters.GSTS;
import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;

import aperture.iommu.Registers;

/**
 * The registers that a walk needs, decoded. Immutable.
 *
 * <p>The host address width is the maximum guest address width: the unit described by these
 * capabilities addresses no more memory than it translates. No entry has address bits above 51.
 */
final class VtdView {

  private static final int ADDRESS_BITS = 52;

  private final long gsts;
  private final long rtaddr;
  private final long cap;
  private final long ecap;

  final boolean translating;
  final int mode;
  final long rootTable;
  final int guestWidth;

  /** Bits HAW-1 to 12. */
  final long addressMask;

  final long rootReserved;
  final long contextReserved;
  final boolean deviceTlb;
  final boolean passThrough;
  final boolean scalable;
  final boolean abortMode;

  private final long[] tableReserved = new long[SecondLevelLayout.MAX_LEVELS + 1];
  private final long[] pageReserved = new long[SecondLevelLayout.MAX_LEVELS + 1];
  private final boolean[] pageAllowed = new boolean[SecondLevelLayout.MAX_LEVELS + 1];

  private VtdView(long gsts, long rtaddr, long cap, long ecap) {
    this.gsts = gsts;
    this.rtaddr = rtaddr;
    this.cap = cap;
    this.ecap = ecap;
    translating = (gsts & CommandLayout.TRANSLATION) != 0;
    mode = RootAddressLayout.mode(rtaddr);
    rootTable = rtaddr & RootAddressLayout.ADDRESS;
    guestWidth = CapabilityLayout.maximumGuestWidth(cap);
    long hostMask = (1L << Math.min(guestWidth, ADDRESS_BITS)) - 1;
    addressMask = hostMask & RootAddressLayout.ADDRESS;
    rootReserved = RootEntryLayout.RESERVED_LOW | ~hostMask;
    contextReserved = ContextEntryLayout.RESERVED_LOW | ~hostMask;
    deviceTlb = CapabilityLayout.deviceTlb(ecap);
    passThrough = CapabilityLayout.passThrough(ecap);
    scalable = CapabilityLayout.scalable(ecap);
    abortMode = CapabilityLayout.abortMode(ecap);
    boolean snoop = CapabilityLayout.snoopControl(ecap) || scalable;
    for (int level = 1; level <= SecondLevelLayout.MAX_LEVELS; level++) {
      pageAllowed[level] = level == 1 || CapabilityLayout.supportsPageAt(cap, level);
      tableReserved[level] = SecondLevelLayout.reservedInTable(level, hostMask, pageAllowed[level]);
      pageReserved[level] = SecondLevelLayout.reservedInPage(level, hostMask, snoop, deviceTlb);
    }
  }

  static VtdView of(Registers registers) {
    return new VtdView(
        registers.get(GSTS), registers.get(RTADDR), registers.get(CAP), registers.get(ECAP));
  }

  /** Whether decoding again would give the same. */
  boolean isOf(Registers registers) {
    return gsts == registers.get(GSTS)
        && rtaddr == registers.get(RTADDR)
        && cap == registers.get(CAP)
        && ecap == registers.get(ECAP);
  }

  boolean supportsWidthCode(int code) {
    return CapabilityLayout.supportsWidthCode(cap, code);
  }

  /** Whether an entry maps a page rather than pointing to a table. */
  boolean isPage(long entry, int level) {
    return level == 1 || pageAllowed[level] && (entry & SecondLevelLayout.PAGE) != 0;
  }

  long reserved(int level, boolean page) {
    return page ? pageReserved[level] : tableReserved[level];
  }
}
