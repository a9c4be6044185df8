package aperture.arch.x86.vtd;

/** Raw table entries in words, for people. */
final class VtdDecoder {

  private VtdDecoder() {}

  static String decode(String structure, long value) {
    if (structure.equals(VtdWalker.ROOT_ENTRY)) {
      return present(value) + ", context table 0x%x".formatted(address(value));
    }
    if (structure.equals(VtdWalker.CONTEXT_ENTRY)) {
      return context(value);
    }
    if (structure.equals(VtdWalker.CONTEXT_HIGH)) {
      int code = ContextEntryLayout.widthCode(value);
      return "domain %d, %d levels (%d bits)"
          .formatted(
              ContextEntryLayout.domain(value),
              ContextEntryLayout.levels(code),
              ContextEntryLayout.width(code));
    }
    return structure.startsWith(VtdWalker.SECOND_LEVEL) ? entry(structure, value) : "";
  }

  private static String context(long low) {
    String type =
        switch (ContextEntryLayout.translationType(low)) {
          case ContextEntryLayout.TT_SECOND_LEVEL -> "second level";
          case ContextEntryLayout.TT_DEVICE_TLB -> "second level, device TLB allowed";
          case ContextEntryLayout.TT_PASS_THROUGH -> "pass-through";
          default -> "reserved type";
        };
    boolean quiet = (low & ContextEntryLayout.FAULTS_DISABLED) != 0;
    return "%s, %s, table 0x%x%s"
        .formatted(present(low), type, address(low), quiet ? ", faults not recorded" : "");
  }

  private static String entry(String structure, long value) {
    if ((value & SecondLevelLayout.PERMISSIONS) == 0) {
      return "not present";
    }
    boolean leaf = structure.endsWith("1");
    boolean large = !leaf && (value & SecondLevelLayout.PAGE) != 0;
    return "%s%s, %s 0x%x"
        .formatted(
            (value & SecondLevelLayout.READ) != 0 ? "R" : "-",
            (value & SecondLevelLayout.WRITE) != 0 ? "W" : "-",
            leaf ? "page" : large ? "large page" : "table",
            address(value));
  }

  private static String present(long value) {
    return (value & RootEntryLayout.PRESENT) != 0 ? "present" : "not present";
  }

  private static long address(long value) {
    return value & SecondLevelLayout.ADDRESS;
  }
}
