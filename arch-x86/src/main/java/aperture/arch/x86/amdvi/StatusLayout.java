package aperture.arch.x86.amdvi;

/**
 * The status register.
 *
 * <pre>
 *   7 PprRun | 6 PprInt | 5 PprOverflow | 4 CmdBufRun | 3 EventLogRun
 *   2 ComWaitInt | 1 EventLogInt | 0 EventOverflow
 * </pre>
 *
 * <p>The run bits are the hardware's; software clears the others by writing 1.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 3.4.13, Command and Event Log Pointer Registers.
 */
final class StatusLayout {

  static final long EVENT_OVERFLOW = 1;
  static final long EVENT_INTERRUPT = 1 << 1;
  static final long WAIT_INTERRUPT = 1 << 2;
  static final long EVENTS_RUN = 1 << 3;
  static final long COMMANDS_RUN = 1 << 4;

  static final long WRITE_ONE_TO_CLEAR = 0x67;

  private StatusLayout() {}
}
