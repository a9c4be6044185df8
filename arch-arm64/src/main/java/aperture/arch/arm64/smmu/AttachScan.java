package aperture.arch.arm64.smmu;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuState;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the stream table entries of the known endpoints, and refuses state that would need what
 * is not modelled, rather than translate it wrongly.
 */
final class AttachScan {

  private final GuestMemory memory;
  private final SmmuConfiguration c;
  private final ContextWalker contexts;
  private final WalkResult scratch = new WalkResult();

  private AttachScan(IommuState state, SmmuConfiguration c) {
    this.memory = state.memory();
    this.c = c;
    this.contexts = new ContextWalker(memory);
  }

  static void check(IommuState state, SmmuConfiguration c) throws AttachRefusedException {
    if (!c.enabled()) {
      return;
    }
    AttachScan scan = new AttachScan(state, c);
    for (Endpoint endpoint : state.endpoints()) {
      scan.check(endpoint);
    }
  }

  private void check(Endpoint endpoint) throws AttachRefusedException {
    scratch.begin();
    long at = StreamTable.find(c, memory, endpoint.requesterId(), scratch);
    long offset = at == StreamTable.NOT_FOUND ? -1 : memory.offsetOf(at, StreamEntryLayout.BYTES);
    if (offset < 0) {
      return;
    }
    long dword0 = memory.getLe64(offset);
    long dword1 = memory.getLe64(offset + Long.BYTES);
    if (!StreamEntryLayout.valid(dword0)) {
      return;
    }
    String unmodelled =
        switch (StreamEntryLayout.config(dword0)) {
          case StreamEntryLayout.CONFIG_STAGE_2 -> stage2("stage 2 translation");
          case StreamEntryLayout.CONFIG_NESTED -> stage2("nested stage 1 and 2 translation");
          case StreamEntryLayout.CONFIG_STAGE_1 -> stage1(dword0, dword1);
          default -> null;
        };
    if (unmodelled != null) {
      throw new AttachRefusedException("endpoint " + endpoint.id() + ": " + unmodelled);
    }
  }

  /** An SMMU without stage 2 calls such an entry illegal, and that answer is modelled. */
  private @Nullable String stage2(String what) {
    return IdentificationLayout.stage2(c.idr0()) ? what + " is not modelled" : null;
  }

  private @Nullable String stage1(long dword0, long dword1) {
    String unmodelled = StreamTable.unmodelled(c, dword1);
    if (unmodelled != null) {
      return unmodelled;
    }
    long context = StreamEntryLayout.contextPointer(dword0);
    if (StreamTable.hasSubstreams(c, dword0)
        && StreamEntryLayout.contextFormat(dword0) != StreamEntryLayout.CONTEXTS_LINEAR) {
      context = contexts.firstContext(c, context, scratch);
    }
    long offset = context < 0 ? -1 : memory.offsetOf(context, ContextLayout.BYTES);
    if (offset < 0) {
      return null;
    }
    long descriptor = memory.getLe64(offset);
    return ContextLayout.valid(descriptor)
            && !ContextLayout.aarch64(descriptor)
            && IdentificationLayout.aarch32(c.idr0())
        ? "the 32-bit table format (CD.AA64=0) is not modelled"
        : null;
  }
}
