package aperture.arch.x86.vtd;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * The conditions in which a translation faults, each with its reason number in legacy mode, in the
 * emulated unit's scalable mode, and in scalable mode as the architecture numbers it.
 *
 * <p>A <em>qualified</em> fault is not recorded where FPD is set in an entry that the walk passed.
 * A condition without a number is never recorded.
 *
 * <p>Source: Intel VT-d, rev 5.10, section 7.1.3, Fault Conditions and Remapping Hardware Behavior
 * for Various Requests. A reserved bit in a context entry is always recorded, as QEMU 7.2 does
 * (hw/i386/intel_iommu.c); that table counts it among the qualified faults.
 */
enum VtdFaults {
  ROOT_READ("root table not readable", FaultKind.TABLE_READ, false, 0x8, 0x8, 0x38),
  ROOT_NOT_PRESENT("root entry not present", FaultKind.BLOCKED, false, 0x1, 0x1, 0x39),
  ROOT_RESERVED("reserved bit set in root entry", FaultKind.MALFORMED, false, 0xa, 0xa, 0x3a),
  CONTEXT_READ("context table not readable", FaultKind.TABLE_READ, false, 0x9, 0x9, 0x40),
  CONTEXT_NOT_PRESENT("context entry not present", FaultKind.BLOCKED, true, 0x2, 0x2, 0x41),
  CONTEXT_RESERVED("reserved bit set in context entry", FaultKind.MALFORMED, false, 0xb, 0xb, 0x42),
  CONTEXT_INVALID("context entry invalid", FaultKind.MALFORMED, true, 0x3, 0x3, 0x43),
  TYPE_BLOCKED("device TLB not allowed", FaultKind.BLOCKED, true, 0xd, 0xd, 0x44),

  PASID_IN_LEGACY("request with PASID in legacy mode", FaultKind.BLOCKED, true, 0x31, 0x31, 0x31),
  PASID_DISABLED("PASIDs not enabled", FaultKind.BLOCKED, true, -1, 0x45, 0x45),
  PASID_TOO_LARGE("PASID beyond the directory", FaultKind.BLOCKED, true, -1, 0x58, 0x46),
  RID_PASID("RID_PASID beyond the directory", FaultKind.MALFORMED, true, -1, 0x58, 0x48),
  DIRECTORY_READ("PASID directory not readable", FaultKind.TABLE_READ, false, -1, 0x58, 0x50),
  DIRECTORY_NOT_PRESENT("no PASID directory entry", FaultKind.BLOCKED, true, -1, 0x58, 0x51),
  DIRECTORY_RESERVED(
      "reserved bit set in PASID directory entry", FaultKind.MALFORMED, false, -1, 0x58, 0x52),
  PASID_READ("PASID table not readable", FaultKind.TABLE_READ, false, -1, 0x58, 0x58),
  PASID_NOT_PRESENT("PASID entry not present", FaultKind.BLOCKED, true, -1, 0x58, 0x59),
  PASID_RESERVED("reserved bit set in PASID entry", FaultKind.MALFORMED, false, -1, 0x58, 0x5a),
  PASID_INVALID("PASID entry invalid", FaultKind.MALFORMED, true, -1, 0x58, 0x5b),
  SUPERVISOR_DISABLED("supervisor requests not enabled", FaultKind.DENIED, true, -1, 0x5d, 0x5d),

  FIRST_READ("first-level table not readable", FaultKind.TABLE_READ, true, -1, 0x70, 0x70),
  FIRST_UNMAPPED("first-level entry not present", FaultKind.UNMAPPED, true, -1, 0x71, 0x71),
  FIRST_RESERVED(
      "reserved bit set in first-level entry", FaultKind.MALFORMED, true, -1, 0x72, 0x72),
  FIRST_ROOT_READ(
      "first-level table root not readable", FaultKind.TABLE_READ, true, -1, 0x73, 0x73),
  NESTED_BEYOND(
      "first-level table beyond the second level", FaultKind.ADDRESS_SIZE, true, -1, 0x74, 0x74),
  NESTED_ROOT_DENIED(
      "no permission to read the first-level root", FaultKind.DENIED, true, -1, 0x75, 0x75),
  NESTED_TABLE_DENIED(
      "no permission to read a first-level table", FaultKind.DENIED, true, -1, 0x76, 0x76),
  NOT_CANONICAL("address not canonical", FaultKind.ADDRESS_SIZE, true, -1, 0x80, 0x80),
  SUPERVISOR_PAGE("supervisor page", FaultKind.DENIED, true, -1, 0x81, 0x81),
  FIRST_WRITE_DENIED("no write permission", FaultKind.DENIED, true, -1, 0x85, 0x85),

  TABLE_ROOT_READ(
      "second-level table root not readable", FaultKind.TABLE_READ, true, 0x3, 0x3, 0x7b),
  TABLE_READ("second-level table not readable", FaultKind.TABLE_READ, true, 0x7, 0x7, 0x78),
  WRITE_UNMAPPED("no write permission: not present", FaultKind.UNMAPPED, true, 0x5, 0x5, 0x79),
  WRITE_DENIED("no write permission", FaultKind.DENIED, true, 0x5, 0x5, 0x85),
  READ_UNMAPPED("no read permission: not present", FaultKind.UNMAPPED, true, 0x6, 0x6, 0x79),
  READ_DENIED("no read permission", FaultKind.DENIED, true, 0x6, 0x6, 0x86),
  ENTRY_RESERVED(
      "reserved bit set in second-level entry", FaultKind.MALFORMED, true, 0xc, 0xc, 0x7a),
  BEYOND_WIDTH("address beyond the domain's width", FaultKind.ADDRESS_SIZE, true, 0x4, 0x4, 0x84),
  BEYOND_HOST("address beyond the host's width", FaultKind.ADDRESS_SIZE, true, 0x4, 0x4, 0x83),
  LEADS_TO_INTERRUPT(
      "translation leads to the interrupt range", FaultKind.RESERVED, true, 0xe, 0x87, 0x87),

  ROOT_ADDRESS_INVALID(
      "translation table mode not supported", FaultKind.BLOCKED, false, 0x30, 0x30, 0x30),
  ABORT_MODE("abort-DMA mode", FaultKind.BLOCKED, false, 0x33, 0x33, 0x33),
  INTERRUPT_REQUEST("interrupt range: a message, not memory", FaultKind.RESERVED, true, -1, -1, -1);

  /** The emulated unit's number for everything about PASIDs; it records it whatever FPD says. */
  private static final int EMULATED_PASID = 0x58;

  private final String text;
  private final FaultKind kind;
  private final boolean qualified;
  private final int legacy;
  private final int emulated;
  private final int scalable;

  VtdFaults(
      String text, FaultKind kind, boolean qualified, int legacy, int emulated, int scalable) {
    this.text = text;
    this.kind = kind;
    this.qualified = qualified;
    this.legacy = legacy;
    this.emulated = emulated;
    this.scalable = scalable;
  }

  private int reason(FaultNumbers numbers) {
    return switch (numbers) {
      case LEGACY -> legacy;
      case EMULATED -> emulated;
      case SCALABLE -> scalable;
    };
  }

  private boolean qualified(FaultNumbers numbers) {
    return qualified && !(numbers == FaultNumbers.EMULATED && emulated == EMULATED_PASID);
  }

  /** Ends a walk with this fault. */
  void end(WalkResult result, VtdView view, boolean faultsDisabled) {
    int reason = reason(view.numbers);
    boolean quiet = faultsDisabled && qualified(view.numbers);
    result.fault(kind, reason, text, reason >= 0 && !quiet);
  }
}
