package aperture.arch.x86.amdvi;

/**
 * A device table entry: 32 bytes, one for each requester id.
 *
 * <pre>
 *   quad 0   63 | 62 | 61 | 60 58 | 57 56 | 55 | 54   | 53 | 52  | 51 .. 12 | 11 9 | 8 7 | 6 2 | 1  | 0
 *            0  | IW | IR | GCR3  | GLX   | GV | GIOV | -  | PPR |   root   | Mode | HAD |  0  | TV | V
 *   quad 1   63 .. 43 GCR3 | 41 40 SysMgt | 39 EX | 38 SD | 37 Cache | 36 35 IoCtl | 34 SA | 33 SE
 *            32 I | 31 .. 16 GCR3 | 15 .. 0 domain
 *   quad 2   63 62 Lint | 61 60 IntCtl | 58 .. 56 pass | 53 52 0 | 51 .. 6 interrupt table | 5 IG
 *            4 .. 1 IntTabLen | 0 IV
 *   quad 3   63 .. 54 attributes | 53 .. 48 0 | 47 .. 15 guest | 14 .. 0 0
 * </pre>
 *
 * <p>Mode is the number of levels of the page table, 0 for none (the address stays as it is), 7
 * reserved. SA suppresses the events of I/O page faults.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 2.2.2.1, Device Table Entry Format. What is reserved is
 * as QEMU 7.2.22 has it (hw/i386/amd_iommu.h), which checks all four quads whatever V says.
 */
final class DeviceEntryLayout {

  static final int SIZE = 32;
  static final int QUAD_1 = 8;
  static final int QUAD_2 = 16;
  static final int QUAD_3 = 24;

  static final long VALID = 1;
  static final long TRANSLATION_VALID = 1 << 1;
  static final long READ = 1L << 61;
  static final long WRITE = 1L << 62;
  static final long PERMISSIONS = READ | WRITE;

  static final long RESERVED_0 = 0x8000_0000_0000_007cL;
  static final long RESERVED_2 = 0x0030_0000_0000_0000L;
  static final long RESERVED_3 = 0x003f_0000_0000_7fffL;

  /** Translated, and without any permission: what blocks a device. */
  static final long BLOCKED = VALID | TRANSLATION_VALID;

  private static final int HAD_SHIFT = 7;
  private static final int HAD_MASK = 3;
  private static final int MODE_SHIFT = 9;
  private static final int MODE_MASK = 7;
  private static final long ADDRESS = (1L << 52) - 4096;
  private static final long GUEST_WITHOUT_PASID = 3L << 54;
  private static final long SUPPRESS_FAULTS = 1L << 34;
  private static final int DOMAIN_MASK = 0xffff;

  private DeviceEntryLayout() {}

  /** Offset of a requester's entry in the table. */
  static long offset(int requesterId) {
    return (long) requesterId * SIZE;
  }

  /** Quad 0 of an entry that translates through a page table. */
  static long translated(long root, int levels) {
    return root | (long) levels << MODE_SHIFT | PERMISSIONS | TRANSLATION_VALID | VALID;
  }

  /** Quad 0 of an entry without page table: addresses are what they are. */
  static long passing() {
    return PERMISSIONS | TRANSLATION_VALID | VALID;
  }

  static boolean valid(long quad0) {
    return (quad0 & VALID) != 0;
  }

  static boolean translationValid(long quad0) {
    return (quad0 & TRANSLATION_VALID) != 0;
  }

  /** Levels of the page table. */
  static int mode(long quad0) {
    return (int) (quad0 >>> MODE_SHIFT) & MODE_MASK;
  }

  /** What hardware is to note of accesses in page tables: 0 for nothing. Ours notes nothing. */
  static int accessedDirty(long quad0) {
    return (int) (quad0 >>> HAD_SHIFT) & HAD_MASK;
  }

  static long root(long quad0) {
    return quad0 & ADDRESS;
  }

  /** Whether requests without PASID go through a guest table first: GV and GIOV. */
  static boolean guestWithoutPasid(long quad0) {
    return (quad0 & GUEST_WITHOUT_PASID) == GUEST_WITHOUT_PASID;
  }

  static int domain(long quad1) {
    return (int) quad1 & DOMAIN_MASK;
  }

  static boolean suppressesFaults(long quad1) {
    return (quad1 & SUPPRESS_FAULTS) != 0;
  }
}
