package aperture.arch.x86.vtd;

/** Raw table entries in words, for people. */
final class VtdDecoder {

  private VtdDecoder() {}

  static String decode(String structure, long value) {
    return switch (structure) {
      case StructureNames.ROOT_ENTRY, StructureNames.SCALABLE_ROOT ->
          present(value) + ", context table 0x%x".formatted(address(value));
      case StructureNames.CONTEXT_ENTRY -> context(value);
      case StructureNames.CONTEXT_HIGH ->
          "domain %d, %s".formatted(ContextEntryLayout.domain(value), width(value));
      case StructureNames.SCALABLE_CONTEXT -> scalableContext(value);
      case StructureNames.SCALABLE_CONTEXT_1 ->
          "PASID 0x%x for requests without one%s"
              .formatted(
                  ScalableContextLayout.ridPasid(value),
                  note(value, ScalableContextLayout.SUPERVISOR, "supervisor"));
      case StructureNames.PASID_DIRECTORY ->
          present(value)
              + ", PASID table 0x%x".formatted(address(value))
              + quiet(value, PasidDirectoryLayout.FAULTS_DISABLED);
      case StructureNames.PASID_ENTRY -> pasid(value);
      case StructureNames.PASID_ENTRY_1 -> "domain %d".formatted(PasidEntryLayout.domain(value));
      case StructureNames.PASID_ENTRY_2 -> firstLevelRoot(value);
      default -> entry(structure, value);
    };
  }

  private static String context(long low) {
    String type =
        switch (ContextEntryLayout.translationType(low)) {
          case ContextEntryLayout.TT_SECOND_LEVEL -> "second level";
          case ContextEntryLayout.TT_DEVICE_TLB -> "second level, device TLB allowed";
          case ContextEntryLayout.TT_PASS_THROUGH -> "pass-through";
          default -> "reserved type";
        };
    return "%s, %s, table 0x%x%s"
        .formatted(
            present(low), type, address(low), quiet(low, ContextEntryLayout.FAULTS_DISABLED));
  }

  private static String scalableContext(long word0) {
    return "%s, PASID directory 0x%x of %d entries%s%s%s"
        .formatted(
            present(word0),
            address(word0),
            ScalableContextLayout.directoryEntries(word0),
            note(word0, ScalableContextLayout.DEVICE_TLB, "device TLB allowed"),
            note(word0, ScalableContextLayout.PASIDS_ENABLED, "PASIDs enabled"),
            quiet(word0, ScalableContextLayout.FAULTS_DISABLED));
  }

  private static String pasid(long word0) {
    String type =
        switch (PasidEntryLayout.type(word0)) {
          case PasidEntryLayout.FIRST_LEVEL -> "first level";
          case PasidEntryLayout.SECOND_LEVEL -> "second level";
          case PasidEntryLayout.NESTED -> "nested";
          case PasidEntryLayout.PASS_THROUGH -> "pass-through";
          default -> "reserved type";
        };
    return "%s, %s, second-level table 0x%x, %s%s"
        .formatted(
            present(word0),
            type,
            address(word0),
            width(PasidEntryLayout.widthCode(word0)),
            quiet(word0, PasidEntryLayout.FAULTS_DISABLED));
  }

  private static String firstLevelRoot(long word2) {
    return "first-level table 0x%x, %d levels%s%s"
        .formatted(
            address(word2),
            FirstLevelLayout.levels(PasidEntryLayout.mode(word2)),
            note(word2, PasidEntryLayout.SUPERVISOR_ENABLED, "supervisor requests enabled"),
            note(word2, PasidEntryLayout.WRITE_PROTECT, "supervisor writes protected"));
  }

  private static String entry(String structure, long value) {
    if (structure.startsWith(StructureNames.SECOND_LEVEL)) {
      return secondLevel(structure, value);
    }
    return structure.startsWith(StructureNames.FIRST_LEVEL) ? firstLevel(structure, value) : "";
  }

  private static String secondLevel(String structure, long value) {
    if ((value & SecondLevelLayout.PERMISSIONS) == 0) {
      return "not present";
    }
    boolean page = structure.endsWith("1") || (value & SecondLevelLayout.PAGE) != 0;
    return "%s%s, %s%s%s"
        .formatted(
            letter(value, SecondLevelLayout.READ, "R"),
            letter(value, SecondLevelLayout.WRITE, "W"),
            target(structure, value, SecondLevelLayout.PAGE),
            page ? note(value, SecondLevelLayout.SNOOP, "snooped") : "",
            page ? note(value, SecondLevelLayout.TRANSIENT, "transient") : "");
  }

  private static String firstLevel(String structure, long value) {
    if ((value & FirstLevelLayout.PRESENT) == 0) {
      return "not present";
    }
    return "R%s%s, %s"
        .formatted(
            letter(value, FirstLevelLayout.WRITE, "W"),
            letter(value, FirstLevelLayout.USER, "U"),
            target(structure, value, FirstLevelLayout.PAGE));
  }

  private static String target(String structure, long value, long pageBit) {
    boolean leaf = structure.endsWith("1");
    boolean large = !leaf && (value & pageBit) != 0;
    return "%s 0x%x".formatted(leaf ? "page" : large ? "large page" : "table", address(value));
  }

  private static String width(long highOrCode) {
    int code = ContextEntryLayout.widthCode(highOrCode);
    return "%d levels (%d bits)"
        .formatted(ContextEntryLayout.levels(code), ContextEntryLayout.width(code));
  }

  private static String letter(long value, long bit, String letter) {
    return (value & bit) != 0 ? letter : "-";
  }

  private static String note(long value, long bit, String words) {
    return (value & bit) != 0 ? ", " + words : "";
  }

  private static String quiet(long value, long bit) {
    return note(value, bit, "faults not recorded");
  }

  private static String present(long value) {
    return (value & RootEntryLayout.PRESENT) != 0 ? "present" : "not present";
  }

  private static long address(long value) {
    return value & SecondLevelLayout.ADDRESS;
  }
}
