package aperture.arch.arm64.smmu;

/**
 * The identification registers: what this SMMU can do.
 *
 * <pre>
 *   IDR0  ST_LEVEL 28:27 | TERM_MODEL 26 | STALL_MODEL 25:24 | TTENDIAN 22:21 | CD2L 19
 *         | VMID16 18 | PRI 16 | MSI 13 | ASID16 12 | ATS 10 | Hyp 9 | HTTU 7:6 | TTF 3:2 | S1P 1 | S2P 0
 *   IDR1  ATTR_PERMS_OVR 26 | CMDQS 25:21 | EVENTQS 20:16 | SSIDSIZE 10:6 | SIDSIZE 5:0
 *   IDR3  RIL 10 | STT 9 | FWB 8 | HAD 2
 *   IDR5  VAX 11:10 | DS 7 | GRAN64K 6 | GRAN16K 5 | GRAN4K 4 | OAS 2:0
 * </pre>
 *
 * <p>Sources: IHI 0070, section 6.3, Register formats; values at reset: QEMU 7.2, hw/arm/smmuv3.c,
 * smmuv3_init_regs.
 */
final class IdentificationLayout {

  /** Stage 1 only, 64-bit tables, 16-bit ASIDs, little-endian, no stalls, two-level streams. */
  static final long IDR0_RESET = 0x0d40_101aL;

  /** 16-bit stream ids, no substreams, queues of up to 2^19 entries. */
  static final long IDR1_RESET = 0x0273_0010L;

  /** Hierarchical attribute disable, range invalidation, break-before-make level 2. */
  static final long IDR3_RESET = 0x1404L;

  /** 44-bit output, all three granules. */
  static final long IDR5_RESET = 0x74L;

  /** SMMUv3.1. */
  static final long AIDR_RESET = 1;

  static final int STALL_NOT_SUPPORTED = 1;
  static final int STALL_FORCED = 2;
  static final int ENDIAN_MIXED = 0;
  static final int ENDIAN_LITTLE = 2;
  static final int ENDIAN_BIG = 3;

  private static final int TTF_AARCH32 = 1;
  private static final int TTF_AARCH64 = 2;
  private static final int[] OUTPUT_BITS = {32, 36, 40, 42, 44, 48, 52, 52};

  private IdentificationLayout() {}

  static boolean stage2(long idr0) {
    return Bits.isSet(idr0, 0);
  }

  static boolean stage1(long idr0) {
    return Bits.isSet(idr0, 1);
  }

  /** Whether the short 32-bit table format is supported beside the 64-bit one. */
  static boolean aarch32(long idr0) {
    return (Bits.small(idr0, 3, 2) & TTF_AARCH32) != 0;
  }

  static boolean aarch64(long idr0) {
    return (Bits.small(idr0, 3, 2) & TTF_AARCH64) != 0;
  }

  static boolean updatesAccessFlag(long idr0) {
    return Bits.small(idr0, 7, 6) >= 1;
  }

  static boolean updatesDirtyState(long idr0) {
    return Bits.small(idr0, 7, 6) >= 2;
  }

  static boolean hypervisor(long idr0) {
    return Bits.isSet(idr0, 9);
  }

  static boolean ats(long idr0) {
    return Bits.isSet(idr0, 10);
  }

  static int asidBits(long idr0) {
    return Bits.isSet(idr0, 12) ? 16 : 8;
  }

  static int vmidBits(long idr0) {
    return Bits.isSet(idr0, 18) ? 16 : 8;
  }

  /** Whether the SMMU can write a message when a command is complete. */
  static boolean messages(long idr0) {
    return Bits.isSet(idr0, 13);
  }

  static boolean pri(long idr0) {
    return Bits.isSet(idr0, 16);
  }

  static boolean twoLevelContexts(long idr0) {
    return Bits.isSet(idr0, 19);
  }

  static int tableEndianness(long idr0) {
    return Bits.small(idr0, 22, 21);
  }

  static int stallModel(long idr0) {
    return Bits.small(idr0, 25, 24);
  }

  /** Whether every fault aborts, so that contexts must ask for that. */
  static boolean alwaysTerminates(long idr0) {
    return Bits.isSet(idr0, 26);
  }

  static boolean twoLevelStreams(long idr0) {
    return Bits.small(idr0, 28, 27) != 0;
  }

  static int streamIdBits(long idr1) {
    return Bits.small(idr1, 5, 0);
  }

  static int substreamIdBits(long idr1) {
    return Bits.small(idr1, 10, 6);
  }

  static int eventQueueLog2(long idr1) {
    return Bits.small(idr1, 20, 16);
  }

  static int commandQueueLog2(long idr1) {
    return Bits.small(idr1, 25, 21);
  }

  static boolean overridesPrivilege(long idr1) {
    return Bits.isSet(idr1, 26);
  }

  static boolean hierarchicalDisable(long idr3) {
    return Bits.isSet(idr3, 2);
  }

  static boolean forcesWriteBack(long idr3) {
    return Bits.isSet(idr3, 8);
  }

  static boolean smallTables(long idr3) {
    return Bits.isSet(idr3, 9);
  }

  static boolean rangeInvalidation(long idr3) {
    return Bits.isSet(idr3, 10);
  }

  /** Width of physical addresses. */
  static int outputBits(long idr5) {
    return OUTPUT_BITS[Bits.small(idr5, 2, 0)];
  }

  /** The code of {@link #outputBits}, as a context's IPS field takes it. */
  static int outputSize(long idr5) {
    return Bits.small(idr5, 2, 0);
  }

  /** Width that a context's IPS field means; same code as OAS. */
  static int intermediateBits(int ips) {
    return OUTPUT_BITS[ips];
  }

  /** Whether tables of pages of {@code 1 << shift} bytes are supported. */
  static boolean granule(long idr5, int shift) {
    return Bits.isSet(idr5, 4 + (shift - 12) / 2);
  }

  /** Whether the smaller granules can express 52-bit addresses. */
  static boolean wideDescriptors(long idr5) {
    return Bits.isSet(idr5, 7);
  }

  static boolean wideInput(long idr5) {
    return Bits.small(idr5, 11, 10) == 1;
  }
}
