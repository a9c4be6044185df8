package aperture.arch.arm64.smmu;

import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * The way from a stream id to its entry, and what makes an entry's stage 1 illegal.
 *
 * <p>Sources: IHI 0070, section 3.3.2, StreamIDs to Context Descriptors; section 5.2.2, Validity of
 * STE.
 */
final class StreamTable {

  static final long NOT_FOUND = -1;

  private StreamTable() {}

  /**
   * Finds the entry of a stream.
   *
   * @return its guest-physical address, or {@link #NOT_FOUND} with the fault in {@code result}
   */
  static long find(SmmuConfiguration c, GuestMemory memory, int streamId, WalkResult result) {
    long id = Integer.toUnsignedLong(streamId);
    if (id >>> c.streamBits() != 0) {
      SmmuV3Faults.badStreamId(c, result, "C_BAD_STREAMID: beyond the stream table");
      return NOT_FOUND;
    }
    if (!c.twoLevelStreams()) {
      return c.streamTable() + (id << StreamEntryLayout.LOG2_BYTES);
    }
    int split = c.split();
    long at = c.streamTable() + (id >>> split) * StreamTableLayout.DESCRIPTOR_BYTES;
    long offset = memory.offsetOf(at, StreamTableLayout.DESCRIPTOR_BYTES);
    if (at >>> c.outputBits() != 0 || offset < 0) {
      result.step(SmmuV3Faults.STREAM_DESCRIPTOR, at, 0);
      SmmuV3Faults.streamFetch(
          c, result, "F_STE_FETCH: the stream table descriptor is not in memory");
      return NOT_FOUND;
    }
    long descriptor = memory.getLe64(offset);
    result.step(SmmuV3Faults.STREAM_DESCRIPTOR, at, descriptor);
    int span = StreamTableLayout.span(descriptor);
    if (!StreamTableLayout.validSpan(span, split)) {
      SmmuV3Faults.badStreamId(c, result, "C_BAD_STREAMID: no second-level stream table");
      return NOT_FOUND;
    }
    long index = id & Bits.mask(split);
    if (index >>> (span - 1) != 0) {
      SmmuV3Faults.badStreamId(c, result, "C_BAD_STREAMID: beyond the second-level stream table");
      return NOT_FOUND;
    }
    return StreamTableLayout.secondLevel(descriptor, span)
        + (index << StreamEntryLayout.LOG2_BYTES);
  }

  /** Why a valid entry that asks for stage 1 is illegal, or null when it is not. */
  static @Nullable String stage1Offence(SmmuConfiguration c, long dword0, long dword1) {
    if (!IdentificationLayout.stage1(c.idr0())) {
      return "C_BAD_STE: this SMMU has no stage 1";
    }
    if (StreamEntryLayout.stallDisabled(dword1) && IdentificationLayout.stallModel(c.idr0()) != 0) {
      return "C_BAD_STE: S1STALLD where stalling is no choice";
    }
    if (hasSubstreams(c, dword0)) {
      if (StreamEntryLayout.contextLog2(dword0) > IdentificationLayout.substreamIdBits(c.idr1())) {
        return "C_BAD_STE: more contexts than substreams";
      }
      if (StreamEntryLayout.contextFormat(dword0) != StreamEntryLayout.CONTEXTS_LINEAR
          && !IdentificationLayout.twoLevelContexts(c.idr0())) {
        return "C_BAD_STE: this SMMU has no two-level context tables";
      }
    }
    if (StreamEntryLayout.contextPointer(dword0) >>> c.outputBits() != 0) {
      return "C_BAD_STE: the context pointer is wider than the SMMU's output";
    }
    boolean nested = StreamEntryLayout.config(dword0) == StreamEntryLayout.CONFIG_NESTED;
    if (!nested && hypervisor(c, dword1) && !c.hostExtensions()) {
      return Unmodelled.HYPERVISOR_STREAM;
    }
    return IdentificationLayout.wideDescriptors(c.idr5()) ? Unmodelled.WIDE_DESCRIPTORS : null;
  }

  /** Whether a stream without stage 2 is the hypervisor's own. */
  private static boolean hypervisor(SmmuConfiguration c, long dword1) {
    return StreamEntryLayout.streamWorld(dword1) == StreamEntryLayout.STREAM_WORLD_EL2
        && IdentificationLayout.hypervisor(c.idr0());
  }

  /**
   * Tag of an address space of a stream's stage 1.
   *
   * @param dword2 of the entry: its VMID counts without stage 2 too
   */
  static int tag(SmmuConfiguration c, boolean nested, long dword1, long dword2, int asid) {
    return !nested && hypervisor(c, dword1)
        ? Tags.hypervisor(c, asid)
        : Tags.stage1(c, Stage2EntryLayout.vmid(dword2), asid);
  }

  /** Whether the entry has a table of contexts; without substreams its size is ignored. */
  static boolean hasSubstreams(SmmuConfiguration c, long dword0) {
    return IdentificationLayout.substreamIdBits(c.idr1()) != 0
        && StreamEntryLayout.contextLog2(dword0) != 0;
  }

  /** Whether the entry makes unprivileged transactions privileged. */
  static boolean privileged(SmmuConfiguration c, long dword1) {
    return IdentificationLayout.overridesPrivilege(c.idr1())
        && StreamEntryLayout.privilege(dword1) == StreamEntryLayout.PRIVILEGED;
  }
}
