package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.HandmadeTables.IOVA;
import static aperture.arch.x86.amdvi.HandmadeTables.LOW;
import static aperture.arch.x86.amdvi.HandmadeTables.MIDDLE;
import static aperture.arch.x86.amdvi.HandmadeTables.ROOT;
import static aperture.arch.x86.amdvi.HandmadeTables.RW;
import static aperture.arch.x86.amdvi.HandmadeTables.mode;
import static aperture.arch.x86.amdvi.HandmadeTables.next;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What translates, from tables written by hand. */
class AmdViWalkerTest {

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  private static void assertLeadsTo(WalkResult result, long iova, long gpa) {
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.gpaOf(iova)).isEqualTo(gpa);
  }

  @Test
  void threeLevelsLeadToAPageWithTheEntrysDomain() {
    WalkResult result = HandmadeTables.threeLevels(state).read(IOVA);

    assertLeadsTo(result, IOVA, 0x765_4123L);
    assertThat(result.size()).isEqualTo(4096);
    assertThat(result.domain()).isEqualTo(6);
    assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
  }

  @Test
  void everyStructureReadIsAStepWithItsAddressAndValue() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);

    WalkResult result = tables.read(IOVA);

    assertThat(result.steps()).isEqualTo(5);
    assertThat(result.stepStructure(1)).isEqualTo("device table entry");
    assertThat(result.stepAddress(1)).isEqualTo(tables.entry);
    assertThat(result.stepValue(1)).isEqualTo(mode(3));
    assertThat(result.stepStructure(4)).isEqualTo("page table entry, level 1");
    assertThat(result.stepAddress(4)).isEqualTo(LOW + 3 * 8);
    assertThat(result.stepValue(4)).isEqualTo(0x765_4000L | RW);
  }

  @ParameterizedTest
  @CsvSource({"1, 12", "2, 21", "3, 30", "4, 39", "5, 48", "6, 57"})
  void nextLevelZeroIsAPageOfTheLevelsOwnSize(int level, int sizeLog2) {
    HandmadeTables tables = new HandmadeTables(state, mode(level));
    long base = sizeLog2 < 52 ? 1L << sizeLog2 : 0;
    state.put(ROOT + 8, base | RW);
    long iova = (1L << sizeLog2) + 0x123;

    WalkResult result = tables.read(iova);

    assertLeadsTo(result, iova, base + 0x123);
    assertThat(result.size()).isEqualTo(1L << Math.min(sizeLog2, 30));
  }

  @ParameterizedTest
  @CsvSource({
    "0x7000000, 0x2000, 1",
    "0x7001000, 0x4000, 1",
    "0x7003000, 0x8000, 1",
    "0x7007000, 0x10000, 1",
    "0x707f000, 0x100000, 1",
    "0x71ff000, 0x400000, 2",
    "0x7fff000, 0x10000000, 2"
  })
  void nextLevelSevenSaysTheSizeInTheAddress(String address, String size, int level) {
    HandmadeTables tables = new HandmadeTables(state, mode(level));
    long bytes = Long.decode(size);
    for (int i = 0; i < 512; i++) {
      state.put(ROOT + i * 8L, Long.decode(address) | next(7) | RW);
    }
    long iova = bytes + bytes / 2 + 5;

    WalkResult result = tables.write(iova);

    assertLeadsTo(result, iova, (Long.decode(address) & -bytes) + bytes / 2 + 5);
    assertThat(result.size()).isEqualTo(bytes);
  }

  @Test
  void anyOfTheEqualEntriesOfOnePageWillDo() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(LOW + 2 * 8, 0x900_1000L | next(7) | RW);
    state.put(LOW + 3 * 8, 0);

    assertLeadsTo(tables.read(0x4020_2abcL), 0x4020_2abcL, 0x900_2abcL);
    assertThat(tables.read(0x4020_3abcL).outcome()).isEqualTo(Outcome.FAULT);
  }

  @Test
  void levelsMayBeSkippedWhereTheAddressHasZeroes() {
    HandmadeTables tables = new HandmadeTables(state, mode(6));
    state.put(ROOT + 3 * 8, LOW | next(1) | RW);
    state.put(LOW + 9 * 8, 0x765_4000L | RW);
    long iova = 3L << 57 | 9L << 12 | 7;

    assertLeadsTo(tables.read(iova), iova, 0x765_4007L);
  }

  @Test
  void modeSixReachesTheLastAddress() {
    HandmadeTables tables = new HandmadeTables(state, mode(6));
    state.put(ROOT + 0x7f * 8, MIDDLE | next(1) | RW);
    state.put(MIDDLE + 8, 0x765_4000L | RW);
    long iova = 0x7fL << 57 | 0x1000;

    assertLeadsTo(tables.read(iova), iova, 0x765_4000L);
  }

  @Test
  void modeZeroIsIdentityWithTheEntrysPermissions() {
    HandmadeTables tables = new HandmadeTables(state, 0x2000_0000_0000_0003L);

    WalkResult result = tables.read(0x1234_5678_9abcL);

    assertLeadsTo(result, 0x1234_5678_9abcL, 0x1234_5678_9abcL);
    assertThat(result.permission()).isEqualTo(Permission.READ);
    assertThat(result.domain()).isEqualTo(6);
    assertThat(tables.write(0x1000).outcome()).isEqualTo(Outcome.FAULT);
  }

  @Test
  void anEntryThatIsNotValidPassesUntranslated() {
    HandmadeTables tables = new HandmadeTables(state, mode(3) & ~1);

    WalkResult result = tables.write(IOVA);

    assertLeadsTo(result, IOVA, IOVA);
    assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(-1);
  }

  @Test
  void aUnitThatIsOffPassesEverythingWithoutLookingAtTables() {
    HandmadeTables tables = new HandmadeTables(state, -1L);
    state.registers().set("CONTROL", HandmadeTables.CONTROL & ~1);

    assertLeadsTo(tables.write(0xfee0_0000L), 0xfee0_0000L, 0xfee0_0000L);
    assertThat(tables.write(IOVA).steps()).isZero();
  }

  @Test
  void permissionIsWhatAllStepsAllow() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(MIDDLE + 8, LOW | next(1) | HandmadeTables.W);

    assertThat(tables.write(IOVA).permission()).isEqualTo(Permission.WRITE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 59, 60, 63})
  void bitsThatAPageMayHaveChangeNothing(int bit) {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(LOW + 3 * 8, 0x765_4000L | RW | 1L << bit);

    assertLeadsTo(tables.read(IOVA), IOVA, 0x765_4123L);
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 8, 52, 53, 54, 55, 56, 57, 58, 59, 60})
  void bitsThatADeviceTableEntryMayHaveChangeNothing(int bit) {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(tables.entry, mode(3) | 1L << bit);

    assertLeadsTo(tables.read(IOVA), IOVA, 0x765_4123L);
  }

  @Test
  void anAnswerNeverReachesIntoTheInterruptRange() {
    HandmadeTables identity = new HandmadeTables(state, mode(0));
    WalkResult below = identity.read(0xfedf_f000L);
    assertThat(below.iovaBase() + below.size()).isLessThanOrEqualTo(0xfee0_0000L);
    WalkResult above = identity.read(0xfef0_0000L);
    assertThat(above.iovaBase()).isEqualTo(0xfef0_0000L);

    state.put(identity.entry, mode(3));
    state.put(ROOT + 3 * 8, 0x4000_0000L | RW);
    WalkResult large = identity.read(0xfee0_0000L - 1);
    assertLeadsTo(large, 0xfee0_0000L - 1, 0x7ee0_0000L - 1);
    assertThat(large.iovaBase() + large.size()).isLessThanOrEqualTo(0xfee0_0000L);
  }

  @Test
  void registersThatChangeAreSeenByTheNextWalk() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    var walker = tables.attach().walker();
    state.put(0x13_0000 + 0x28 * 32, mode(0));

    state.registers().set("DEVTAB", 0x13_0001);

    assertLeadsTo(
        BareState.walk(walker, tables.endpoint, IOVA, aperture.iommu.Access.READ), IOVA, IOVA);
  }
}
