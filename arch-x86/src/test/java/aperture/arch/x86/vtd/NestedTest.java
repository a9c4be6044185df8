package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.Assertions.assertFault;
import static aperture.arch.x86.vtd.Assertions.assertTranslated;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * First-level tables on top of second-level ones. The second level moves everything by 16 MiB, in
 * one page of 2 MiB: the guest sees the first-level tables at 0x1120000.
 */
class NestedTest {

  private static final long MOVE = 0x100_0000;
  private static final long SECOND_2M = ScalableTables.SECOND[2];

  private final BareState state = new BareState();
  private ScalableTables tables;

  @BeforeEach
  void build() {
    tables = new ScalableTables(state, 0x40, 3);
    state.put(ScalableTables.PASID_ENTRY + 16, ScalableTables.FIRST[0] + MOVE);
    for (int i = 0; i < 3; i++) {
      state.put(ScalableTables.FIRST[i], ScalableTables.FIRST[i + 1] + MOVE | 7);
    }
    // Guest 0x1000000 to 0x11fffff is host 0 to 0x1fffff; guest 0x3000 is host 0x7654000.
    state.put(SECOND_2M + 8 * 8, 0x83);
    state.put(ScalableTables.secondEntry(0x3000), 0x7654003);
    state.put(ScalableTables.firstEntry(0x5000), 0x3007);
    assertThat(tables.read(0x5000).outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void bothLevelsTranslate() {
    WalkResult result = tables.write(0x5678);

    assertTranslated(result, 0x5000, 0x7654000, 0x1000, Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(0xabcd);
  }

  @Test
  void theAnswerIsTheSmallerPage() {
    state.put(ScalableTables.firstEntry(0x6000), 0x104_0007);
    assertTranslated(tables.read(0x6000), 0x6000, 0x4_0000, 0x1000, Permission.READ_WRITE);

    state.put(ScalableTables.FIRST[2] + 8, 0x87);
    assertTranslated(tables.read(0x20_3800), 0x20_3000, 0x7654000, 0x1000, Permission.READ_WRITE);

    state.put(ScalableTables.FIRST[2] + 2 * 8, MOVE | 0x87);
    assertTranslated(tables.read(0x41_2345), 0x40_0000, 0, 2 << 20, Permission.READ_WRITE);
  }

  @Test
  void permissionIsWhatBothLevelsAllow() {
    state.put(ScalableTables.firstEntry(0x5000), 0x3005);
    assertThat(tables.read(0x5000).permission()).isEqualTo(Permission.READ);
    assertFault(tables.write(0x5000), 0x85, FaultKind.DENIED);

    state.put(ScalableTables.firstEntry(0x5000), 0x3007);
    state.put(ScalableTables.secondEntry(0x3000), 0x7654001);
    assertThat(tables.read(0x5000).permission()).isEqualTo(Permission.READ);
    assertFault(tables.write(0x5000), 0x85, FaultKind.DENIED);
    state.put(ScalableTables.secondEntry(0x3000), 0x7654002);
    assertThat(tables.write(0x5000).permission()).isEqualTo(Permission.WRITE);
    assertFault(tables.read(0x5000), 0x86, FaultKind.DENIED);
    state.put(ScalableTables.secondEntry(0x3000), 0);
    assertFault(tables.read(0x5000), 0x79, FaultKind.UNMAPPED);
  }

  @Test
  void firstLevelTablesThatTheSecondLevelDoesNotLetRead() {
    state.put(SECOND_2M + 8 * 8, 0x82);
    assertFault(tables.read(0x5000), 0x75, FaultKind.DENIED);

    state.put(SECOND_2M + 8 * 8, 0x83);
    state.put(SECOND_2M + 9 * 8, 0x82);
    state.put(ScalableTables.FIRST[0], ScalableTables.FIRST[1] + MOVE + 0x20_0000 | 7);
    assertFault(tables.read(0x5000), 0x76, FaultKind.DENIED);
    state.put(SECOND_2M + 9 * 8, 0);
    assertFault(tables.read(0x5000), 0x79, FaultKind.UNMAPPED);
  }

  @Test
  void firstLevelTablesBeyondTheSecondLevel() {
    long word0 = state.get(ScalableTables.PASID_ENTRY);
    state.put(ScalableTables.PASID_ENTRY, word0 & ~0x1fL | 1 << 2 | 1);
    state.put(ScalableTables.PASID_ENTRY + 16, 1L << 40);

    assertFault(tables.read(0x5000), 0x74, FaultKind.ADDRESS_SIZE);
  }

  @Test
  void pagesBeyondTheSecondLevel() {
    long word0 = state.get(ScalableTables.PASID_ENTRY);
    state.put(ScalableTables.PASID_ENTRY, ScalableTables.SECOND[1] | word0 & 0xfe0 | 1 << 2 | 1);
    assertThat(tables.read(0x5000).outcome()).isEqualTo(Outcome.TRANSLATED);

    state.put(ScalableTables.firstEntry(0x5000), 1L << 40 | 7);
    assertFault(tables.read(0x5000), 0x84, FaultKind.ADDRESS_SIZE);
  }

  @Test
  void firstLevelTablesOutsideMemory() {
    state.put(SECOND_2M + 9 * 8, 0x1_0000_0083L);
    state.put(ScalableTables.FIRST[0], MOVE + 0x20_0000 | 7);
    assertFault(tables.read(0x5000), 0x70, FaultKind.TABLE_READ);
    state.put(ScalableTables.PASID_ENTRY + 16, MOVE + 0x20_0000);
    assertFault(tables.read(0x5000), 0x73, FaultKind.TABLE_READ);
  }

  @Test
  void secondLevelTablesThatAreBroken() {
    state.put(SECOND_2M + 8 * 8, 0x1083);
    assertFault(tables.read(0x5000), 0x7a, FaultKind.MALFORMED);
    state.put(ScalableTables.SECOND[1], 0x1_0000_0003L);
    assertFault(tables.read(0x5000), 0x78, FaultKind.TABLE_READ);
    long word0 = state.get(ScalableTables.PASID_ENTRY);
    state.put(ScalableTables.PASID_ENTRY, 0x1_0000_0000L | word0 & 0xfff);
    assertFault(tables.read(0x5000), 0x7b, FaultKind.TABLE_READ);
  }

  @Test
  void brokenFirstLevelEntries() {
    state.put(ScalableTables.firstEntry(0x5000), 0x3003);
    assertFault(tables.read(0x5000), 0x81, FaultKind.DENIED);
    state.put(ScalableTables.firstEntry(0x5000), 0x3006);
    assertFault(tables.read(0x5000), 0x71, FaultKind.UNMAPPED);
    state.put(ScalableTables.firstEntry(0x5000), 1L << 48 | 0x3007);
    assertFault(tables.read(0x5000), 0x72, FaultKind.MALFORMED);
    assertFault(tables.read(1L << 47), 0x80, FaultKind.ADDRESS_SIZE);
  }

  @Test
  void whatLeadsToTheInterruptRangeIsJudgedByTheHostAddress() {
    state.put(ScalableTables.SECOND[1] + 3 * 8, 0x83);
    state.put(ScalableTables.firstEntry(0x5000), 0xfee0_0007L);
    assertThat(tables.read(0x5000).gpaOf(0x5000)).isEqualTo(0x3ee0_0000L);

    state.put(ScalableTables.secondEntry(0x3000), 0xfee0_0003L);
    state.put(ScalableTables.firstEntry(0x5000), 0x3007);
    assertFault(tables.read(0x5000), 0x87, FaultKind.RESERVED);
  }
}
