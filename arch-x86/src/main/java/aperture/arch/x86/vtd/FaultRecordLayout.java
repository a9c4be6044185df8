package aperture.arch.x86.vtd;

/**
 * A fault recording register: 128 bits, kept as two halves.
 *
 * <pre>
 *   low    63 ............ 12 | 11 .. 0
 *          page address       | 0
 *   high   63 F | 62 T1 | 61 60 AT | 59 .. 40 PASID | 39 .. 32 reason
 *          31 PP | 30 EXE | 29 PRIV | 28 T2 | 27 .. 16 | 15 .. 0 source id
 * </pre>
 *
 * <p>F is set while the record waits for software, which clears it by writing 1. T1 is 1 for a
 * read. AT is 0 for an untranslated address, 1 for a translation request, 2 for a translated
 * address. PP says that there is a PASID.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 11.4.7.6, Fault Recording Registers.
 */
final class FaultRecordLayout {

  static final long PENDING = 1L << 63;

  private static final long READ = 1L << 62;
  private static final long PAGE = -1L << 12;
  private static final int REASON_SHIFT = 32;
  private static final int REASON_MASK = 0xff;
  private static final int SOURCE_MASK = 0xffff;
  private static final long PASID_PRESENT = 1L << 31;
  private static final int PASID_SHIFT = 40;
  private static final int PASID_MASK = 0xfffff;
  private static final int TYPE_SHIFT = 60;

  private FaultRecordLayout() {}

  static long low(long address) {
    return address & PAGE;
  }

  static long high(int sourceId, boolean read, int reason) {
    return PENDING
        | (read ? READ : 0)
        | (long) (reason & REASON_MASK) << REASON_SHIFT
        | sourceId & SOURCE_MASK;
  }

  /** The fields of a request with PASID. */
  static long pasid(int pasid) {
    return PASID_PRESENT | (long) pasid << PASID_SHIFT;
  }

  /**
   * The field that says what kind of address the request carried.
   *
   * @param type of the request: {@link Requests}
   */
  static long addressType(int type) {
    return (long) type << TYPE_SHIFT;
  }

  /** The PASID of the request; -1 when it had none. */
  static int pasidOf(long high) {
    return (high & PASID_PRESENT) == 0 ? -1 : (int) (high >>> PASID_SHIFT) & PASID_MASK;
  }

  static boolean isPending(long high) {
    return (high & PENDING) != 0;
  }

  static boolean isRead(long high) {
    return (high & READ) != 0;
  }

  static int reason(long high) {
    return (int) (high >>> REASON_SHIFT) & REASON_MASK;
  }

  static int sourceId(long high) {
    return (int) high & SOURCE_MASK;
  }
}
