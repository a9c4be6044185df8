package aperture.arch.x86.amdvi;

/**
 * An entry of the event log: 16 bytes.
 *
 * <pre>
 *   low    63 ... 60 | 58 57 | 56 | 55 | 54 | 53 | 52 | 51 | 50 | 49 | 48 | 47 .. 32 | 15 ... 0
 *          code      | type  | TR | RZ | PE | RW | PR | I  | US | NX | GN |  domain  | requester
 *   high   63 ........................................................................... 0
 *          address
 * </pre>
 *
 * <p>RW is 1 for a write. The type is of hardware errors only. The address is what the device asked
 * for, of hardware errors and of commands the physical address that was read. A command's event has
 * neither requester nor domain.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 2.5, Event Logging.
 */
final class EventLayout {

  static final int ILLEGAL_ENTRY = 1;
  static final int PAGE_FAULT = 2;
  static final int ENTRY_ERROR = 3;
  static final int TABLE_ERROR = 4;
  static final int ILLEGAL_COMMAND = 5;
  static final int COMMAND_ERROR = 6;

  /** Flags of a reason: of the low quad, shifted down to the upper half of its upper word. */
  static final int PRESENT = 1 << 4;

  static final int PERMISSION = 1 << 6;
  static final int RESERVED_SET = 1 << 7;

  /** Type of a hardware error: nobody answered at the address. */
  static final int MASTER_ABORT = 1 << 9;

  private static final int WRITE = 1 << 5;
  private static final int CODE_SHIFT = 12;
  private static final int REASON_SHIFT = 48;
  private static final int REASON_MASK = 0xffff;
  private static final int DOMAIN_SHIFT = 32;
  private static final int ID_MASK = 0xffff;

  private EventLayout() {}

  static int reason(int code, int flags) {
    return code << CODE_SHIFT | flags;
  }

  static int code(int reason) {
    return reason >>> CODE_SHIFT;
  }

  /** Low quad of an event that a request caused. */
  static long request(int reason, boolean write, int requesterId, int domain) {
    return (long) (reason | (write ? WRITE : 0)) << REASON_SHIFT
        | (long) (domain & ID_MASK) << DOMAIN_SHIFT
        | requesterId & ID_MASK;
  }

  /** Low quad of an event that a command caused. */
  static long command(int code) {
    int flags = code == COMMAND_ERROR ? MASTER_ABORT : 0;
    return (long) reason(code, flags) << REASON_SHIFT;
  }

  static int reason(long low) {
    return (int) (low >>> REASON_SHIFT) & REASON_MASK & ~WRITE;
  }

  static boolean isWrite(long low) {
    return ((int) (low >>> REASON_SHIFT) & WRITE) != 0;
  }

  /** Whether a request caused the event, so that it names who asked. */
  static boolean isRequest(long low) {
    int code = code(reason(low));
    return code >= ILLEGAL_ENTRY && code <= TABLE_ERROR;
  }

  /** Whether events of a code name a domain. */
  static boolean hasDomain(int code) {
    return code == PAGE_FAULT || code == TABLE_ERROR;
  }

  /** Whether the address of events of a code is the one that was read, not the one asked for. */
  static boolean addressesTable(int code) {
    return code == ENTRY_ERROR || code == TABLE_ERROR;
  }

  static int requester(long low) {
    return (int) low & ID_MASK;
  }
}
