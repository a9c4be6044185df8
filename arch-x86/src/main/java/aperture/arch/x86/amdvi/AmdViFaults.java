package aperture.arch.x86.amdvi;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * How a translation can fail, and the event that tells of it.
 *
 * <p>A reason is the upper half of an event's second word without its RW bit: the event's code in
 * bits 15 to 12, and the flags that say more about it, PR in bit 4, PE in bit 6, RZ in bit 7. An
 * invalid level has PR without RZ. The last constants have no event.
 *
 * <p>Source: AMD IOMMU, rev 3.05, section 2.5, Event Logging. It leaves open whether hardware logs
 * a request that an entry without valid translation information terminates; here it does not.
 */
enum AmdViFaults {
  ENTRY_RESERVED(
      EventLayout.ILLEGAL_ENTRY,
      EventLayout.RESERVED_SET,
      FaultKind.MALFORMED,
      "reserved bit set in device table entry"),
  ENTRY_MODE(
      EventLayout.ILLEGAL_ENTRY,
      0,
      FaultKind.MALFORMED,
      "more levels than this unit's page tables have"),
  BEYOND_DEVICE_TABLE(
      EventLayout.PAGE_FAULT, 0, FaultKind.BLOCKED, "requester beyond the device table"),
  ENTRY_DENIED(
      EventLayout.PAGE_FAULT,
      EventLayout.PRESENT | EventLayout.PERMISSION,
      FaultKind.DENIED,
      "no permission in device table entry"),
  BEYOND_MODE(
      EventLayout.PAGE_FAULT, 0, FaultKind.ADDRESS_SIZE, "address beyond the page table's levels"),
  UNMAPPED(EventLayout.PAGE_FAULT, 0, FaultKind.UNMAPPED, "page table entry not present"),
  DENIED(
      EventLayout.PAGE_FAULT,
      EventLayout.PRESENT | EventLayout.PERMISSION,
      FaultKind.DENIED,
      "no permission in page table entry"),
  PAGE_RESERVED(
      EventLayout.PAGE_FAULT,
      EventLayout.PRESENT | EventLayout.RESERVED_SET,
      FaultKind.MALFORMED,
      "reserved bit set in page table entry"),
  PAGE_LEVEL(
      EventLayout.PAGE_FAULT,
      EventLayout.PRESENT,
      FaultKind.MALFORMED,
      "next level is not lower than this level"),
  PAGE_SIZE(
      EventLayout.PAGE_FAULT,
      EventLayout.PRESENT,
      FaultKind.MALFORMED,
      "page size does not belong to this level"),
  SKIPPED_BITS(
      EventLayout.PAGE_FAULT,
      EventLayout.PRESENT,
      FaultKind.MALFORMED,
      "address bits of a skipped level are not 0"),
  ENTRY_READ(
      EventLayout.ENTRY_ERROR,
      EventLayout.MASTER_ABORT,
      FaultKind.TABLE_READ,
      "device table entry not readable"),
  TABLE_READ(
      EventLayout.TABLE_ERROR,
      EventLayout.MASTER_ABORT,
      FaultKind.TABLE_READ,
      "page table not readable"),

  TRANSLATION_INVALID(0, 0, FaultKind.BLOCKED, "translation information not valid"),
  INTERRUPT_REQUEST(0, 0, FaultKind.RESERVED, "interrupt range: a message, not memory"),
  GUEST_NOT_MODELLED(0, 0, FaultKind.BLOCKED, "guest page tables are not modelled"),
  EXCLUSION_NOT_MODELLED(0, 0, FaultKind.BLOCKED, "exclusion range is not modelled"),
  SEGMENTS_NOT_MODELLED(0, 0, FaultKind.BLOCKED, "device table segments are not modelled");

  private static final int NO_REASON = -1;

  private final int reason;
  private final FaultKind kind;
  private final String text;

  AmdViFaults(int code, int flags, FaultKind kind, String text) {
    this.reason = code == 0 ? NO_REASON : EventLayout.reason(code, flags);
    this.kind = kind;
    this.text = text;
  }

  /** Whether a device table entry can keep the event away. */
  private boolean suppressible() {
    return reason != NO_REASON && EventLayout.code(reason) == EventLayout.PAGE_FAULT;
  }

  /** Ends a walk with this fault. */
  void end(WalkResult result, boolean suppressed) {
    result.fault(kind, reason, text, reason != NO_REASON && !(suppressed && suppressible()));
  }
}
