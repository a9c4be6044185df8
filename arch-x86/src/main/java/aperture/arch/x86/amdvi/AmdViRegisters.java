package aperture.arch.x86.amdvi;

/**
 * Names of the registers, as they stand in captures and in core's register store.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 3.4, IOMMU MMIO Registers.
 */
final class AmdViRegisters {

  static final String DEVTAB = "DEVTAB";
  static final String CMDBUF = "CMDBUF";
  static final String EVTLOG = "EVTLOG";
  static final String CONTROL = "CONTROL";
  static final String EXCL_BASE = "EXCL_BASE";
  static final String EXT_FEATURES = "EXT_FEATURES";
  static final String CMD_HEAD = "CMD_HEAD";
  static final String CMD_TAIL = "CMD_TAIL";
  static final String EVT_HEAD = "EVT_HEAD";
  static final String EVT_TAIL = "EVT_TAIL";
  static final String STATUS = "STATUS";

  private AmdViRegisters() {}
}
