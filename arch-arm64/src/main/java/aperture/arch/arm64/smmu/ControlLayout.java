package aperture.arch.arm64.smmu;

/**
 * The control registers: enables and their acknowledgement, attributes, global bypass, errors.
 *
 * <pre>
 *   CR0       VMW 8:6 | ATSCHK 4 | CMDQEN 3 | EVENTQEN 2 | PRIQEN 1 | SMMUEN 0
 *   CR2       PTM 2 | RECINVSID 1 | E2H 0
 *   GBPA      Update 31 | ABORT 20 | SHCFG 13:12
 *   GERROR    MSI_CMDQ_ABT_ERR 4 | EVENTQ_ABT_ERR 2 | CMDQ_ERR 0      an error is active while GERROR and GERRORN differ
 *   IRQ_CTRL  EVENTQ 2 | PRIQ 1 | GERROR 0
 * </pre>
 *
 * <p>Source: IHI 0070, section 6.3, Register formats.
 */
final class ControlLayout {

  static final long SMMU_ENABLE = Bits.bit(0);
  static final long EVENT_QUEUE_ENABLE = Bits.bit(2);
  static final long COMMAND_QUEUE_ENABLE = Bits.bit(3);

  /** Bits of CR0 that CR0ACK mirrors. */
  static final long ACKNOWLEDGED = 0x3df;

  static final long RECORD_BAD_STREAM_IDS = Bits.bit(1);
  static final long PRIVATE_TLB_MAINTENANCE = Bits.bit(2);
  static final long HOST_EXTENSIONS = Bits.bit(0);

  static final long BYPASS_UPDATE = Bits.bit(31);
  static final long BYPASS_ABORT = Bits.bit(20);

  static final long COMMAND_QUEUE_ERROR = Bits.bit(0);
  static final long EVENT_QUEUE_ABORT = Bits.bit(2);

  static final long COMMAND_MESSAGE_ABORT = Bits.bit(4);

  static final long GLOBAL_ERROR_INTERRUPT = Bits.bit(0);
  static final long EVENT_QUEUE_INTERRUPT = Bits.bit(2);

  /** Tables and queues inner shareable, write-back cacheable: what a kernel writes to CR1. */
  static final long WRITE_BACK_INNER_SHAREABLE = 0xd75;

  private static final long MACHINE_GROUPS = Bits.mask(9) & ~Bits.mask(6);

  private ControlLayout() {}

  static boolean enabled(long cr0) {
    return (cr0 & SMMU_ENABLE) != 0;
  }

  static boolean eventsEnabled(long cr0) {
    return (cr0 & EVENT_QUEUE_ENABLE) != 0;
  }

  /** VMW: commands name groups of VMIDs. */
  static boolean groupsMachines(long cr0) {
    return (cr0 & MACHINE_GROUPS) != 0;
  }

  /** What a write of CR0 comes to while the SMMU translates: the groups stay as they were. */
  static long whileEnabled(long written, long cr0) {
    return written & ~MACHINE_GROUPS | cr0 & MACHINE_GROUPS;
  }

  static boolean commandsEnabled(long cr0) {
    return (cr0 & COMMAND_QUEUE_ENABLE) != 0;
  }
}
