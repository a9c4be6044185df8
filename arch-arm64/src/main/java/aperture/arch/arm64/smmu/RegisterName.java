package aperture.arch.arm64.smmu;

/**
 * The registers that core keeps for an SMMUv3, named as the architecture does without the prefix.
 *
 * <p>Source: IHI 0070, section 6, Memory map and registers.
 */
final class RegisterName {

  static final String IDR0 = "IDR0";
  static final String IDR1 = "IDR1";
  static final String IDR3 = "IDR3";
  static final String IDR5 = "IDR5";
  static final String AIDR = "AIDR";
  static final String CR0 = "CR0";
  static final String CR0ACK = "CR0ACK";
  static final String CR1 = "CR1";
  static final String CR2 = "CR2";
  static final String GBPA = "GBPA";
  static final String IRQ_CTRL = "IRQ_CTRL";
  static final String IRQ_CTRLACK = "IRQ_CTRLACK";
  static final String GERROR = "GERROR";
  static final String GERRORN = "GERRORN";
  static final String STRTAB_BASE = "STRTAB_BASE";
  static final String STRTAB_BASE_CFG = "STRTAB_BASE_CFG";
  static final String CMDQ_BASE = "CMDQ_BASE";
  static final String CMDQ_PROD = "CMDQ_PROD";
  static final String CMDQ_CONS = "CMDQ_CONS";
  static final String EVENTQ_BASE = "EVENTQ_BASE";
  static final String EVENTQ_PROD = "EVENTQ_PROD";
  static final String EVENTQ_CONS = "EVENTQ_CONS";

  private RegisterName() {}
}
