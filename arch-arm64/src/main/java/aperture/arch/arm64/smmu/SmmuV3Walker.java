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
final class SmmuV3Walker extends IommuWalker {

  private final SeenTags seen;
  private final RegisterView registers;
  private final GuestMemory memory;
  private final ContextWalker contexts;
  private final Stage2Walker stage2;

  SmmuV3Walker(RegisterView registers, GuestMemory memory, SeenTags seen) {
    this.seen = seen;
    this.registers = registers;
    this.memory = memory;
    this.stage2 = new Stage2Walker(memory);
    this.contexts = new ContextWalker(memory, stage2, seen);
  }

  @Override
  public void walk(Endpoint endpoint, long iova, Access access, WalkResult result) {
    boolean globals = seen.globals();
    once(endpoint, iova, access, result);
    if (seen.globals() != globals) {
      // A command that came between the first global leaf and the note of it did not know.
      result.begin();
      once(endpoint, iova, access, result);
    }
  }

  private void once(Endpoint endpoint, long iova, Access access, WalkResult result) {
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
        // Where there are VMIDs, they tell streams of stage 1 apart as well.
        long dword2 =
            IdentificationLayout.stage2(c.idr0())
                ? memory.getLe64(offset + Stage2EntryLayout.CONTROL)
                : 0;
        stage1(c, dword0, dword1, dword2, ContextWalker.NO_STAGE_2, iova, access, result);
      }
      case StreamEntryLayout.CONFIG_STAGE_2, StreamEntryLayout.CONFIG_NESTED ->
          stage2(c, offset, at, dword0, iova, access, result);
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
    result.translated(0, 0, 1L << c.outputBits(), Permission.READ_WRITE, Tags.BYPASS);
  }

  private void stage2(
      SmmuConfiguration c,
      long offset,
      long at,
      long dword0,
      long iova,
      Access access,
      WalkResult result) {
    long dword1 = memory.getLe64(offset + Long.BYTES);
    long control = memory.getLe64(offset + Stage2EntryLayout.CONTROL);
    long tableWord = memory.getLe64(offset + Stage2EntryLayout.TABLE);
    long table = Stage2EntryLayout.table(tableWord);
    // A fault names the dword that is to blame.
    result.step(SmmuV3Faults.STAGE_2_CONTROL, at + Stage2EntryLayout.CONTROL, control);
    String bad = c.stage2Offence(control);
    if (bad == null) {
      result.step(SmmuV3Faults.STAGE_2_TABLE, at + Stage2EntryLayout.TABLE, tableWord);
      bad = Stage2Rules.tableOffence(c, control, table);
    }
    if (bad != null) {
      SmmuV3Faults.badStream(c, result, bad);
    } else if (StreamEntryLayout.config(dword0) == StreamEntryLayout.CONFIG_NESTED) {
      stage1(c, dword0, dword1, control, table, iova, access, result);
    } else {
      stage2.input(c, dword1, control, table, iova, access, result);
    }
  }

  /**
   * @param control dword 2 of the entry
   * @param table stage 2's, or {@link ContextWalker#NO_STAGE_2}
   */
  private void stage1(
      SmmuConfiguration c,
      long dword0,
      long dword1,
      long control,
      long table,
      long iova,
      Access access,
      WalkResult result) {
    if (c.isUsualStage1(dword0, dword1)) {
      long context = StreamEntryLayout.contextPointer(dword0);
      contexts.walk(c, context, dword1, control, table, iova, access, result);
    } else {
      unusualStage1(c, dword0, dword1, control, table, iova, access, result);
    }
  }

  private void unusualStage1(
      SmmuConfiguration c,
      long dword0,
      long dword1,
      long control,
      long table,
      long iova,
      Access access,
      WalkResult result) {
    String bad = StreamTable.stage1Offence(c, dword0, dword1);
    if (bad != null) {
      SmmuV3Faults.badStream(c, result, bad);
      return;
    }
    long context = StreamEntryLayout.contextPointer(dword0);
    if (StreamTable.hasSubstreams(c, dword0)) {
      int rule = StreamEntryLayout.noSubstream(dword1);
      if (rule == StreamEntryLayout.NO_SUBSTREAM_BYPASSES) {
        bypassStage1(c, dword1, control, table, iova, access, result);
        return;
      }
      if (rule != StreamEntryLayout.NO_SUBSTREAM_USES_CONTEXT_0) {
        SmmuV3Faults.streamDisabled(c, result);
        return;
      }
      if (StreamEntryLayout.contextFormat(dword0) != StreamEntryLayout.CONTEXTS_LINEAR) {
        context = contexts.firstContext(c, context, dword1, control, table, result);
        if (context == ContextWalker.NOT_FOUND) {
          return;
        }
      }
    }
    contexts.walk(c, context, dword1, control, table, iova, access, result);
  }

  private void bypassStage1(
      SmmuConfiguration c,
      long dword1,
      long control,
      long table,
      long iova,
      Access access,
      WalkResult result) {
    if (table == ContextWalker.NO_STAGE_2) {
      bypass(c, iova, result);
    } else {
      stage2.input(c, dword1, control, table, iova, access, result);
    }
  }
}
