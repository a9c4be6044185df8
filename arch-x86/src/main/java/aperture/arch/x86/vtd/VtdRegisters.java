package aperture.arch.x86.vtd;

/**
 * Names of the registers, as they stand in captures and in core's register store.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 11.4, Register Descriptions.
 */
final class VtdRegisters {

  static final String VER = "VER";
  static final String CAP = "CAP";
  static final String ECAP = "ECAP";

  /** Global command: written only, never stored; its effect shows in {@link #GSTS}. */
  static final String GCMD = "GCMD";

  static final String GSTS = "GSTS";
  static final String RTADDR = "RTADDR";
  static final String FSTS = "FSTS";
  static final String FECTL = "FECTL";
  static final String FEDATA = "FEDATA";
  static final String FEADDR = "FEADDR";
  static final String FEUADDR = "FEUADDR";
  static final String IQH = "IQH";
  static final String IQT = "IQT";
  static final String IQA = "IQA";
  static final String ICS = "ICS";
  static final String IECTL = "IECTL";

  /** Invalidation queue error record. */
  static final String IQERCD = "IQERCD";

  /** Context command. */
  static final String CCMD = "CCMD";

  /** Invalidate address. */
  static final String IVA = "IVA";

  /** IOTLB invalidate. */
  static final String IOTLB = "IOTLB";

  private static final String FRCD = "FRCD";

  private VtdRegisters() {}

  /** Low half of a fault recording register, bits 63:0. */
  static String faultRecordLow(int index) {
    return FRCD + index + "_LO";
  }

  /** High half of a fault recording register, bits 127:64. */
  static String faultRecordHigh(int index) {
    return FRCD + index + "_HI";
  }

  /** The fault recording register itself, for people. */
  static String faultRecord(int index) {
    return FRCD + index;
  }
}
