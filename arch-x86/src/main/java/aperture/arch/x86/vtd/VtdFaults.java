package aperture.arch.x86.vtd;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * Reasons of legacy-mode translation faults.
 *
 * <p>A <em>qualified</em> fault is not recorded for an endpoint whose context entry has FPD set.
 * The last constants are not of the architecture's list and never recorded.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 7.1.3, Fault Conditions and Remapping Hardware Behavior
 * for Various Requests. A reserved bit in a context entry is always recorded, as QEMU 7.2 does
 * (hw/i386/intel_iommu.c); that table counts it among the qualified faults.
 */
enum VtdFaults {
  ROOT_NOT_PRESENT(0x1, FaultKind.BLOCKED, false, "root entry not present"),
  CONTEXT_NOT_PRESENT(0x2, FaultKind.BLOCKED, true, "context entry not present"),
  CONTEXT_INVALID(0x3, FaultKind.MALFORMED, true, "context entry invalid"),
  TABLE_ROOT_READ(0x3, FaultKind.TABLE_READ, true, "second-level table root not readable"),
  BEYOND_WIDTH(0x4, FaultKind.ADDRESS_SIZE, true, "address beyond the domain's width"),
  WRITE_UNMAPPED(0x5, FaultKind.UNMAPPED, true, "no write permission: not present"),
  WRITE_DENIED(0x5, FaultKind.DENIED, true, "no write permission"),
  READ_UNMAPPED(0x6, FaultKind.UNMAPPED, true, "no read permission: not present"),
  READ_DENIED(0x6, FaultKind.DENIED, true, "no read permission"),
  TABLE_READ(0x7, FaultKind.TABLE_READ, true, "second-level table not readable"),
  ROOT_READ(0x8, FaultKind.TABLE_READ, false, "root table not readable"),
  CONTEXT_READ(0x9, FaultKind.TABLE_READ, false, "context table not readable"),
  ROOT_RESERVED(0xa, FaultKind.MALFORMED, false, "reserved bit set in root entry"),
  CONTEXT_RESERVED(0xb, FaultKind.MALFORMED, false, "reserved bit set in context entry"),
  ENTRY_RESERVED(0xc, FaultKind.MALFORMED, true, "reserved bit set in second-level entry"),
  LEADS_TO_INTERRUPT(0xe, FaultKind.RESERVED, true, "translation leads to the interrupt range"),
  ROOT_ADDRESS_INVALID(0x30, FaultKind.BLOCKED, false, "translation table mode not supported"),
  ABORT_MODE(0x33, FaultKind.BLOCKED, false, "abort-DMA mode"),

  INTERRUPT_REQUEST(-1, FaultKind.RESERVED, true, "interrupt range: a message, not memory"),
  SCALABLE_NOT_MODELLED(-1, FaultKind.BLOCKED, true, "scalable-mode root table is not modelled");

  private final int reason;
  private final FaultKind kind;
  private final boolean qualified;
  private final String text;

  VtdFaults(int reason, FaultKind kind, boolean qualified, String text) {
    this.reason = reason;
    this.kind = kind;
    this.qualified = qualified;
    this.text = text;
  }

  int reason() {
    return reason;
  }

  FaultKind kind() {
    return kind;
  }

  boolean qualified() {
    return qualified;
  }

  /** Ends a walk with this fault. */
  void end(WalkResult result, boolean faultsDisabled) {
    result.fault(kind, reason, text, reason >= 0 && !(qualified && faultsDisabled));
  }
}
