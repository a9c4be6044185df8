package aperture.arch.x86.xen;

/** Raw entries in words, for people. */
final class XenDecoder {

  private XenDecoder() {}

  static String decode(String structure, long value) {
    return switch (structure) {
      case GrantReader.GRANT_ENTRY -> grant(value);
      case XenPvWalker.MACHINE_ENTRY -> "guest frame 0x%x".formatted(value);
      case XenPvWalker.LIST_ENTRY ->
          value == PhysicalToMachineLayout.NONE
              ? "no memory"
              : "machine frame 0x%x".formatted(value);
      default -> "";
    };
  }

  private static String grant(long entry) {
    int type = GrantEntryLayout.type(entry);
    if (type == GrantEntryLayout.FREE) {
      return "free";
    }
    if (type != GrantEntryLayout.ACCESS) {
      return "type %d, no access".formatted(type);
    }
    return "%s, frame 0x%x for domain %d%s"
        .formatted(
            (entry & GrantEntryLayout.READ_ONLY) != 0 ? "R-" : "RW",
            GrantEntryLayout.frame(entry),
            GrantEntryLayout.domain(entry),
            (entry & GrantEntryLayout.SUB_PAGE) != 0 ? ", part of a frame" : "");
  }
}
