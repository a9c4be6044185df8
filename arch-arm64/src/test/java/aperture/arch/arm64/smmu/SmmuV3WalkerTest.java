package aperture.arch.arm64.smmu;

import static aperture.arch.arm64.smmu.HandMadeTables.BLOCK;
import static aperture.arch.arm64.smmu.HandMadeTables.BLOCK_ENTRY;
import static aperture.arch.arm64.smmu.HandMadeTables.CONTEXT;
import static aperture.arch.arm64.smmu.HandMadeTables.CONTEXT_0;
import static aperture.arch.arm64.smmu.HandMadeTables.ENTRY;
import static aperture.arch.arm64.smmu.HandMadeTables.GIGABYTE;
import static aperture.arch.arm64.smmu.HandMadeTables.LEVEL_0;
import static aperture.arch.arm64.smmu.HandMadeTables.LEVEL_1;
import static aperture.arch.arm64.smmu.HandMadeTables.LEVEL_2;
import static aperture.arch.arm64.smmu.HandMadeTables.LEVEL_3;
import static aperture.arch.arm64.smmu.HandMadeTables.PAGE;
import static aperture.arch.arm64.smmu.HandMadeTables.PAGE_ENTRY;
import static aperture.arch.arm64.smmu.HandMadeTables.READ_ONLY_PAGE;
import static aperture.arch.arm64.smmu.HandMadeTables.STREAMS;
import static aperture.arch.arm64.smmu.HandMadeTables.STREAMS_2;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuInstance;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way a walk can end, with the reason that the architecture gives. */
class SmmuV3WalkerTest {

  private static final long OUTSIDE_MEMORY = 0x1000_0000L;
  private static final long BEYOND_OUTPUT = 1L << 44;

  private final SmmuFixture state = new SmmuFixture();
  private final Endpoint endpoint = HandMadeTables.build(state);
  private IommuInstance instance;

  @BeforeEach
  void attach() throws Exception {
    instance = state.attach();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private WalkResult read(long iova) {
    return state.walk(instance, endpoint, iova, Access.READ);
  }

  private WalkResult write(long iova) {
    return state.walk(instance, endpoint, iova, Access.WRITE);
  }

  private static void assertFault(WalkResult result, int reason, FaultKind kind, boolean recorded) {
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(result.faultReason()).as(result.faultText()).isEqualTo(reason);
    assertThat(result.faultKind()).isEqualTo(kind);
    assertThat(result.recorded()).isEqualTo(recorded);
  }

  private static void assertTranslated(WalkResult result, long gpa, long size, Permission may) {
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaBase()).isEqualTo(gpa);
    assertThat(result.size()).isEqualTo(size);
    assertThat(result.permission()).isEqualTo(may);
  }

  @Test
  void pagesAndBlocksAreAnsweredWhole() {
    assertTranslated(write(PAGE + 0xfff), 0x4020_0000L, 4096, Permission.READ_WRITE);
    assertTranslated(write(BLOCK + 0x12_3456), 0x4040_0000L, 2 << 20, Permission.READ_WRITE);
    assertTranslated(write(GIGABYTE + 0x123_4567), 0x4000_0000L, 1 << 30, Permission.READ_WRITE);
    assertThat(write(BLOCK + 0x12_3456).iovaBase()).isEqualTo(BLOCK);
    assertThat(write(BLOCK).domain()).isEqualTo(1);
  }

  @Test
  void aReadOnlyPageCanBeReadButNotWritten() {
    assertTranslated(read(READ_ONLY_PAGE), 0x4020_1000L, 4096, Permission.READ);
    assertFault(write(READ_ONLY_PAGE), 0x13, FaultKind.DENIED, true);
  }

  @Test
  void everyStructureOfAWalkIsNoted() {
    WalkResult result = read(PAGE);

    assertThat(result.steps()).isEqualTo(7);
    assertThat(result.stepStructure(0)).isEqualTo("stream table descriptor");
    assertThat(result.stepAddress(1)).isEqualTo(ENTRY);
    assertThat(result.stepValue(2)).isEqualTo(CONTEXT_0);
    assertThat(result.stepStructure(6)).isEqualTo("level 3 descriptor");
    assertThat(result.stepAddress(6)).isEqualTo(PAGE_ENTRY);
    for (int step = 0; step < result.steps(); step++) {
      assertThat(instance.decode(result.stepStructure(step), result.stepValue(step))).isNotEmpty();
    }
    assertThat(instance.decode("level 3 descriptor", 0x4020_0f47L))
        .isEqualTo("page at 0x40200000, read and write");
    assertThat(instance.decode("something else", 1)).isEmpty();
  }

  @Test
  void anSmmuThatIsOffFollowsTheGlobalBypassRegister() {
    state.set("CR0", 0);
    assertTranslated(write(0x1234_5678L), 0, 1L << 44, Permission.READ_WRITE);
    assertFault(write(BEYOND_OUTPUT), -1, FaultKind.ADDRESS_SIZE, false);

    state.set("GBPA", 1 << 20);
    assertFault(write(0x1234_5678L), -1, FaultKind.BLOCKED, false);
  }

  @Test
  void aStreamBeyondTheTableIsRecordedOnlyWhenAskedFor() {
    Endpoint stranger = new Endpoint(1, "stranger", 0x1_0000, java.util.Map.of());
    assertFault(state.walk(instance, stranger, 0, Access.READ), 0x02, FaultKind.BLOCKED, true);

    state.set("CR2", 4);
    assertFault(state.walk(instance, stranger, 0, Access.READ), 0x02, FaultKind.BLOCKED, false);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 12, 31})
  void aSpanThatIsNoneIsABadStreamId(int span) {
    state.put(STREAMS, STREAMS_2 | span);
    assertFault(read(PAGE), 0x02, FaultKind.BLOCKED, true);
  }

  @Test
  void anIndexBeyondTheSpanIsABadStreamId() {
    state.put(STREAMS, STREAMS_2 | 4); // 8 entries: 0 to 7
    assertFault(read(PAGE), 0x02, FaultKind.BLOCKED, true);
    state.put(STREAMS, STREAMS_2 | 5);
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);
  }

  @Test
  void streamStructuresOutsideMemoryCannotBeFetched() {
    state.put(STREAMS, OUTSIDE_MEMORY | 9);
    assertFault(read(PAGE), 0x03, FaultKind.TABLE_READ, true);
    assertThat(read(PAGE).stepAddress(1)).isEqualTo(OUTSIDE_MEMORY + 8 * 64);

    state.set("STRTAB_BASE", OUTSIDE_MEMORY);
    assertFault(read(PAGE), 0x03, FaultKind.TABLE_READ, true);
  }

  @Test
  void aLinearStreamTableIsIndexedDirectly() {
    state.set("STRTAB_BASE", STREAMS_2);
    state.set("STRTAB_BASE_CFG", 4);
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);

    state.set("STRTAB_BASE_CFG", 3);
    assertFault(read(PAGE), 0x02, FaultKind.BLOCKED, true);
  }

  @Test
  void anEntryThatIsNotValidIsABadEntry() {
    state.put(ENTRY, CONTEXT | 0xa);
    assertFault(read(PAGE), 0x04, FaultKind.MALFORMED, true);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void anAbortingEntrySaysNothing(int config) {
    state.put(ENTRY, CONTEXT | config << 1 | 1);
    assertFault(read(PAGE), -1, FaultKind.BLOCKED, false);
  }

  @Test
  void aBypassingEntryPassesWhatTheBusCanCarry() {
    state.put(ENTRY, 9);
    assertTranslated(write(0x4123_4567L), 0, 1L << 44, Permission.READ_WRITE);
    assertFault(write(BEYOND_OUTPUT), 0x11, FaultKind.ADDRESS_SIZE, true);
  }

  @ParameterizedTest
  @ValueSource(ints = {6, 7})
  void stage2IsABadEntryWhereThereIsNone(int config) {
    state.put(ENTRY, CONTEXT | config << 1 | 1);
    assertFault(read(PAGE), 0x04, FaultKind.MALFORMED, true);
    assertThat(read(PAGE).faultText()).contains("no stage 2");

    state.set("IDR0", 0x0d40_101fL);
    assertThat(read(PAGE).faultText()).contains("STE.S2AA64=0").contains("not modelled");
  }

  @Test
  void illegalStage1EntriesAreBadEntries() {
    state.put(ENTRY + 8, 0xd6 | 1 << 27);
    assertFault(read(PAGE), 0x04, FaultKind.MALFORMED, true);

    state.put(ENTRY + 8, 0xd6);
    state.put(ENTRY, BEYOND_OUTPUT | 0xb);
    assertFault(read(PAGE), 0x04, FaultKind.MALFORMED, true);

    state.put(ENTRY, CONTEXT | 0xb);
    state.set("IDR0", 0x0d40_1018L);
    assertFault(read(PAGE), 0x04, FaultKind.MALFORMED, true);
  }

  @Test
  void theSizeOfTheContextTableIsIgnoredWithoutSubstreams() {
    state.put(ENTRY, 5L << 59 | CONTEXT | 1 << 4 | 0xb);
    state.put(ENTRY + 8, 0xd4);
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);
  }

  @Test
  void withSubstreamsTheEntrySaysWhatHappensToOthers() {
    state.set("IDR1", 0x0273_0010L | 5 << 6);
    state.put(ENTRY, 5L << 59 | CONTEXT | 0xb);
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);

    state.put(ENTRY + 8, 0xd4);
    assertFault(read(PAGE), 0x06, FaultKind.BLOCKED, true);
    state.put(ENTRY + 8, 0xd7);
    assertFault(read(PAGE), 0x06, FaultKind.BLOCKED, true);

    state.put(ENTRY + 8, 0xd5);
    assertTranslated(read(PAGE), 0, 1L << 44, Permission.READ_WRITE);

    state.put(ENTRY, 6L << 59 | CONTEXT | 0xb);
    assertFault(read(PAGE), 0x04, FaultKind.MALFORMED, true);
  }

  @Test
  void twoLevelContextTablesLeadToContext0() {
    long table = 0x4014_0000L;
    state.set("IDR1", 0x0273_0010L | 10 << 6);
    state.put(ENTRY, 8L << 59 | table | 1 << 4 | 0xb);
    assertFault(read(PAGE), 0x04, FaultKind.MALFORMED, true);

    state.set("IDR0", 0x0d40_101aL | 1 << 19);
    assertFault(read(PAGE), 0x08, FaultKind.MALFORMED, true);
    state.put(table, BEYOND_OUTPUT | 1);
    assertFault(read(PAGE), 0x08, FaultKind.MALFORMED, true);
    state.put(table, CONTEXT | 1);
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);

    state.put(ENTRY, 8L << 59 | OUTSIDE_MEMORY | 1 << 4 | 0xb);
    assertFault(read(PAGE), 0x09, FaultKind.TABLE_READ, true);
  }

  @Test
  void aContextOutsideMemoryCannotBeFetched() {
    state.put(ENTRY, OUTSIDE_MEMORY | 0xb);
    assertFault(read(PAGE), 0x09, FaultKind.TABLE_READ, true);
    assertThat(read(PAGE).stepAddress(2)).isEqualTo(OUTSIDE_MEMORY);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {
        CONTEXT_0 & ~(1L << 31), // V
        CONTEXT_0 & ~(1L << 41), // AA64
        CONTEXT_0 & ~(1L << 46), // A
        CONTEXT_0 | 1L << 44, // S
        CONTEXT_0 | 1L << 43, // HA
        CONTEXT_0 | 1L << 42, // HD
        CONTEXT_0 | 1L << 15, // ENDI
        CONTEXT_0 | 3L << 6, // TG0
        CONTEXT_0 & ~63L | 15, // T0SZ
        CONTEXT_0 & ~63L | 40,
        CONTEXT_0 & ~(1L << 30), // the upper half with TG1 0
        CONTEXT_0 & ~(1L << 30) | 2L << 22 | 15L << 16, // T1SZ
      })
  void illegalContextsAreBadContexts(long dword0) {
    state.put(CONTEXT, dword0);
    assertFault(read(PAGE), 0x0a, FaultKind.MALFORMED, true);
  }

  @Test
  void aTableBeyondTheContextsOutputIsABadContext() {
    state.put(CONTEXT + 8, 1L << 33);
    state.put(CONTEXT, CONTEXT_0 & ~(7L << 32));
    assertFault(read(PAGE), 0x0a, FaultKind.MALFORMED, true);
  }

  @Test
  void addressesOutsideBothHalvesDoNotTranslate() {
    assertFault(read(1L << 48), 0x10, FaultKind.ADDRESS_SIZE, true);
    assertFault(read(1L << 63 | PAGE), 0x10, FaultKind.ADDRESS_SIZE, true);
    assertFault(read(-4096), 0x10, FaultKind.UNMAPPED, true);
  }

  @Test
  void theUpperHalfHasATableOfItsOwn() {
    state.put(CONTEXT, CONTEXT_0 & ~(1L << 30) | 2L << 22 | 16L << 16);
    state.put(CONTEXT + 16, LEVEL_0);
    assertTranslated(read(-1L << 48 | PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);
    assertThat(read(-1L << 48 | PAGE).iovaBase()).isEqualTo(-1L << 48 | PAGE);
    assertFault(read(-1L << 49 | PAGE), 0x10, FaultKind.ADDRESS_SIZE, true);
  }

  @Test
  void tagsAreIgnoredOnlyWhenTheContextSaysSo() {
    long tagged = 0xabL << 56 | PAGE;
    assertFault(read(tagged), 0x10, FaultKind.ADDRESS_SIZE, true);

    state.put(CONTEXT, CONTEXT_0 | 1L << 38);
    assertTranslated(read(tagged), 0x4020_0000L, 4096, Permission.READ_WRITE);
    assertThat(read(tagged).iovaBase()).isEqualTo(tagged);
    assertFault(read(1L << 50 | PAGE), 0x10, FaultKind.ADDRESS_SIZE, true);
  }

  @Test
  void aHalfThatIsDisabledDoesNotTranslate() {
    state.put(CONTEXT, CONTEXT_0 | 1 << 14);
    assertFault(read(PAGE), 0x10, FaultKind.UNMAPPED, true);
  }

  @ParameterizedTest
  @ValueSource(longs = {LEVEL_0, LEVEL_1, LEVEL_2, PAGE_ENTRY})
  void aDescriptorThatIsNotValidDoesNotTranslateAtAnyLevel(long entry) {
    state.put(entry, state.get(entry) & ~1L);
    assertFault(read(PAGE), 0x10, FaultKind.UNMAPPED, true);
  }

  @ParameterizedTest
  @ValueSource(longs = {LEVEL_0, LEVEL_1, LEVEL_2, PAGE_ENTRY})
  void anAddressBeyondTheOutputIsAnAddressSizeFaultAtEveryLevel(long entry) {
    state.put(entry, state.get(entry) | BEYOND_OUTPUT);
    assertFault(read(PAGE), 0x11, FaultKind.ADDRESS_SIZE, true);
  }

  @ParameterizedTest
  @ValueSource(longs = {LEVEL_0, LEVEL_1, LEVEL_2})
  void aTableOutsideMemoryAbortsTheWalkAtEveryLevel(long entry) {
    state.put(entry, OUTSIDE_MEMORY | 3);
    assertFault(read(PAGE), 0x0b, FaultKind.TABLE_READ, true);
  }

  @Test
  void blocksWhereNoneCanStandDoNotTranslate() {
    state.put(PAGE_ENTRY, 0x4020_0f45L);
    assertFault(read(PAGE), 0x10, FaultKind.MALFORMED, true);
    state.put(LEVEL_0, 0x4000_0f45L);
    assertFault(read(PAGE), 0x10, FaultKind.MALFORMED, true);
  }

  @Test
  void misalignedBlocksAreTakenAsAligned() {
    state.put(BLOCK_ENTRY, 0x4040_0f45L | 0x1f_f000L);
    assertTranslated(read(BLOCK), 0x4040_0000L, 2 << 20, Permission.READ_WRITE);
  }

  @Test
  void aClearAccessFlagFaultsUnlessItIsIgnored() {
    state.put(PAGE_ENTRY, 0x4020_0b47L);
    assertFault(read(PAGE), 0x12, FaultKind.DENIED, true);

    state.put(CONTEXT, CONTEXT_0 | 1L << 35);
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);
  }

  @Test
  void hardwareThatManagesFlagsIsNotStoppedByThem() {
    state.set("IDR0", 0x0d40_101aL | 2 << 6);
    state.put(CONTEXT, CONTEXT_0 | 3L << 42);
    state.put(PAGE_ENTRY, 1L << 51 | 0x4020_0bc7L);
    assertTranslated(write(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);
    assertThat(state.get(PAGE_ENTRY)).isEqualTo(1L << 51 | 0x4020_0bc7L);
  }

  @Test
  void aPrivilegedPageIsClosedToDevices() {
    state.put(PAGE_ENTRY, 0x4020_0f07L);
    assertFault(read(PAGE), 0x13, FaultKind.DENIED, true);
  }

  @Test
  void anEntryCanMakeItsStreamPrivilegedWhereTheSmmuLetsIt() {
    state.put(ENTRY + 8, 0xd6 | 3L << 48);
    state.put(PAGE_ENTRY, 0x4020_0f07L);
    assertFault(read(PAGE), 0x13, FaultKind.DENIED, true);

    state.set("IDR1", 0x0673_0010L);
    assertTranslated(write(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);

    state.put(CONTEXT, CONTEXT_0 | 1L << 40);
    state.put(PAGE_ENTRY, 0x4020_0f47L);
    assertFault(read(PAGE), 0x13, FaultKind.DENIED, true);
  }

  @ParameterizedTest
  @ValueSource(longs = {LEVEL_0, LEVEL_1, LEVEL_2})
  void tablesCanTakeRightsAwayFromEverythingBelow(long entry) {
    state.put(entry, state.get(entry) | 1L << 62);
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ);
    assertFault(write(PAGE), 0x13, FaultKind.DENIED, true);

    state.put(entry, state.get(entry) ^ 3L << 61);
    assertFault(read(PAGE), 0x13, FaultKind.DENIED, true);

    state.put(CONTEXT + 8, LEVEL_0 | 2);
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);
  }

  @Test
  void aContextCanKeepItsTranslationFaultsUnrecorded() {
    state.put(CONTEXT, CONTEXT_0 & ~(1L << 45));
    assertFault(read(1L << 30 | 1L << 31), 0x10, FaultKind.UNMAPPED, false);
    assertFault(write(READ_ONLY_PAGE), 0x13, FaultKind.DENIED, false);

    state.put(LEVEL_2, OUTSIDE_MEMORY | 3);
    assertFault(read(PAGE), 0x0b, FaultKind.TABLE_READ, true);
  }

  @Test
  void nothingIsRecordedWithoutAnEventQueue() {
    state.set("CR0", 9);
    assertFault(write(READ_ONLY_PAGE), 0x13, FaultKind.DENIED, false);
  }

  @Test
  void aTableThatLeadsToItselfEndsAtTheLastLevel() {
    state.put(LEVEL_0, LEVEL_0 | 0xf47);
    assertThat(read(0).steps()).isEqualTo(7);
    assertThat(read(0).gpaBase()).isEqualTo(LEVEL_0);
  }

  @Test
  void pagesOf16And64KiBAreWalkedToo() {
    long top = 0x4020_0000L;
    state.put(CONTEXT, CONTEXT_0 & ~63L | 17 | 2L << 6); // 16 KiB, 47 bits: from level 1
    state.put(CONTEXT + 8, top);
    state.put(top, 0x4021_0000L | 3);
    state.put(0x4021_0000L, 0x4200_0f45L & ~0x1ff_f000L | 0x4200_0000L);
    assertTranslated(read(0x12_3456), 0x4200_0000L, 32 << 20, Permission.READ_WRITE);

    state.put(CONTEXT, CONTEXT_0 & ~63L | 16 | 1L << 6); // 64 KiB, 48 bits: from level 1
    state.put(0x4021_0000L, 0x4022_0000L | 3);
    state.put(0x4022_0000L + 8, 0x4030_0f47L);
    assertTranslated(read(0x1_2345), 0x4030_0000L, 64 << 10, Permission.READ_WRITE);
  }

  @Test
  void bigEndianTablesAreReadWhereTheSmmuCan() {
    state.set("IDR0", 0x0d40_101aL & ~(3L << 21));
    state.put(CONTEXT, CONTEXT_0 | 1 << 15);
    for (long entry : new long[] {LEVEL_0, LEVEL_1, LEVEL_2, PAGE_ENTRY}) {
      state.put(entry, Long.reverseBytes(state.get(entry)));
    }
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);
  }

  @Test
  void aChangeOfRegistersIsSeenByTheNextWalk() {
    assertTranslated(read(PAGE), 0x4020_0000L, 4096, Permission.READ_WRITE);
    state.set("STRTAB_BASE", LEVEL_3);
    assertFault(read(PAGE), 0x02, FaultKind.BLOCKED, true);
  }
}
