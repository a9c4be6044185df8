package aperture.arch.arm64.smmu;

import aperture.iommu.Access;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Stage 1: fetches a context descriptor, checks it, and walks the table of the half that the
 * address is in. Over stage 2 every address that a structure holds, and the result, is an
 * intermediate one. What the stream table entry says is handed on word by word, for a walk
 * allocates nothing.
 *
 * <p>Sources: IHI 0070, section 5.4, Context Descriptor; Arm Architecture Reference Manual for
 * A-profile, VMSAv8-64 address translation.
 */
final class ContextWalker {

  static final long NOT_FOUND = -1;

  /** In place of stage 2's table: addresses are physical. */
  static final long NO_STAGE_2 = -1;

  /** The bit that tells the halves of an address space apart. */
  private static final int HALF = 55;

  private static final int TAG_BITS = 8;

  private final GuestMemory memory;
  private final Stage2Walker stage2;
  private final SeenTags seen;

  ContextWalker(GuestMemory memory, Stage2Walker stage2, SeenTags seen) {
    this.memory = memory;
    this.stage2 = stage2;
    this.seen = seen;
  }

  /**
   * Context 0 of a two-level context table.
   *
   * @param stream dword 1 of the stream table entry
   * @param control dword 2
   * @param under stage 2's table, or {@link #NO_STAGE_2}
   * @return its address, or {@link #NOT_FOUND} with the fault in {@code result}
   */
  long firstContext(
      SmmuConfiguration c, long table, long stream, long control, long under, WalkResult result) {
    long at = table;
    if (under != NO_STAGE_2) {
      at = stage2.fetch(c, stream, control, under, table, EventLayout.CLASS_CONTEXT, result);
      if (at == Stage2Walker.NOT_FOUND) {
        return NOT_FOUND;
      }
    }
    long offset = memory.offsetOf(at, ContextLayout.FIRST_LEVEL_BYTES);
    if (offset < 0) {
      result.step(SmmuV3Faults.CONTEXT_TABLE_DESCRIPTOR, at, 0);
      SmmuV3Faults.contextFetch(
          c, result, "F_CD_FETCH: the context table descriptor is not in memory");
      return NOT_FOUND;
    }
    long descriptor = memory.getLe64(offset);
    result.step(SmmuV3Faults.CONTEXT_TABLE_DESCRIPTOR, at, descriptor);
    if (!ContextLayout.firstLevelValid(descriptor)) {
      SmmuV3Faults.badSubstream(c, result, "C_BAD_SUBSTREAMID: no second-level context table");
      return NOT_FOUND;
    }
    long context = ContextLayout.secondLevel(descriptor);
    if (context >>> c.outputBits() != 0) {
      SmmuV3Faults.badSubstream(
          c, result, "C_BAD_SUBSTREAMID: the pointer is wider than the SMMU's output");
      return NOT_FOUND;
    }
    return context;
  }

  /**
   * Translates within one context.
   *
   * @param context address of the context descriptor
   * @param stream dword 1 of the stream table entry
   * @param control dword 2
   * @param under stage 2's table, or {@link #NO_STAGE_2}
   */
  void walk(
      SmmuConfiguration c,
      long context,
      long stream,
      long control,
      long under,
      long iova,
      Access access,
      WalkResult result) {
    long at = context;
    if (under != NO_STAGE_2) {
      at = stage2.fetch(c, stream, control, under, context, EventLayout.CLASS_CONTEXT, result);
      if (at == Stage2Walker.NOT_FOUND) {
        return;
      }
    }
    long offset = memory.offsetOf(at, ContextLayout.BYTES);
    if (offset < 0) {
      result.step(SmmuV3Faults.CONTEXT, at, 0);
      SmmuV3Faults.contextFetch(c, result, "F_CD_FETCH: the context descriptor is not in memory");
      return;
    }
    long dword0 = memory.getLe64(offset);
    long table0 = memory.getLe64(offset + ContextLayout.TABLE_0);
    long table1 = memory.getLe64(offset + ContextLayout.TABLE_1);
    result.step(SmmuV3Faults.CONTEXT, at, dword0);
    String bad = c.contextOffence(stream, dword0, table0, table1);
    if (bad != null) {
      SmmuV3Faults.badContext(c, result, bad);
      return;
    }
    boolean high = Bits.isSet(iova, HALF);
    int inputBits = Long.SIZE - ContextLayout.inputSize(dword0, high);
    if (ContextLayout.disabled(dword0, high)) {
      TranslationFault.NO_TABLE.end(c, dword0, result);
    } else if (!canonical(iova, inputBits, high, ContextLayout.tagged(dword0, high))) {
      TranslationFault.OUTSIDE.end(c, dword0, result);
    } else {
      note(c, dword0, high, stream, control, under);
      long tableWord = high ? table1 : table0;
      tables(c, dword0, tableWord, high, stream, control, under, iova, access, result);
    }
  }

  /** Before any table is read: what commands may have to find. */
  private void note(
      SmmuConfiguration c, long context, boolean high, long stream, long control, long under) {
    if (ContextLayout.tagged(context, high)) {
      seen.noteTopByteIgnored();
    }
    if (c.hasMachines() || IdentificationLayout.hypervisor(c.idr0())) {
      boolean nested = under != NO_STAGE_2;
      seen.note(StreamTable.tag(c, nested, stream, control, ContextLayout.asid(context)));
    }
  }

  /** Whether all bits above the input size, save a tag, are alike and say which half. */
  private static boolean canonical(long iova, int inputBits, boolean high, boolean tagged) {
    long plain = tagged ? iova << TAG_BITS >> TAG_BITS : iova;
    return plain >> inputBits == (high ? -1 : 0);
  }

  private void tables(
      SmmuConfiguration c,
      long context,
      long tableWord,
      boolean high,
      long stream,
      long control,
      long under,
      long iova,
      Access access,
      WalkResult result) {
    int outputBits = Contexts.outputBits(c, context, high);
    long telling = TableLayout.telling(outputBits);
    int inputBits = Long.SIZE - ContextLayout.inputSize(context, high);
    Descent down = Descent.forInput(ContextLayout.granule(context, high), inputBits);
    int level = down.level;
    int shift = down.shift;
    int width = inputBits - shift;
    long indexes = Bits.mask(width);
    long table = ContextLayout.table(tableWord) & -TableLayout.bytes(width);
    long inherited = 0;
    while (true) {
      long at = table + (iova >>> shift & indexes) * TableLayout.ENTRY_BYTES;
      if (under != NO_STAGE_2) {
        at = stage2.fetch(c, stream, control, under, at, EventLayout.CLASS_TABLE, result);
        if (at == Stage2Walker.NOT_FOUND) {
          return;
        }
      }
      long offset = memory.offsetOf(at, TableLayout.ENTRY_BYTES);
      if (offset < 0) {
        result.step(SmmuV3Faults.level(level), at, 0);
        TranslationFault.UNREADABLE.end(c, context, result);
        return;
      }
      long descriptor =
          ContextLayout.bigEndian(context) ? memory.getBe64(offset) : memory.getLe64(offset);
      result.step(SmmuV3Faults.level(level), at, descriptor);
      if (level == TableLayout.LAST_LEVEL || (descriptor & telling) != TableLayout.TABLE) {
        long above = Contexts.ignoresHierarchy(c, tableWord) ? 0 : inherited;
        last(
            c,
            context,
            down,
            outputBits,
            stream,
            control,
            under,
            above,
            descriptor,
            level,
            iova,
            access,
            result);
        return;
      }
      inherited |= descriptor;
      table = TableLayout.address(descriptor, down.granule, down.granule, outputBits);
      indexes = Bits.mask(down.stride);
      shift -= down.stride;
      level++;
    }
  }

  /**
   * Ends at a leaf, or at a descriptor that is in the way.
   *
   * @param above the tables' attributes that count, or-ed together
   */
  private void last(
      SmmuConfiguration c,
      long context,
      Descent down,
      int outputBits,
      long stream,
      long control,
      long under,
      long above,
      long descriptor,
      int level,
      long iova,
      Access access,
      WalkResult result) {
    int granule = down.granule;
    int shift = TableLayout.shift(granule, level);
    // A table that comes here is faulty: its address says how.
    int low = TableLayout.isTable(descriptor, level) ? granule : shift;
    long address = TableLayout.address(descriptor, low, granule, outputBits);
    Permission permission = Permission.READ_WRITE;
    boolean open =
        level == TableLayout.LAST_LEVEL
            && TableLayout.isOpenPage(descriptor, outputBits)
            && TableLayout.restrictsNothing(above)
            && StreamEntryLayout.privilege(stream) != StreamEntryLayout.PRIVILEGED;
    if (!open) {
      TranslationFault fault =
          TranslationFault.ofDescriptor(descriptor, level, granule, outputBits, address);
      if (fault != null) {
        fault.end(c, context, result);
        return;
      }
      if (TableLayout.global(descriptor)) {
        seen.noteGlobal();
      }
      permission = Contexts.permission(c, stream, context, above, descriptor);
      fault = Contexts.leafFault(context, descriptor, permission, access);
      if (fault != null) {
        fault.end(c, context, result);
        return;
      }
    }
    output(c, context, stream, control, under, address, shift, permission, iova, access, result);
  }

  /** A leaf was found: its address is the answer, or what stage 2 is asked for. */
  private void output(
      SmmuConfiguration c,
      long context,
      long stream,
      long control,
      long under,
      long address,
      int shift,
      Permission permission,
      long iova,
      Access access,
      WalkResult result) {
    boolean nested = under != NO_STAGE_2;
    int tag = StreamTable.tag(c, nested, stream, control, ContextLayout.asid(context));
    long ipa = address | iova & Bits.mask(shift);
    if (!nested) {
      result.translated(iova & -1L << shift, address, 1L << shift, permission, tag);
    } else if (stage2.input(c, stream, control, under, ipa, access, result)) {
      combine(shift, ipa, permission, tag, iova, result);
    }
  }

  /** Makes stage 2's extent one of the transaction's addresses: as far as both stages agree. */
  private static void combine(
      int shift, long ipa, Permission permission, int tag, long iova, WalkResult result) {
    long size = Math.min(1L << shift, result.size());
    Permission under = result.permission();
    result.translated(
        iova & -size,
        result.gpaOf(ipa) & -size,
        size,
        Permission.of(permission.read() && under.read(), permission.write() && under.write()),
        tag);
  }
}
