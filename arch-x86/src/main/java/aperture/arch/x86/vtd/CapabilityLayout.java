package aperture.arch.x86.vtd;

/**
 * The capability registers.
 *
 * <pre>
 *   CAP    63..57 | 55 DRD | 54 DWD | 53..48 MAMV | 47..40 NFR-1 | 39 PSI | 37..34 SLLPS
 *          33..24 FRO/16 | 21..16 MGAW-1 | 12..8 SAGAW | 7 CM | 2..0 ND
 *          60 FS5LP | 56 FS1GP
 *   ECAP   63..54 | 53 RPRIVS | 52 ADMS | 47 FSTS | 46 SSTS | 43 SMTS | 31 SRS | 26 NEST
 *          23..20 MHMV | 17..8 IRO/16 | 7 SC | 6 PT | 5 | 4 EIM | 3 IR | 2 DT | 1 QI
 *   VER    7..4 major | 3..0 minor
 * </pre>
 *
 * <p>Source: Intel VT-d, rev 5.10, sections 11.4.2, Capability Register, and 11.4.3, Extended
 * Capability Register.
 */
final class CapabilityLayout {

  /** Version register of an architecture 1.0 unit. */
  static final long VERSION = 0x10;

  private static final long CAP_BASE = 0x00d2_008c_2220_0006L;
  private static final int SAGAW_39 = 1 << 9;
  private static final int SAGAW_48 = 1 << 10;
  private static final int SAGAW_57 = 1 << 11;

  /** Queued invalidation, IOTLB registers at 0xf0, pass-through. */
  private static final long ECAP_BASE = 0xf42;

  static final int WIDTH_39 = 39;
  static final int WIDTH_48 = 48;
  static final int WIDTH_57 = 57;

  private static final int SAGAW_SHIFT = 8;
  private static final int MGAW_SHIFT = 16;
  private static final int MGAW_MASK = 0x3f;
  private static final int NFR_SHIFT = 40;
  private static final int NFR_MASK = 0xff;
  private static final int MAMV_SHIFT = 48;
  private static final int MAMV_MASK = 0x3f;
  private static final int ND_MASK = 7;
  private static final long CACHING_MODE = 1L << 7;
  private static final int SLLPS_2M_BIT = 34;
  private static final long PAGE_SELECTIVE = 1L << 39;
  private static final int MHMV_SHIFT = 20;
  private static final int MHMV_MASK = 0xf;

  private static final long ECAP_DEVICE_TLB = 1L << 2;
  private static final long ECAP_PASS_THROUGH = 1L << 6;
  private static final long ECAP_SNOOP = 1L << 7;
  private static final long ECAP_SCALABLE = 1L << 43;
  private static final long ECAP_SUPERVISOR = 1L << 31;
  private static final long ECAP_NESTED = 1L << 26;
  private static final long ECAP_SECOND_LEVEL = 1L << 46;
  private static final long ECAP_FIRST_LEVEL = 1L << 47;
  private static final long ECAP_ABORT = 1L << 52;
  private static final long ECAP_RID_PRIVILEGE = 1L << 53;
  private static final long FIRST_LEVEL_1G = 1L << 56;
  private static final long FIRST_LEVEL_5 = 1L << 60;
  private static final int MAJOR_SHIFT = 4;

  private CapabilityLayout() {}

  /**
   * The capability register of a unit with 16-bit domain ids, 2 MiB and 1 GiB pages and one fault
   * recording register.
   *
   * @param width 39 (3-level tables), 48 (4-level tables too) or 57 (5-level tables too)
   */
  static long capability(int width) {
    long sagaw =
        switch (width) {
          case WIDTH_39 -> SAGAW_39;
          case WIDTH_48 -> SAGAW_39 | SAGAW_48;
          default -> SAGAW_39 | SAGAW_48 | SAGAW_57;
        };
    return CAP_BASE | sagaw | (long) (width - 1) << MGAW_SHIFT;
  }

  /**
   * The extended capability register of that unit; with scalable mode it is the one of QEMU's unit,
   * whose PASID entries may name second-level tables only.
   */
  static long extendedCapability(TranslationMode mode) {
    return mode == TranslationMode.SCALABLE
        ? ECAP_BASE | ECAP_SCALABLE | ECAP_SECOND_LEVEL | ECAP_SUPERVISOR
        : ECAP_BASE;
  }

  /** Maximum guest address width, bits. */
  static int maximumGuestWidth(long cap) {
    return (int) (cap >>> MGAW_SHIFT & MGAW_MASK) + 1;
  }

  /** Whether second-level tables of a context entry's address-width code are supported. */
  static boolean supportsWidthCode(long cap, int code) {
    return code <= ContextEntryLayout.MAX_WIDTH_CODE && (cap >>> SAGAW_SHIFT + code & 1) != 0;
  }

  /** Whether an entry of the level (2 or 3) may be a page. */
  static boolean supportsPageAt(long cap, int level) {
    return level >= SecondLevelLayout.LEVEL_2M
        && level <= SecondLevelLayout.LEVEL_1G
        && (cap >>> SLLPS_2M_BIT + level - SecondLevelLayout.LEVEL_2M & 1) != 0;
  }

  /** Level of the largest second-level pages: 1, 2 or 3. */
  static int largestPageLevel(long cap) {
    int level = 1;
    while (supportsPageAt(cap, level + 1)) {
      level++;
    }
    return level;
  }

  /** Number of fault recording registers, 1 to 256. */
  static int faultRecords(long cap) {
    return (int) (cap >>> NFR_SHIFT & NFR_MASK) + 1;
  }

  /** Whether an invalidation may name pages; otherwise it takes their whole domain. */
  static boolean pageSelective(long cap) {
    return (cap & PAGE_SELECTIVE) != 0;
  }

  /** Largest handle mask of an interrupt cache invalidation: log2 of indexes. */
  static int maximumHandleMask(long ecap) {
    return (int) (ecap >>> MHMV_SHIFT) & MHMV_MASK;
  }

  /** Largest address mask of a page-selective invalidation: log2 of pages. */
  static int maximumAddressMask(long cap) {
    return (int) (cap >>> MAMV_SHIFT & MAMV_MASK);
  }

  /** Number of domain ids. */
  static int domains(long cap) {
    return 1 << 4 + 2 * Math.min((int) cap & ND_MASK, 6);
  }

  /** Whether the unit may cache entries that are not present, so that a map must invalidate. */
  static boolean cachingMode(long cap) {
    return (cap & CACHING_MODE) != 0;
  }

  static boolean deviceTlb(long ecap) {
    return (ecap & ECAP_DEVICE_TLB) != 0;
  }

  static boolean passThrough(long ecap) {
    return (ecap & ECAP_PASS_THROUGH) != 0;
  }

  static boolean snoopControl(long ecap) {
    return (ecap & ECAP_SNOOP) != 0;
  }

  static boolean abortMode(long ecap) {
    return (ecap & ECAP_ABORT) != 0;
  }

  static boolean scalable(long ecap) {
    return (ecap & ECAP_SCALABLE) != 0;
  }

  /** Whether PASID entries may name second-level tables. */
  static boolean secondLevel(long ecap) {
    return (ecap & ECAP_SECOND_LEVEL) != 0;
  }

  /** Whether PASID entries may name first-level tables. */
  static boolean firstLevel(long ecap) {
    return (ecap & ECAP_FIRST_LEVEL) != 0;
  }

  /** Whether PASID entries may name first-level tables on top of second-level ones. */
  static boolean nested(long ecap) {
    return (ecap & ECAP_NESTED) != 0;
  }

  /** Whether a context entry may say that requests without PASID are a supervisor's. */
  static boolean ridPrivilege(long ecap) {
    return (ecap & ECAP_RID_PRIVILEGE) != 0;
  }

  /** Whether first-level tables may map 1 GiB. */
  static boolean firstLevel1G(long cap) {
    return (cap & FIRST_LEVEL_1G) != 0;
  }

  /** Whether first-level tables may have 5 levels. */
  static boolean firstLevel5(long cap) {
    return (cap & FIRST_LEVEL_5) != 0;
  }

  /** Whether the version is the one that the emulated unit reports: {@link FaultNumbers}. */
  static boolean emulated(long version) {
    return version >>> MAJOR_SHIFT <= VERSION >>> MAJOR_SHIFT;
  }
}
