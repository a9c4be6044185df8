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
      case SmmuV3Faults.STAGE_2_CONTROL -> stage2(value);
      case SmmuV3Faults.STAGE_2_TABLE -> "S2TTB=0x%x".formatted(Stage2EntryLayout.table(value));
      case SmmuV3Faults.CONTEXT_TABLE_DESCRIPTOR ->
          "V=%d L2Ptr=0x%x"
              .formatted(
                  bit(ContextLayout.firstLevelValid(value)), ContextLayout.secondLevel(value));
      case SmmuV3Faults.CONTEXT -> context(value);
      default -> descriptor(structure, value);
    };
  }

  private static String descriptor(String structure, long value) {
    if (SmmuV3Faults.isIntermediate(structure)) {
      return "stage 2 translates it";
    }
    int stage1 = SmmuV3Faults.levelOf(structure);
    int stage2 = SmmuV3Faults.stage2LevelOf(structure);
    if (stage1 >= 0) {
      return table(value, stage1, false);
    }
    return stage2 >= 0 ? table(value, stage2, true) : "";
  }

  private static int bit(boolean set) {
    return set ? 1 : 0;
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
            bit(StreamEntryLayout.valid(value)),
            CONFIGS[StreamEntryLayout.config(value)],
            StreamEntryLayout.contextFormat(value),
            StreamEntryLayout.contextLog2(value),
            StreamEntryLayout.contextPointer(value));
  }

  private static String stage2(long value) {
    return "S2VMID=%d S2T0SZ=%d S2SL0=%d S2TG=%s S2PS=%d S2AA64=%d S2ENDI=%d S2AFFD=%d S2PTW=%d"
            .formatted(
                Stage2EntryLayout.vmid(value),
                Stage2EntryLayout.inputSize(value),
                Stage2EntryLayout.start(value),
                pages(Stage2EntryLayout.granule(value)),
                Stage2EntryLayout.outputSize(value),
                bit(Stage2EntryLayout.aarch64(value)),
                bit(Stage2EntryLayout.bigEndian(value)),
                bit(Stage2EntryLayout.accessFlagIgnored(value)),
                bit(Stage2EntryLayout.protectsWalks(value)))
        + " S2HD=%d S2HA=%d S2S=%d S2R=%d"
            .formatted(
                bit(Stage2EntryLayout.updatesDirtyState(value)),
                bit(Stage2EntryLayout.updatesAccessFlag(value)),
                bit(Stage2EntryLayout.stalls(value)),
                bit(Stage2EntryLayout.records(value)));
  }

  private static String context(long value) {
    return "V=%d%s%s IPS=%d AA64=%d ENDI=%d AFFD=%d PAN=%d"
            .formatted(
                bit(ContextLayout.valid(value)),
                half(value, false),
                half(value, true),
                ContextLayout.intermediateSize(value),
                bit(ContextLayout.aarch64(value)),
                bit(ContextLayout.bigEndian(value)),
                bit(ContextLayout.accessFlagIgnored(value)),
                bit(ContextLayout.noPrivilegedAccess(value)))
        + " HD=%d HA=%d S=%d R=%d A=%d ASID=%d"
            .formatted(
                bit(ContextLayout.updatesDirtyState(value)),
                bit(ContextLayout.updatesAccessFlag(value)),
                bit(ContextLayout.stalls(value)),
                bit(ContextLayout.records(value)),
                bit(ContextLayout.aborts(value)),
                ContextLayout.asid(value));
  }

  /** A half that is off says no more than that. */
  private static String half(long value, boolean high) {
    int number = bit(high);
    return ContextLayout.disabled(value, high)
        ? " EPD%d=1".formatted(number)
        : " T%dSZ=%d TG%d=%s TBI%d=%d"
            .formatted(
                number,
                ContextLayout.inputSize(value, high),
                number,
                pages(ContextLayout.granule(value, high)),
                number,
                bit(ContextLayout.tagged(value, high)));
  }

  private static String pages(int granule) {
    return granule == ContextLayout.NO_GRANULE ? "reserved" : (1 << granule - 10) + "K";
  }

  private static String table(long value, int level, boolean stage2) {
    if (!TableLayout.valid(value)) {
      return "not valid";
    }
    // The page size is the context's to say: the address is shown from the smallest one up.
    long address = Bits.inPlace(value, 47, TableLayout.GRANULE_4K);
    if (TableLayout.isTable(value, level)) {
      return "table at 0x%x%s%s"
          .formatted(
              address,
              !stage2 && TableLayout.tableReadOnly(value) ? ", read only below" : "",
              !stage2 && TableLayout.tablePrivileged(value) ? ", privileged below" : "");
    }
    return "%s at 0x%x, %s%s%s%s"
        .formatted(
            level == TableLayout.LAST_LEVEL ? "page" : "block",
            address,
            stage2 ? stage2Rights(value) : stage1Rights(value),
            TableLayout.accessed(value) ? "" : ", access flag clear",
            TableLayout.dirtyManaged(value) ? ", dirty state managed" : "",
            !stage2 && TableLayout.global(value) ? ", global" : "");
  }

  private static String stage1Rights(long value) {
    return (TableLayout.readOnly(value) ? "read only" : "read and write")
        + (TableLayout.unprivileged(value) ? "" : ", privileged");
  }

  private static String stage2Rights(long value) {
    if (TableLayout.stage2Readable(value)) {
      return TableLayout.stage2Writable(value) ? "read and write" : "read only";
    }
    return TableLayout.stage2Writable(value) ? "write only" : "no access";
  }
}
