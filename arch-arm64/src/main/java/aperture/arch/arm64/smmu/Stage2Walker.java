package aperture.arch.arm64.smmu;

import aperture.iommu.Access;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Stage 2: translates intermediate addresses, both of the transaction and of what stage 1 reads.
 *
 * <p>A fault's structure says what was being translated, and the step before it the intermediate
 * address: the event needs both. Of a structure's own translation only the last descriptor is
 * noted, or a nested walk would be longer than what a result remembers.
 *
 * <p>Source: Arm Architecture Reference Manual for A-profile, VMSAv8-64 address translation, stage
 * 2.
 */
final class Stage2Walker {

  static final long NOT_FOUND = -1;

  private final GuestMemory memory;

  Stage2Walker(GuestMemory memory) {
    this.memory = memory;
  }

  /**
   * Where a structure of stage 1 lies.
   *
   * @param stream dword 1 of the stream table entry
   * @param control dword 2, found legal
   * @param table that dword 3 names
   * @param purpose {@link EventLayout#CLASS_CONTEXT} or {@link EventLayout#CLASS_TABLE}
   * @return {@link #NOT_FOUND} with the fault in {@code result}
   */
  long fetch(
      SmmuConfiguration c,
      long stream,
      long control,
      long table,
      long ipa,
      int purpose,
      WalkResult result) {
    return walk(c, stream, control, table, ipa, Access.READ, purpose, result)
        ? result.gpaOf(ipa)
        : NOT_FOUND;
  }

  /**
   * Translates the transaction's own address; the extent in {@code result} is one of intermediate
   * addresses.
   *
   * @return whether it did; otherwise the fault is in {@code result}
   */
  boolean input(
      SmmuConfiguration c,
      long stream,
      long control,
      long table,
      long ipa,
      Access access,
      WalkResult result) {
    return walk(c, stream, control, table, ipa, access, EventLayout.CLASS_INPUT, result);
  }

  private boolean walk(
      SmmuConfiguration c,
      long stream,
      long control,
      long table,
      long ipa,
      Access access,
      int purpose,
      WalkResult result) {
    boolean own = purpose == EventLayout.CLASS_INPUT;
    if (own) {
      result.step(SmmuV3Faults.intermediate(purpose), ipa, 0);
    }
    int inputBits = Long.SIZE - Stage2EntryLayout.inputSize(control);
    if (ipa >>> inputBits != 0) {
      return outside(c, control, purpose, ipa, result);
    }
    int outputBits = Stage2Rules.outputBits(c, control);
    long telling = TableLayout.telling(outputBits);
    Descent down = Stage2EntryLayout.descent(control);
    int level = down.level;
    int shift = down.shift;
    int width = inputBits - shift;
    long indexes = Bits.mask(width);
    long current = table & -TableLayout.bytes(width);
    while (true) {
      long at = current + (ipa >>> shift & indexes) * TableLayout.ENTRY_BYTES;
      long offset = memory.offsetOf(at, TableLayout.ENTRY_BYTES);
      if (offset < 0) {
        return end(TranslationFault.UNREADABLE, c, control, purpose, ipa, level, at, 0, result);
      }
      long descriptor =
          Stage2EntryLayout.bigEndian(control) ? memory.getBe64(offset) : memory.getLe64(offset);
      long address = TableLayout.address(descriptor, down.granule, down.granule, outputBits);
      if (level == TableLayout.LAST_LEVEL && isOpen(descriptor, outputBits, control, own)) {
        result.step(SmmuV3Faults.stage2Level(purpose, level), at, descriptor);
        found(c, control, Permission.READ_WRITE, ipa, address, 1L << down.granule, result);
        return true;
      }
      if (level == TableLayout.LAST_LEVEL || (descriptor & telling) != TableLayout.TABLE) {
        return last(c, stream, control, ipa, access, purpose, level, at, descriptor, result);
      }
      if (own) {
        result.step(SmmuV3Faults.stage2Level(purpose, level), at, descriptor);
      }
      current = address;
      indexes = Bits.mask(down.stride);
      shift -= down.stride;
      level++;
    }
  }

  /** Ends at a leaf, or at a descriptor that is in the way. */
  private static boolean last(
      SmmuConfiguration c,
      long stream,
      long control,
      long ipa,
      Access access,
      int purpose,
      int level,
      long at,
      long descriptor,
      WalkResult result) {
    int granule = Stage2EntryLayout.granule(control);
    int outputBits = Stage2Rules.outputBits(c, control);
    int shift = TableLayout.shift(granule, level);
    // A table that comes here is faulty: its address says how.
    int low = TableLayout.isTable(descriptor, level) ? granule : shift;
    long address = TableLayout.address(descriptor, low, granule, outputBits);
    TranslationFault fault =
        TranslationFault.ofDescriptor(descriptor, level, granule, outputBits, address);
    if (fault == null) {
      boolean own = purpose == EventLayout.CLASS_INPUT;
      fault = leafFault(c, stream, control, descriptor, access, own);
    }
    if (fault != null) {
      return end(fault, c, control, purpose, ipa, level, at, descriptor, result);
    }
    result.step(SmmuV3Faults.stage2Level(purpose, level), at, descriptor);
    Permission permission = Stage2Rules.permission(control, descriptor);
    found(c, control, permission, ipa, address, 1L << shift, result);
    return true;
  }

  /** Whether a descriptor of the last level is what nearly every one is, a page open to all. */
  private static boolean isOpen(long descriptor, int outputBits, long control, boolean own) {
    return TableLayout.isOpenPageOfStage2(descriptor, outputBits)
        && (own || !Stage2EntryLayout.protectsWalks(control));
  }

  private static void found(
      SmmuConfiguration c,
      long control,
      Permission permission,
      long ipa,
      long address,
      long size,
      WalkResult result) {
    int tag = Tags.stage2(c, Stage2EntryLayout.vmid(control));
    result.translated(ipa & -size, address, size, permission, tag);
  }

  private static @Nullable TranslationFault leafFault(
      SmmuConfiguration c, long stream, long control, long leaf, Access access, boolean own) {
    if (!TableLayout.accessed(leaf) && !Stage2Rules.ignoresAccessFlag(control)) {
      return TranslationFault.NOT_ACCESSED;
    }
    boolean allowed = Stage2Rules.permission(control, leaf).allows(access);
    return allowed && (own || !Stage2Rules.closedToWalks(c, stream, control, leaf))
        ? null
        : TranslationFault.NOT_ALLOWED;
  }

  private static boolean outside(
      SmmuConfiguration c, long control, int purpose, long ipa, WalkResult result) {
    if (purpose != EventLayout.CLASS_INPUT) {
      result.step(SmmuV3Faults.intermediate(purpose), ipa, 0);
    }
    TranslationFault.OUTSIDE.endStage2(c, control, result);
    return false;
  }

  /** Notes the intermediate address, where that was not done at the beginning, and the culprit. */
  private static boolean end(
      TranslationFault fault,
      SmmuConfiguration c,
      long control,
      int purpose,
      long ipa,
      int level,
      long at,
      long descriptor,
      WalkResult result) {
    if (purpose != EventLayout.CLASS_INPUT) {
      result.step(SmmuV3Faults.intermediate(purpose), ipa, 0);
    }
    result.step(SmmuV3Faults.stage2Level(purpose, level), at, descriptor);
    fault.endStage2(c, control, result);
    return false;
  }
}
