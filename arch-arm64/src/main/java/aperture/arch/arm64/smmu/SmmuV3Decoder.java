package aperture.arch.arm64.smmu;

/** Explains raw structures for people, in the architecture's field names. */
final class SmmuV3Decoder {

  private static final String[] CONFIGS = {
    "abort", "abort", "abort", "abort", "bypass", "stage 1", "stage 2", "nested"
  };

  private SmmuV3Decoder() {}

  static String decode(String structure, long value) {
    return switch (structure) {
      case SmmuV3Faults.STREAM_DESCRIPTOR -> streamDescriptor(value);
      case SmmuV3Faults.STREAM_ENTRY -> streamEntry(value);
      case SmmuV3Faults.CONTEXT_TABLE_DESCRIPTOR ->
          "V=%d L2Ptr=0x%x"
              .formatted(
                  ContextLayout.firstLevelValid(value) ? 1 : 0, ContextLayout.secondLevel(value));
      case SmmuV3Faults.CONTEXT -> context(value);
      default -> {
        int level = SmmuV3Faults.levelOf(structure);
        yield level < 0 ? "" : table(value, level);
      }
    };
  }

  private static String streamDescriptor(long value) {
    int span = StreamTableLayout.span(value);
    return span == 0
        ? "Span=0: no table"
        : "Span=%d L2Ptr=0x%x".formatted(span, StreamTableLayout.base(value));
  }

  private static String streamEntry(long value) {
    return "V=%d Config=%s S1Fmt=%d S1CDMax=%d S1ContextPtr=0x%x"
        .formatted(
            StreamEntryLayout.valid(value) ? 1 : 0,
            CONFIGS[StreamEntryLayout.config(value)],
            StreamEntryLayout.contextFormat(value),
            StreamEntryLayout.contextLog2(value),
            StreamEntryLayout.contextPointer(value));
  }

  private static String context(long value) {
    return "V=%d T0SZ=%d EPD0=%d T1SZ=%d EPD1=%d IPS=%d AA64=%d A=%d R=%d ASID=%d"
        .formatted(
            ContextLayout.valid(value) ? 1 : 0,
            ContextLayout.inputSize(value, false),
            ContextLayout.disabled(value, false) ? 1 : 0,
            ContextLayout.inputSize(value, true),
            ContextLayout.disabled(value, true) ? 1 : 0,
            ContextLayout.intermediateSize(value),
            ContextLayout.aarch64(value) ? 1 : 0,
            ContextLayout.aborts(value) ? 1 : 0,
            ContextLayout.records(value) ? 1 : 0,
            ContextLayout.asid(value));
  }

  private static String table(long value, int level) {
    if (!TableLayout.valid(value)) {
      return "not valid";
    }
    // The page size is the context's to say: the address is shown from the smallest one up.
    long address = Bits.inPlace(value, 47, TableLayout.GRANULE_4K);
    if (TableLayout.isTable(value, level)) {
      return "table at 0x%x%s%s"
          .formatted(
              address,
              TableLayout.tableReadOnly(value) ? ", read only below" : "",
              TableLayout.tablePrivileged(value) ? ", privileged below" : "");
    }
    return "%s at 0x%x, %s%s%s"
        .formatted(
            level == TableLayout.LAST_LEVEL ? "page" : "block",
            address,
            TableLayout.readOnly(value) ? "read only" : "read and write",
            TableLayout.unprivileged(value) ? "" : ", privileged",
            TableLayout.accessed(value) ? "" : ", access flag clear");
  }
}
