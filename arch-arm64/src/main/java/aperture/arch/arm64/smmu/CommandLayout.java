package aperture.arch.arm64.smmu;

/**
 * Command, 16 bytes: what software asks of the SMMU through the command queue.
 *
 * <pre>
 *   configuration  0  StreamID 63:32 | SubstreamID 31:12 | SSV 11 | SSec 10 | opcode 7:0
 *                  1  Range 4:0, or Leaf 0
 *   ATC_INV        0  StreamID 63:32 | SubstreamID 31:12 | SSV 11 | SSec 10 | Global 9 | opcode 7:0
 *                  1  address 63:12 | Size 5:0, 2^Size pages of 4 KiB
 *   PRI_RESP       0  StreamID 63:32 | SubstreamID 31:12 | SSV 11 | SSec 10 | opcode 7:0
 *                  1  Resp 13:12 | PRGIndex 8:0
 *   RESUME         0  StreamID 63:32 | Action 13:12 | SSec 10 | opcode 7:0
 *                  1  STAG 15:0
 *   TLB            0  ASID 63:48 | VMID 47:32 | SCALE 24:20 | NUM 16:12 | opcode 7:0
 *                  1  address 63:12 | TG 11:10 | TTL 9:8 | Leaf 0
 *   SYNC           0  MSIData 63:32 | MSIAttr 27:24 | MSH 23:22 | CS 13:12 | opcode 7:0
 *                  1  MSIAddress 51:2
 *
 *   TG 0: one address. Otherwise (NUM + 1) * 2^SCALE pages; TG 1 is 4 KiB, 2 is 16 KiB, 3 is 64 KiB
 * </pre>
 *
 * <p>Source: IHI 0070, section 4, Commands.
 */
final class CommandLayout {

  static final int LOG2_BYTES = 4;
  static final int BYTES = 1 << LOG2_BYTES;

  static final int PREFETCH_CONFIG = 0x01;
  static final int PREFETCH_ADDRESS = 0x02;
  static final int CONFIG_STREAM = 0x03;
  static final int CONFIG_STREAM_RANGE = 0x04;
  static final int CONFIG_CONTEXT = 0x05;
  static final int CONFIG_CONTEXT_ALL = 0x06;
  static final int TLB_ALL = 0x10;
  static final int TLB_ASID = 0x11;
  static final int TLB_ADDRESS = 0x12;
  static final int TLB_ADDRESS_ALL_ASIDS = 0x13;
  static final int TLB_EL2_ALL = 0x20;
  static final int TLB_EL2_ASID = 0x21;
  static final int TLB_EL2_ADDRESS = 0x22;
  static final int TLB_EL2_ADDRESS_ALL_ASIDS = 0x23;
  static final int TLB_STAGE_1_2_ALL = 0x28;
  static final int TLB_STAGE_2_ADDRESS = 0x2a;
  static final int TLB_NON_SECURE_ALL = 0x30;
  static final int ATC_INVALIDATE = 0x40;
  static final int PRI_RESPONSE = 0x41;
  static final int RESUME = 0x44;
  static final int STALL_TERMINATE = 0x45;
  static final int SYNC = 0x46;

  static final int SIGNAL_INTERRUPT = 1;
  static final int SIGNAL_RESERVED = 3;

  static final int ERROR_ILLEGAL = 1;
  static final int ERROR_ABORT = 2;

  /** Range that means every stream. */
  static final int RANGE_ALL = 31;

  /** Pages that one command's NUM field can count. */
  static final int LARGEST_NUM = 32;

  private CommandLayout() {}

  static int opcode(long dword0) {
    return Bits.small(dword0, 7, 0);
  }

  /** Whether a command about a stream means one of the secure world. */
  static boolean secure(long dword0) {
    return Bits.isSet(dword0, 10);
  }

  /** Whether a command names a stream, and with it a world. */
  static boolean namesStream(int opcode) {
    return opcode <= CONFIG_CONTEXT_ALL || (opcode >= ATC_INVALIDATE && opcode < SYNC);
  }

  static int streamId(long dword0) {
    return (int) (dword0 >>> 32);
  }

  static int range(long dword1) {
    return Bits.small(dword1, 4, 0);
  }

  static int asid(long dword0) {
    return Bits.small(dword0, 63, 48);
  }

  static long address(long dword1) {
    return dword1 & ~Bits.mask(TableLayout.GRANULE_4K);
  }

  static int vmid(long dword0) {
    return Bits.small(dword0, 47, 32);
  }

  /** Log2 of the page size of a range, or 0 where one address is meant. */
  static int granule(long dword1) {
    int code = Bits.small(dword1, 11, 10);
    return code == 0 ? 0 : 10 + 2 * code;
  }

  /** TTL: level of the leaves that a range is about, or 0 when it is not known. */
  static int level(long dword1) {
    return Bits.small(dword1, 9, 8);
  }

  /** Bytes of a range. */
  static long rangeBytes(long dword0, long dword1) {
    long pages = Bits.field(dword0, 16, 12) + 1;
    return pages << Bits.small(dword0, 24, 20) + granule(dword1);
  }

  /** Bytes that an ATC_INV is about; 0 for all of them. */
  static long atcBytes(long dword1) {
    int shift = Bits.small(dword1, 5, 0) + TableLayout.GRANULE_4K;
    return shift < Long.SIZE ? 1L << shift : 0;
  }

  static boolean responseReserved(long dword1) {
    return Bits.small(dword1, 13, 12) == 3;
  }

  /** CS: what a SYNC does when it is complete. */
  static int signal(long dword0) {
    return Bits.small(dword0, 13, 12);
  }

  static int messageData(long dword0) {
    return (int) (dword0 >>> 32);
  }

  static long messageAddress(long dword1) {
    return Bits.inPlace(dword1, 51, 2);
  }

  static long configStream(int streamId) {
    return Integer.toUnsignedLong(streamId) << 32 | CONFIG_STREAM;
  }

  static long configContext(int streamId) {
    return Integer.toUnsignedLong(streamId) << 32 | CONFIG_CONTEXT;
  }

  static long tlbAsid(int asid) {
    return (long) asid << 48 | TLB_ASID;
  }

  /**
   * Dword 0 of a range of pages.
   *
   * @param pages 1 to {@link #LARGEST_NUM}
   */
  static long tlbRange(int asid, int pages, int scale) {
    return (long) asid << 48 | (long) scale << 20 | (long) (pages - 1) << 12 | TLB_ADDRESS;
  }

  /**
   * Dword 1 of a range of pages.
   *
   * @param pageShift log2 of their size
   * @param level of the entries that changed; 0 when it is not known
   */
  static long tlbRangeAddress(long address, int pageShift, int level, boolean leaf) {
    return address | (long) (pageShift - 10) / 2 << 10 | (long) level << 8 | (leaf ? 1 : 0);
  }
}
