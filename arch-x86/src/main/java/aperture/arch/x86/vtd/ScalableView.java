package aperture.arch.x86.vtd;

/**
 * What the capability registers say about scalable mode, decoded. Immutable.
 *
 * <p>The emulated unit looks at no reserved bits of PASID structures, and does not bound a PASID by
 * the size of its directory.
 */
final class ScalableView {

  final boolean supported;
  final boolean firstLevel;
  final boolean secondLevel;
  final boolean nested;
  final boolean boundsPasids;

  /** Whether RID_PRIV has a meaning. */
  final boolean supervisor;

  private final boolean fiveLevels;

  final long contextReserved;
  final long directoryReserved;
  final long pasidReserved0;
  final long pasidReserved1;
  final long pasidReserved2;

  private final long[] tableReserved = new long[SecondLevelLayout.MAX_LEVELS + 1];
  private final long[] pageReserved = new long[SecondLevelLayout.MAX_LEVELS + 1];
  private final boolean[] pageAllowed = new boolean[SecondLevelLayout.MAX_LEVELS + 1];

  ScalableView(long cap, long ecap, long hostMask, boolean emulated) {
    supported = CapabilityLayout.scalable(ecap);
    firstLevel = CapabilityLayout.firstLevel(ecap);
    secondLevel = CapabilityLayout.secondLevel(ecap);
    nested = CapabilityLayout.nested(ecap);
    supervisor = CapabilityLayout.ridPrivilege(ecap);
    fiveLevels = CapabilityLayout.firstLevel5(cap);
    boundsPasids = !emulated;
    contextReserved = ScalableContextLayout.RESERVED_0 | ~hostMask;
    directoryReserved = emulated ? 0 : PasidDirectoryLayout.RESERVED | ~hostMask;
    pasidReserved0 = emulated ? 0 : PasidEntryLayout.RESERVED_0 | ~hostMask;
    pasidReserved1 = emulated ? 0 : PasidEntryLayout.RESERVED_1;
    pasidReserved2 = emulated ? 0 : PasidEntryLayout.RESERVED_2 | ~hostMask;
    for (int level = 1; level <= SecondLevelLayout.MAX_LEVELS; level++) {
      pageAllowed[level] =
          level <= SecondLevelLayout.LEVEL_2M
              || level == SecondLevelLayout.LEVEL_1G && CapabilityLayout.firstLevel1G(cap);
      tableReserved[level] = FirstLevelLayout.reserved(level, hostMask, false, pageAllowed[level]);
      pageReserved[level] = FirstLevelLayout.reserved(level, hostMask, true, pageAllowed[level]);
    }
  }

  /** Whether a first-stage paging mode is one that the unit has. */
  boolean supportsMode(int mode) {
    return mode == FirstLevelLayout.MODE_4_LEVELS
        || mode == FirstLevelLayout.MODE_5_LEVELS && fiveLevels;
  }

  /** Whether a first-level entry maps a page rather than pointing to a table. */
  boolean isPage(long entry, int level) {
    return level == 1 || pageAllowed[level] && (entry & FirstLevelLayout.PAGE) != 0;
  }

  /** Reserved bits of a first-level entry. */
  long reserved(int level, boolean page) {
    return page ? pageReserved[level] : tableReserved[level];
  }
}
