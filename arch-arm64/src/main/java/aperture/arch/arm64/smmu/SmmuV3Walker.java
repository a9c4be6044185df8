package aperture.arch.arm64.smmu;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * The hardware half: finds an endpoint's stream table entry and does what it says. The stream id is
 * the requester id; transactions carry no substream id and no privilege.
 *
 * <p>Source of the order of checks: IHI 0070, section 3.4, Address sizes; section 5.2, Stream Table
 * Entry; section 5.5, Fault configuration.
 */
final class SmmuV3Walker implements IommuWalker {

  /** Tag of translations that belong to no address space: above any ASID. */
  static final int BYPASS_DOMAIN = 1 << 16;

  private final RegisterView registers;
  private final GuestMemory memory;
  private final ContextWalker contexts;

  SmmuV3Walker(RegisterView registers, GuestMemory memory) {
    this.registers = registers;
    this.memory = memory;
    this.contexts = new ContextWalker(memory);
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    SmmuConfiguration c = registers.current();
    if (!c.enabled()) {
      disabled(c, iova, result);
      return;
    }
    long at = StreamTable.find(c, memory, endpoint.requesterId(), result);
    if (at == StreamTable.NOT_FOUND) {
      return;
    }
    long offset = memory.offsetOf(at, StreamEntryLayout.BYTES);
    if (at >>> c.outputBits() != 0 || offset < 0) {
      result.step(SmmuV3Faults.STREAM_ENTRY, at, 0);
      SmmuV3Faults.streamFetch(c, result, "F_STE_FETCH: the stream table entry is not in memory");
      return;
    }
    long dword0 = memory.getLe64(offset);
    result.step(SmmuV3Faults.STREAM_ENTRY, at, dword0);
    if (!StreamEntryLayout.valid(dword0)) {
      SmmuV3Faults.badStream(c, result, "C_BAD_STE: the stream table entry is not valid");
      return;
    }
    switch (StreamEntryLayout.config(dword0)) {
      case StreamEntryLayout.CONFIG_BYPASS -> bypass(c, iova, result);
      case StreamEntryLayout.CONFIG_STAGE_1 -> {
        long dword1 = memory.getLe64(offset + Long.BYTES);
        stage1(c, dword0, dword1, iova, access, result);
      }
      case StreamEntryLayout.CONFIG_STAGE_2, StreamEntryLayout.CONFIG_NESTED -> stage2(c, result);
      default ->
          SmmuV3Faults.silent(
              result, FaultKind.BLOCKED, "the stream table entry aborts every transaction");
    }
  }

  private static void disabled(SmmuConfiguration c, long iova, WalkResult result) {
    if (c.abortsWhenDisabled()) {
      SmmuV3Faults.silent(result, FaultKind.BLOCKED, "the SMMU is off and GBPA aborts");
    } else if (iova >>> c.outputBits() != 0) {
      SmmuV3Faults.silent(
          result,
          FaultKind.ADDRESS_SIZE,
          "the SMMU is off and the address is wider than its output");
    } else {
      identity(c, result);
    }
  }

  private static void bypass(SmmuConfiguration c, long iova, WalkResult result) {
    if (iova >>> c.outputBits() != 0) {
      SmmuV3Faults.bypassSize(c, result);
    } else {
      identity(c, result);
    }
  }

  private static void identity(SmmuConfiguration c, WalkResult result) {
    result.translated(0, 0, 1L << c.outputBits(), Permission.READ_WRITE, BYPASS_DOMAIN);
  }

  private static void stage2(SmmuConfiguration c, WalkResult result) {
    SmmuV3Faults.badStream(
        c,
        result,
        IdentificationLayout.stage2(c.idr0())
            ? "stage 2 translation is not modelled"
            : "C_BAD_STE: this SMMU has no stage 2");
  }

  private void stage1(
      SmmuConfiguration c, long dword0, long dword1, long iova, Access access, WalkResult result) {
    String bad = StreamTable.offence(c, dword0, dword1);
    if (bad != null) {
      SmmuV3Faults.badStream(c, result, bad);
      return;
    }
    long context = StreamEntryLayout.contextPointer(dword0);
    if (StreamTable.hasSubstreams(c, dword0)) {
      int rule = StreamEntryLayout.noSubstream(dword1);
      if (rule == StreamEntryLayout.NO_SUBSTREAM_BYPASSES) {
        bypass(c, iova, result);
        return;
      }
      if (rule != StreamEntryLayout.NO_SUBSTREAM_USES_CONTEXT_0) {
        SmmuV3Faults.streamDisabled(c, result);
        return;
      }
      if (StreamEntryLayout.contextFormat(dword0) != StreamEntryLayout.CONTEXTS_LINEAR) {
        context = contexts.firstContext(c, context, result);
        if (context == ContextWalker.NOT_FOUND) {
          return;
        }
      }
    }
    contexts.walk(c, context, dword1, iova, access, result);
  }
}
