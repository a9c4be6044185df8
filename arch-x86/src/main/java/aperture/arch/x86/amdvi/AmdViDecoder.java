package aperture.arch.x86.amdvi;

/** Raw structures in words, for people. */
final class AmdViDecoder {

  private AmdViDecoder() {}

  static String decode(String structure, long value) {
    return switch (structure) {
      case AmdViWalker.DEVICE_ENTRY -> deviceEntry(value);
      case AmdViWalker.DEVICE_ENTRY_1 ->
          "domain %d%s"
              .formatted(
                  DeviceEntryLayout.domain(value),
                  DeviceEntryLayout.suppressesFaults(value) ? ", page faults not logged" : "");
      case AmdViWalker.DEVICE_ENTRY_2 ->
          reserved("interrupts", value & DeviceEntryLayout.RESERVED_2);
      case AmdViWalker.DEVICE_ENTRY_3 ->
          reserved("attributes", value & DeviceEntryLayout.RESERVED_3);
      default -> structure.startsWith(AmdViWalker.PAGE_ENTRY) ? pageEntry(structure, value) : "";
    };
  }

  private static String reserved(String what, long bits) {
    return bits == 0 ? what : "%s, reserved bits 0x%x set".formatted(what, bits);
  }

  private static String deviceEntry(long quad0) {
    long reserved = quad0 & DeviceEntryLayout.RESERVED_0;
    if (reserved != 0) {
      return reserved("not usable", reserved);
    }
    if (!DeviceEntryLayout.valid(quad0)) {
      return "not valid: passes untranslated";
    }
    if (!DeviceEntryLayout.translationValid(quad0)) {
      return "translation information not valid: no access";
    }
    int mode = DeviceEntryLayout.mode(quad0);
    String allowed = permissions(quad0);
    if (mode == 0) {
      return allowed + ", untranslated";
    }
    if (mode > PageEntryLayout.MAX_LEVELS) {
      return "%s, mode %d is reserved".formatted(allowed, mode);
    }
    int noted = DeviceEntryLayout.accessedDirty(quad0);
    return "%s, %d levels, table 0x%x%s"
        .formatted(
            allowed,
            mode,
            DeviceEntryLayout.root(quad0),
            noted == 0 ? "" : ", accesses to be noted (%d)".formatted(noted));
  }

  private static String pageEntry(String structure, long value) {
    if (!PageEntryLayout.present(value)) {
      return "not present";
    }
    String text = permissions(value) + ", " + target(structure, value) + flags(value);
    long reserved = PageEntryLayout.reserved(value);
    return reserved == 0 ? text : reserved(text, reserved);
  }

  private static String target(String structure, long value) {
    long address = PageEntryLayout.address(value);
    if (!PageEntryLayout.isPage(value)) {
      return "table of level %d 0x%x".formatted(PageEntryLayout.nextLevel(value), address);
    }
    int level = structure.charAt(structure.length() - 1) - '0';
    int log2 = PageEntryLayout.sizeLog2(value, level);
    return "page of 2^%d bytes 0x%x".formatted(log2, address & -1L << log2);
  }

  private static String flags(long value) {
    boolean page = PageEntryLayout.isPage(value);
    return ((value & PageEntryLayout.ACCESSED) != 0 ? ", accessed" : "")
        + (page && (value & PageEntryLayout.DIRTY) != 0 ? ", dirty" : "")
        + (page && (value & PageEntryLayout.FORCE_COHERENT) != 0 ? ", coherent" : "");
  }

  private static String permissions(long value) {
    return ((value & PageEntryLayout.READ) != 0 ? "R" : "-")
        + ((value & PageEntryLayout.WRITE) != 0 ? "W" : "-");
  }
}
