package aperture.arch.x86.amdvi;

/**
 * The control register, and the exclusion range's enable bit.
 *
 * <pre>
 *   36..34 DevTblSegEn | 17 GAEn | 16 GTEn | 15 PPREn | 14 PPRIntEn | 13 PPRLogEn | 12 CmdBufEn
 *   11 Isoc | 10 Coherent | 9 ResPassPW | 8 PassPW | 7..5 InvTimeOut | 4 ComWaitIntEn
 *   3 EventIntEn | 2 EventLogEn | 1 HtTunEn | 0 IommuEn
 *
 *   exclusion base   51..12 base | 1 Allow | 0 ExEn
 * </pre>
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 3.4.1, Control and Status Registers.
 */
final class ControlLayout {

  static final long ENABLE = 1;
  static final long EVENT_LOG = 1 << 2;
  static final long EVENT_INTERRUPT = 1 << 3;
  static final long COHERENT = 1 << 10;
  static final long COMMANDS = 1 << 12;

  /** An invalidation of a device's own cache may take a second. */
  static final long TIMEOUT_SECOND = 4 << 5;

  private static final long SEGMENTS = 7L << 34;
  private static final long EXCLUSION_ENABLE = 1;

  private ControlLayout() {}

  static boolean enabled(long control) {
    return (control & ENABLE) != 0;
  }

  /** Whether the log is to run: a unit that is off logs nothing. */
  static boolean logsEvents(long control) {
    return enabled(control) && (control & EVENT_LOG) != 0;
  }

  static boolean takesCommands(long control) {
    return enabled(control) && (control & COMMANDS) != 0;
  }

  /** Whether the device table is cut into segments with base registers of their own. */
  static boolean segmented(long control) {
    return (control & SEGMENTS) != 0;
  }

  static boolean excludes(long exclusionBase) {
    return (exclusionBase & EXCLUSION_ENABLE) != 0;
  }
}
