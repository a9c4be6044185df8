package aperture.benchmarks;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.testkit.TableState;
import java.util.Map;

/**
 * Tables that no driver of ours builds, written number by number: VT-d in scalable mode, and SMMUv3
 * with stage 2. All trees have four levels of 512 entries and pages of 4 KiB.
 *
 * <p>Sources: Intel VT-d, rev 5.10, chapter 9, Translation Structure Formats; IHI 0070, sections
 * 5.1, Stream Table Descriptor, to 5.4, Context Descriptor, and 6.3, registers.
 */
final class HandmadeTables {

  private static final int PAGE = 4096;
  private static final int LEVELS = 4;
  private static final int INDEX_BITS = 9;
  private static final int INDEXES = 511;
  private static final long DATA = 16L << 20;

  /** What a tree's entries say beside an address. */
  private record Format(long table, long leaf) {}

  private static final Format VTD_FIRST = new Format(7, 7);
  private static final Format VTD_SECOND = new Format(3, 3);
  private static final Format SMMU_STAGE_1 = new Format(3, 0xf47);
  private static final Format SMMU_STAGE_2 = new Format(3, 0x7ff);

  /** Bytes of a second-level stream table of 256 entries. */
  private static final int STREAMS = 16 << 10;

  private static final long FIRST_LEVEL = 1;
  private static final long SECOND_LEVEL = 2;
  private static final long NESTED = 3;
  private static final long STAGE_2 = 6;
  private static final long BOTH_STAGES = 7;

  private final TableState state = new TableState();
  private final IommuBehavior behavior;
  private final long[] pages = new long[Walked.PAGES];

  private HandmadeTables(IommuBehavior behavior) {
    this.behavior = behavior;
    for (int i = 0; i < pages.length; i++) {
      pages[i] = DATA + (long) i * PAGE;
    }
  }

  static Walked vtdFirstLevel(IommuBehavior vtd, String name, int entries) throws Exception {
    HandmadeTables tables = new HandmadeTables(vtd);
    tables.scalable(FIRST_LEVEL, 0, tables.mapped(VTD_FIRST));
    return tables.walked(name, entries);
  }

  static Walked vtdSecondLevel(IommuBehavior vtd, String name, int entries) throws Exception {
    HandmadeTables tables = new HandmadeTables(vtd);
    tables.scalable(SECOND_LEVEL, tables.mapped(VTD_SECOND), 0);
    return tables.walked(name, entries);
  }

  static Walked vtdNested(IommuBehavior vtd, String name, int entries) throws Exception {
    HandmadeTables tables = new HandmadeTables(vtd);
    long first = tables.mapped(VTD_FIRST);
    tables.scalable(NESTED, tables.identity(VTD_SECOND), first);
    return tables.walked(name, entries);
  }

  static Walked smmuStage2(IommuBehavior smmu, String name, int entries) throws Exception {
    HandmadeTables tables = new HandmadeTables(smmu);
    tables.streams(STAGE_2, 0, tables.mapped(SMMU_STAGE_2));
    return tables.walked(name, entries);
  }

  static Walked smmuNested(IommuBehavior smmu, String name, int entries) throws Exception {
    HandmadeTables tables = new HandmadeTables(smmu);
    long context = tables.context(tables.mapped(SMMU_STAGE_1));
    tables.streams(BOTH_STAGES, context, tables.identity(SMMU_STAGE_2));
    return tables.walked(name, entries);
  }

  private Walked walked(String name, int entries) throws Exception {
    Endpoint endpoint = state.endpoint(Map.of());
    return new Walked(name, entries, state, behavior.attach(state).walker(), endpoint, pages);
  }

  /** Registers and structures down to the PASID entry of PASID 0, for requester 0. */
  private void scalable(long type, long second, long first) {
    long root = newTable();
    long context = newTable();
    long directory = newTable();
    long pasids = newTable();
    put(root, context | 1);
    put(context, directory | 1);
    put(directory, pasids | 1);
    put(pasids, second | type << 6 | 2 << 2 | 1);
    put(pasids + 8, 1);
    put(pasids + 16, first);
    state.registers().set("VER", 0x40);
    state.registers().set("CAP", 0x11d2_008c_222f_0606L);
    state.registers().set("ECAP", 0xc900_0400_0f46L);
    state.registers().set("RTADDR", root | 0x400);
    state.registers().set("GSTS", 0xc400_0000L);
  }

  /** Registers and the stream table entry of stream 0. */
  private void streams(long config, long context, long stage2) {
    long streams = newTable();
    long second = state.pages().allocate(STREAMS, STREAMS);
    put(streams, second | 9);
    put(second, context | config << 1 | 1);
    put(second + 8, 0xd6);
    // VMID 7; T0SZ 16, SL0 2, PS 48 bits, AA64, R.
    put(second + 16, 0x0408_0000_0000_0007L | 16L << 32 | 2L << 38 | 5L << 48);
    put(second + 24, stage2);
    state.registers().set("IDR0", 0x0d40_101b);
    state.registers().set("IDR1", 0x0273_0010);
    state.registers().set("IDR3", 0x1404);
    state.registers().set("IDR5", 0x75);
    state.registers().set("CR2", 6);
    state.registers().set("STRTAB_BASE", 0x4000_0000_0000_0000L | streams);
    state.registers().set("STRTAB_BASE_CFG", 0x1_0210);
    state.registers().set("CR0", 0xd);
  }

  /** A context descriptor: 48-bit input and output, pages of 4 KiB, the lower half only. */
  private long context(long table) {
    long context = newTable();
    put(context, 0x1_e205_c000_3510L);
    put(context + 8, table);
    return context;
  }

  /** A tree that maps the pages to themselves. */
  private long mapped(Format format) {
    return tree(format, DATA, DATA + (long) Walked.PAGES * PAGE);
  }

  /** A tree that maps all memory to itself, page by page. */
  private long identity(Format format) {
    return tree(format, 0, TableState.MEMORY);
  }

  private long tree(Format format, long from, long to) {
    long root = newTable();
    for (long page = from; page < to; page += PAGE) {
      long table = root;
      for (int level = LEVELS; level > 1; level--) {
        long entry = entry(table, page, level);
        if (get(entry) == 0) {
          put(entry, newTable() | format.table());
        }
        table = get(entry) & -PAGE;
      }
      put(entry(table, page, 1), page | format.leaf());
    }
    return root;
  }

  private static long entry(long table, long page, int level) {
    return table + (page / PAGE >>> INDEX_BITS * (level - 1) & INDEXES) * Long.BYTES;
  }

  private long newTable() {
    return state.pages().allocate(PAGE, PAGE);
  }

  private void put(long address, long value) {
    state.memory().putLe64(state.memory().offsetOf(address, Long.BYTES), value);
  }

  private long get(long address) {
    return state.memory().getLe64(state.memory().offsetOf(address, Long.BYTES));
  }
}
