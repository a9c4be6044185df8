package aperture.arch.x86.vtd;

/**
 * The global command and status registers: a command bit and the status bit that answers it have
 * the same place.
 *
 * <pre>
 *   31 TE/TES | 30 SRTP/RTPS | 29 SFL/FLS | 28 EAFL/AFLS | 27 WBF/WBFS | 26 QIE/QIES
 *   25 IRE/IRES | 24 SIRTP/IRTPS | 23 CFI/CFIS | 22..0 reserved
 * </pre>
 *
 * <p>Source: Intel VT-d, rev 5.10, sections 11.4.4.1, Global Command Register, and 11.4.4.2, Global
 * Status Register.
 */
final class CommandLayout {

  static final long TRANSLATION = 1L << 31;
  static final long ROOT_TABLE = 1L << 30;
  static final long QUEUED_INVALIDATION = 1L << 26;
  static final long INTERRUPT_REMAPPING = 1L << 25;
  static final long INTERRUPT_TABLE = 1L << 24;
  static final long COMPATIBILITY_INTERRUPTS = 1L << 23;

  /** Bits of the status register that a command keeps by writing them again. */
  static final long STICKY =
      TRANSLATION | QUEUED_INVALIDATION | INTERRUPT_REMAPPING | COMPATIBILITY_INTERRUPTS;

  private CommandLayout() {}
}
