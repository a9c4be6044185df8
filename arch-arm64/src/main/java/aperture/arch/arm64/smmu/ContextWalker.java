package aperture.arch.arm64.smmu;

import aperture.iommu.Access;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;

/**
 * Stage 1: fetches a context descriptor, checks it, and walks the table of the half that the
 * address is in.
 *
 * <p>Sources: IHI 0070, section 5.4, Context Descriptor; Arm Architecture Reference Manual for
 * A-profile, VMSAv8-64 address translation.
 */
final class ContextWalker {

  static final long NOT_FOUND = -1;

  /** The bit that tells the halves of an address space apart. */
  private static final int HALF = 55;

  private static final int TAG_BITS = 8;

  private final GuestMemory memory;

  ContextWalker(GuestMemory memory) {
    this.memory = memory;
  }

  /**
   * Context 0 of a two-level context table.
   *
   * @return its address, or {@link #NOT_FOUND} with the fault in {@code result}
   */
  long firstContext(SmmuConfiguration c, long table, WalkResult result) {
    long offset = memory.offsetOf(table, ContextLayout.FIRST_LEVEL_BYTES);
    if (offset < 0) {
      result.step(SmmuV3Faults.CONTEXT_TABLE_DESCRIPTOR, table, 0);
      SmmuV3Faults.contextFetch(
          c, result, "F_CD_FETCH: the context table descriptor is not in memory");
      return NOT_FOUND;
    }
    long descriptor = memory.getLe64(offset);
    result.step(SmmuV3Faults.CONTEXT_TABLE_DESCRIPTOR, table, descriptor);
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
   */
  void walk(
      SmmuConfiguration c, long context, long stream, long iova, Access access, WalkResult result) {
    long offset = memory.offsetOf(context, ContextLayout.BYTES);
    if (offset < 0) {
      result.step(SmmuV3Faults.CONTEXT, context, 0);
      SmmuV3Faults.contextFetch(c, result, "F_CD_FETCH: the context descriptor is not in memory");
      return;
    }
    long dword0 = memory.getLe64(offset);
    long table0 = memory.getLe64(offset + ContextLayout.TABLE_0);
    long table1 = memory.getLe64(offset + ContextLayout.TABLE_1);
    result.step(SmmuV3Faults.CONTEXT, context, dword0);
    String bad = Contexts.offence(c, stream, dword0, table0, table1);
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
      boolean privileged = StreamTable.privileged(c, stream);
      tables(c, dword0, high ? table1 : table0, high, privileged, iova, access, result);
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
      boolean privileged,
      long iova,
      Access access,
      WalkResult result) {
    int granule = ContextLayout.granule(context, high);
    int outputBits = Contexts.outputBits(c, context);
    int inputBits = Long.SIZE - ContextLayout.inputSize(context, high);
    boolean hierarchical = !Contexts.ignoresHierarchy(c, tableWord);
    int level = TableLayout.startLevel(granule, inputBits);
    int width = inputBits - TableLayout.shift(granule, level);
    long table = ContextLayout.table(tableWord) & -TableLayout.bytes(width);
    long inherited = 0;
    while (true) {
      int shift = TableLayout.shift(granule, level);
      long at = table + (iova >>> shift & Bits.mask(width)) * TableLayout.ENTRY_BYTES;
      long offset = memory.offsetOf(at, TableLayout.ENTRY_BYTES);
      if (offset < 0) {
        result.step(SmmuV3Faults.level(level), at, 0);
        TranslationFault.UNREADABLE.end(c, context, result);
        return;
      }
      long descriptor =
          ContextLayout.bigEndian(context) ? memory.getBe64(offset) : memory.getLe64(offset);
      result.step(SmmuV3Faults.level(level), at, descriptor);
      boolean next = TableLayout.isTable(descriptor, level);
      if (!TableLayout.valid(descriptor)) {
        TranslationFault.NOT_VALID.end(c, context, result);
        return;
      }
      if (!next && !TableLayout.isLeaf(descriptor, level, granule, outputBits)) {
        TranslationFault.NO_BLOCK_HERE.end(c, context, result);
        return;
      }
      long address = TableLayout.address(descriptor, next ? granule : shift, granule, outputBits);
      if (address >>> outputBits != 0) {
        TranslationFault.OUTPUT_SIZE.end(c, context, result);
        return;
      }
      if (!next) {
        Permission permission = Contexts.permission(context, inherited, descriptor, privileged);
        leaf(c, context, descriptor, shift, address, permission, iova, access, result);
        return;
      }
      if (hierarchical) {
        inherited |= descriptor;
      }
      table = address;
      width = TableLayout.stride(granule);
      level++;
    }
  }

  private static void leaf(
      SmmuConfiguration c,
      long context,
      long descriptor,
      int shift,
      long address,
      Permission permission,
      long iova,
      Access access,
      WalkResult result) {
    if (!TableLayout.accessed(descriptor) && !Contexts.ignoresAccessFlag(context)) {
      TranslationFault.NOT_ACCESSED.end(c, context, result);
    } else if (!permission.allows(access)) {
      TranslationFault.NOT_ALLOWED.end(c, context, result);
    } else {
      long size = 1L << shift;
      result.translated(iova & -size, address, size, permission, ContextLayout.asid(context));
    }
  }
}
