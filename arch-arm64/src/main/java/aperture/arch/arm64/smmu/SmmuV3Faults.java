package aperture.arch.arm64.smmu;

import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;

/**
 * The event numbers, and how each ends a walk.
 *
 * <p>Source: IHI 0070, section 7.3, Event records.
 */
final class SmmuV3Faults {

  static final int C_BAD_STREAMID = 0x02;
  static final int F_STE_FETCH = 0x03;
  static final int C_BAD_STE = 0x04;
  static final int F_STREAM_DISABLED = 0x06;
  static final int C_BAD_SUBSTREAMID = 0x08;
  static final int F_CD_FETCH = 0x09;
  static final int C_BAD_CD = 0x0a;
  static final int F_WALK_EABT = 0x0b;
  static final int F_TRANSLATION = 0x10;
  static final int F_ADDR_SIZE = 0x11;
  static final int F_ACCESS = 0x12;
  static final int F_PERMISSION = 0x13;

  /** The SMMU aborts without saying why. */
  static final int NO_EVENT = -1;

  private SmmuV3Faults() {}

  /** Names of structures, as noted in a walk. */
  static final String STREAM_DESCRIPTOR = "stream table descriptor";

  static final String STREAM_ENTRY = "stream table entry";
  static final String STAGE_2_CONTROL = "stage 2 control";
  static final String STAGE_2_TABLE = "stage 2 table";
  static final String CONTEXT_TABLE_DESCRIPTOR = "context table descriptor";
  static final String CONTEXT = "context descriptor";

  private static final String[] LEVELS = {
    "level 0 descriptor", "level 1 descriptor", "level 2 descriptor", "level 3 descriptor"
  };

  /** By what stage 2 was asked for, a class of {@link EventLayout}. */
  private static final String[] INTERMEDIATES = {
    "intermediate address of a context", "intermediate address of a table", "intermediate address"
  };

  private static final String[][] STAGE_2_LEVELS = {
    {
      "stage 2 level 0 descriptor of a context",
      "stage 2 level 1 descriptor of a context",
      "stage 2 level 2 descriptor of a context",
      "stage 2 level 3 descriptor of a context"
    },
    {
      "stage 2 level 0 descriptor of a table",
      "stage 2 level 1 descriptor of a table",
      "stage 2 level 2 descriptor of a table",
      "stage 2 level 3 descriptor of a table"
    },
    {
      "stage 2 level 0 descriptor",
      "stage 2 level 1 descriptor",
      "stage 2 level 2 descriptor",
      "stage 2 level 3 descriptor"
    }
  };

  static String intermediate(int purpose) {
    return INTERMEDIATES[purpose];
  }

  static String stage2Level(int purpose, int level) {
    return STAGE_2_LEVELS[purpose][level];
  }

  static boolean isIntermediate(String structure) {
    return indexOf(INTERMEDIATES, structure) >= 0;
  }

  /** The class that a structure of stage 2 belongs to, or -1 when it is none of stage 2. */
  static int stage2Class(String structure) {
    for (int purpose = 0; purpose < INTERMEDIATES.length; purpose++) {
      if (INTERMEDIATES[purpose].equals(structure)
          || indexOf(STAGE_2_LEVELS[purpose], structure) >= 0) {
        return purpose;
      }
    }
    return -1;
  }

  /** The level that a name from {@link #stage2Level} means, or -1. */
  static int stage2LevelOf(String structure) {
    int purpose = stage2Class(structure);
    return purpose < 0 ? -1 : indexOf(STAGE_2_LEVELS[purpose], structure);
  }

  static String level(int level) {
    return LEVELS[level];
  }

  /** The level that a name from {@link #level} means, or -1. */
  static int levelOf(String structure) {
    return indexOf(LEVELS, structure);
  }

  private static int indexOf(String[] names, String name) {
    for (int i = 0; i < names.length; i++) {
      if (names[i].equals(name)) {
        return i;
      }
    }
    return -1;
  }

  /** Aborts without an event. */
  static void silent(WalkResult result, FaultKind kind, String text) {
    result.fault(kind, NO_EVENT, text, false);
  }

  static void badStreamId(SmmuConfiguration c, WalkResult result, String text) {
    result.fault(FaultKind.BLOCKED, C_BAD_STREAMID, text, c.recordsBadStreamIds());
  }

  static void streamFetch(SmmuConfiguration c, WalkResult result, String text) {
    result.fault(FaultKind.TABLE_READ, F_STE_FETCH, text, c.recordsEvents());
  }

  static void badStream(SmmuConfiguration c, WalkResult result, String text) {
    result.fault(FaultKind.MALFORMED, C_BAD_STE, text, c.recordsEvents());
  }

  static void streamDisabled(SmmuConfiguration c, WalkResult result) {
    result.fault(
        FaultKind.BLOCKED,
        F_STREAM_DISABLED,
        "F_STREAM_DISABLED: the stream accepts only substreams",
        c.recordsEvents());
  }

  static void badSubstream(SmmuConfiguration c, WalkResult result, String text) {
    result.fault(FaultKind.MALFORMED, C_BAD_SUBSTREAMID, text, c.recordsEvents());
  }

  static void contextFetch(SmmuConfiguration c, WalkResult result, String text) {
    result.fault(FaultKind.TABLE_READ, F_CD_FETCH, text, c.recordsEvents());
  }

  static void badContext(SmmuConfiguration c, WalkResult result, String text) {
    result.fault(FaultKind.MALFORMED, C_BAD_CD, text, c.recordsEvents());
  }

  /** A bypassing stream's address does not fit the bus; always recorded. */
  static void bypassSize(SmmuConfiguration c, WalkResult result) {
    result.fault(
        FaultKind.ADDRESS_SIZE,
        F_ADDR_SIZE,
        "F_ADDR_SIZE: the address is wider than the SMMU's output",
        c.recordsEvents());
  }

  /** Whether the event carries the input address. */
  static boolean hasInputAddress(int number) {
    return number >= F_WALK_EABT;
  }

  /** Whether the event carries the address that could not be fetched. */
  static boolean hasFetchAddress(int number) {
    return number == F_STE_FETCH || number == F_CD_FETCH || number == F_WALK_EABT;
  }
}
