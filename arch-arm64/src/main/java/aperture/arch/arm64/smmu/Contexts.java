package aperture.arch.arm64.smmu;

import aperture.iommu.Access;
import aperture.iommu.Permission;
import org.jspecify.annotations.Nullable;

/**
 * What makes a context descriptor illegal, and what its fields mean for this SMMU.
 *
 * <p>Source: IHI 0070, section 5.4.1, CD notes; section 5.5, Fault configuration.
 */
final class Contexts {

  private Contexts() {}

  /**
   * Why a context is illegal, or null when it is not.
   *
   * @param stream dword 1 of the stream table entry
   */
  static @Nullable String offence(
      SmmuConfiguration c, long stream, long dword0, long table0, long table1) {
    if (!ContextLayout.valid(dword0)) {
      return "C_BAD_CD: the context descriptor is not valid";
    }
    if (!ContextLayout.aarch64(dword0)) {
      return IdentificationLayout.aarch32(c.idr0())
          ? Unmodelled.SHORT_STAGE_1
          : "C_BAD_CD: this SMMU has no 32-bit table format";
    }
    if (!IdentificationLayout.aarch64(c.idr0())) {
      return "C_BAD_CD: this SMMU has no 64-bit table format";
    }
    if (!ContextLayout.aborts(dword0) && IdentificationLayout.alwaysTerminates(c.idr0())) {
      return "C_BAD_CD: A=0 where every fault aborts";
    }
    if (!stallLegal(c, stream, dword0)) {
      return "C_BAD_CD: S does not fit the stall model";
    }
    if (ContextLayout.updatesAccessFlag(dword0)
        && !IdentificationLayout.updatesAccessFlag(c.idr0())) {
      return "C_BAD_CD: this SMMU does not update access flags";
    }
    if (ContextLayout.updatesDirtyState(dword0)
        && !IdentificationLayout.updatesDirtyState(c.idr0())) {
      return "C_BAD_CD: this SMMU does not update dirty state";
    }
    if (!c.endiannessLegal(ContextLayout.bigEndian(dword0))) {
      return "C_BAD_CD: tables of this byte order are not supported";
    }
    String bad = halfOffence(c, dword0, table0, false);
    return bad != null ? bad : halfOffence(c, dword0, table1, true);
  }

  private static boolean stallLegal(SmmuConfiguration c, long stream, long dword0) {
    return switch (IdentificationLayout.stallModel(c.idr0())) {
      case IdentificationLayout.STALL_NOT_SUPPORTED -> !ContextLayout.stalls(dword0);
      case IdentificationLayout.STALL_FORCED -> ContextLayout.stalls(dword0);
      default -> !ContextLayout.stalls(dword0) || !StreamEntryLayout.stallDisabled(stream);
    };
  }

  private static @Nullable String halfOffence(
      SmmuConfiguration c, long dword0, long tableWord, boolean high) {
    if (ContextLayout.disabled(dword0, high)) {
      return null;
    }
    int granule = ContextLayout.granule(dword0, high);
    if (granule == ContextLayout.NO_GRANULE || !IdentificationLayout.granule(c.idr5(), granule)) {
      return "C_BAD_CD: pages of this size are not supported";
    }
    if (!TableLayout.inputFieldValid(
        ContextLayout.inputSize(dword0, high),
        granule,
        IdentificationLayout.smallTables(c.idr3()),
        IdentificationLayout.wideInput(c.idr5()))) {
      return "C_BAD_CD: the input size is out of range";
    }
    return ContextLayout.table(tableWord) >>> outputBits(c, dword0, high) != 0
        ? "C_BAD_CD: the table is wider than the output"
        : null;
  }

  /** Whether both tables, used or not, lie in the output of the smallest pages. */
  static boolean tablesFit(SmmuConfiguration c, long dword0, long table0, long table1) {
    int bits = c.outputBits(ContextLayout.intermediateSize(dword0), TableLayout.GRANULE_4K);
    return ContextLayout.table(table0 | table1) >>> bits == 0;
  }

  /** Width of the output of a context's half: its own limit, or the SMMU's. */
  static int outputBits(SmmuConfiguration c, long dword0, boolean high) {
    return c.outputBits(
        ContextLayout.intermediateSize(dword0), ContextLayout.granule(dword0, high));
  }

  static boolean ignoresHierarchy(SmmuConfiguration c, long tableWord) {
    return IdentificationLayout.hierarchicalDisable(c.idr3())
        && ContextLayout.hierarchicalDisabled(tableWord);
  }

  /** Whether a clear access flag is no fault; where hardware would set it, nothing is written. */
  static boolean ignoresAccessFlag(long dword0) {
    return ContextLayout.accessFlagIgnored(dword0) || ContextLayout.updatesAccessFlag(dword0);
  }

  /** Why a leaf cannot be used, or null. */
  static @Nullable TranslationFault leafFault(
      long dword0, long leaf, Permission permission, Access access) {
    if (!TableLayout.accessed(leaf) && !ignoresAccessFlag(dword0)) {
      return TranslationFault.NOT_ACCESSED;
    }
    return permission.allows(access) ? null : TranslationFault.NOT_ALLOWED;
  }

  /**
   * What a leaf allows.
   *
   * @param stream dword 1 of the stream table entry
   * @param inherited the tables above it, or-ed together; 0 where their attributes do not count
   */
  static Permission permission(
      SmmuConfiguration c, long stream, long dword0, long inherited, long leaf) {
    boolean open = TableLayout.unprivileged(leaf);
    // PAN keeps privileged accesses out of what unprivileged ones may reach.
    boolean readable =
        StreamTable.privileged(c, stream)
            ? !(ContextLayout.noPrivilegedAccess(dword0) && open)
            : open && !TableLayout.tablePrivileged(inherited);
    // Where hardware manages dirty state, the first write would make the leaf writable.
    boolean writable =
        !TableLayout.tableReadOnly(inherited)
            && (!TableLayout.readOnly(leaf)
                || (ContextLayout.updatesDirtyState(dword0) && TableLayout.dirtyManaged(leaf)));
    return Permission.of(readable, readable && writable);
  }
}
