package aperture.arch.sparc.sun4u;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the walker answers, and why it does not. */
class Sun4uWalkerTest {

  private static final long TSB = 0x210_0000;
  private static final long VALID = 1L << 63;
  private static final long LARGE = 1L << 61;

  private final TableState state = new TableState();
  private Endpoint endpoint;
  private IommuWalker walker;

  @BeforeEach
  void attach() throws AttachRefusedException {
    endpoint = state.endpoint(Map.of());
    control(0x60003L);
    state.registers().set("IOMMU_TSBBASE", TSB);
    walker = Sun4uInstance.attach(state).walker();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void control(long value) {
    state.registers().set("IOMMU_CONTROL", value);
  }

  private void set(long entry, long tte) {
    state.memory().putBe64(state.memory().offsetOf(TSB + 8 * entry, 8), tte);
  }

  private WalkResult walk(long iova, Access access) {
    return TableState.walk(walker, endpoint, iova, access);
  }

  private static void assertFault(WalkResult result, FaultKind kind, int status) {
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(result.faultKind()).isEqualTo(kind);
    assertThat(result.faultReason()).isEqualTo(status);
    assertThat(result.recorded()).isEqualTo(status >= 0);
  }

  private void assertPassed(long iova, long gpa) {
    WalkResult result = walk(iova, Access.WRITE);
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaOf(iova)).isEqualTo(gpa);
    assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(Sun4uWalker.BYPASS_DOMAIN);
    assertThat(result.steps()).isZero();
  }

  @Test
  void anEntryAnswersForItsPage() {
    set(5, VALID | 0x245_2000L | 2);

    WalkResult result = walk(0xc000_a123L, Access.WRITE);

    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.iovaBase()).isEqualTo(0xc000_a000L);
    assertThat(result.size()).isEqualTo(8192);
    assertThat(result.gpaOf(0xc000_a123L)).isEqualTo(0x245_2123L);
    assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(Sun4uWalker.TSB_DOMAIN);
    assertThat(result.steps()).isEqualTo(1);
    assertThat(result.stepStructure(0)).isEqualTo("TTE");
    assertThat(result.stepAddress(0)).isEqualTo(TSB + 40);
    assertThat(result.stepValue(0)).isEqualTo(VALID | 0x245_2000L | 2);
  }

  @Test
  void entriesAreBigEndian() {
    state
        .memory()
        .write(
            state.memory().offsetOf(TSB, 8),
            new byte[] {(byte) 0x80, 0, 0, 0, 2, 0x45, 0x20, 2},
            0,
            8);

    assertThat(walk(0xc000_0000L, Access.WRITE).gpaBase()).isEqualTo(0x245_2000L);
  }

  @Test
  void addressesAliasModuloTheReachOfTheTsb() {
    set(5, VALID | 0x245_2000L);
    for (long iova = 0xa000; iova < 1L << 32; iova += 0x2000_0000L) {
      WalkResult result = walk(iova, Access.READ);
      assertThat(result.gpaOf(iova)).isEqualTo(0x245_2000L);
      assertThat(result.iovaBase()).isEqualTo(iova);
    }

    control(0x00003L);
    assertThat(walk(0xc080_a000L, Access.READ).gpaBase()).isEqualTo(0x245_2000L);
    control(0x70003L);
    assertThat(walk(0x4000_a000L, Access.READ).gpaBase()).isEqualTo(0x245_2000L);
    assertFault(walk(0xe000_a000L, Access.READ), FaultKind.UNMAPPED, Sun4uFaults.INVALID);
  }

  @Test
  void everyTsbSizeUsesItsLastEntry() {
    for (int size = 0; size < 8; size++) {
      control(3L | (long) size << 16);
      long last = (1024L << size) - 1;
      set(last, VALID | 0x10_0000L);
      assertThat(walk(last << 13, Access.READ).gpaBase()).isEqualTo(0x10_0000L);
      set(last, 0);
    }
  }

  @Test
  void aLargePageIsAnsweredWhole() {
    for (int entry = 8; entry < 16; entry++) {
      set(entry, VALID | LARGE | 0x25_e000L | 2);
    }

    WalkResult result = walk(0xc001_9abcL, Access.READ);

    assertThat(result.iovaBase()).isEqualTo(0xc001_0000L);
    assertThat(result.size()).isEqualTo(65_536);
    assertThat(result.gpaOf(0xc001_9abcL)).isEqualTo(0x25_9abcL);
  }

  @Test
  void theWideIndexTakesOneEntryForEach64KiB() {
    control(0x50007L);
    set(3, VALID | LARGE | 0x40_0000L);
    set(4, VALID | 0x50_2000L);

    assertThat(walk(0x3_9abcL, Access.READ).gpaOf(0x3_9abcL)).isEqualTo(0x40_9abcL);
    // A small entry under the wide index: all eight pages mean the same one.
    assertThat(walk(0x4_2010L, Access.READ).gpaOf(0x4_2010L)).isEqualTo(0x50_2010L);
    assertThat(walk(0x4_e010L, Access.READ).gpaOf(0x4_e010L)).isEqualTo(0x50_2010L);
  }

  @Test
  void theWideIndexDoesNotKnowTheTwoLargestSizes() {
    for (long control : new long[] {0x60007L, 0x70007L}) {
      control(control);
      assertFault(walk(0xc000_0000L, Access.READ), FaultKind.MALFORMED, Sun4uFaults.INVALID);
    }
  }

  @Test
  void anInvalidEntryIsUnmappedWhateverElseItSays() {
    set(0, ~VALID);

    assertFault(walk(0xc000_0000L, Access.READ), FaultKind.UNMAPPED, Sun4uFaults.INVALID);
    assertFault(walk(0xc000_0000L, Access.WRITE), FaultKind.UNMAPPED, Sun4uFaults.INVALID);
  }

  @Test
  void aWriteToAReadOnlyPageIsAProtectionError() {
    set(0, VALID | 0x10_0000L);

    assertThat(walk(0xc000_0000L, Access.READ).permission()).isEqualTo(Permission.READ);
    assertFault(walk(0xc000_0000L, Access.WRITE), FaultKind.DENIED, Sun4uFaults.PROTECTION);
  }

  @Test
  void aTsbThatIsNotInMemoryTimesOut() {
    for (long base : new long[] {TableState.MEMORY, 1L << 40, -8192, Long.MIN_VALUE}) {
      state.registers().set("IOMMU_TSBBASE", base);
      assertFault(walk(0xc000_0000L, Access.READ), FaultKind.TABLE_READ, Sun4uFaults.TIMEOUT);
    }
    state.registers().set("IOMMU_TSBBASE", TableState.MEMORY - 8192);
    assertFault(walk(0xc000_0000L, Access.READ), FaultKind.UNMAPPED, Sun4uFaults.INVALID);
    assertFault(walk(0xc080_0000L, Access.READ), FaultKind.TABLE_READ, Sun4uFaults.TIMEOUT);
  }

  @Test
  void theTsbMayHoldItself() {
    set(0, VALID | TSB | 2);

    assertThat(walk(0xc000_0000L, Access.WRITE).gpaBase()).isEqualTo(TSB);
  }

  @Test
  void disabledEverythingPasses() {
    control(0x60002L);

    assertPassed(0x1234_5678L, 0x1234_5678L);
    assertPassed(0x12_3456_789aL, 0x12_3456_789aL);
  }

  @Test
  void bypassAddressesGoAroundTheTableAlways() {
    assertPassed(0xfffc_0000_0245_2abcL, 0x245_2abcL);
    control(0);
    assertPassed(0xfffc_0000_0245_2abcL, 0x245_2abcL);
  }

  @Test
  void otherAddressesBeyond32BitsAreNotAnswered() {
    set(0, VALID | 0x10_0000L);
    for (long iova : new long[] {1L << 32, 1L << 50, Long.MIN_VALUE, 0xfffb_ffff_ffff_e000L}) {
      assertFault(walk(iova, Access.READ), FaultKind.ADDRESS_SIZE, -1);
    }
  }

  @Test
  void aRegisterWriteIsNoticed() {
    set(0, VALID | 0x10_0000L);
    assertThat(walk(0, Access.READ).gpaBase()).isEqualTo(0x10_0000L);

    state.registers().set("IOMMU_TSBBASE", TSB + 8192);

    assertFault(walk(0, Access.READ), FaultKind.UNMAPPED, Sun4uFaults.INVALID);
  }

  @Test
  void randomEntriesAndAddressesAreAlwaysAnswered() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      int entry = random.nextInt(65_536);
      long tte = random.nextLong();
      set(entry, tte);
      long iova = (long) random.nextInt(8) << 29 | (long) entry << 13 | random.nextInt(8192);
      Access access = random.nextBoolean() ? Access.READ : Access.WRITE;

      WalkResult result = walk(iova, access);

      boolean allowed = tte < 0 && (access == Access.READ || (tte & 2) != 0);
      assertThat(result.outcome() == WalkResult.Outcome.TRANSLATED)
          .as("seed %d step %d", seed, i)
          .isEqualTo(allowed);
      if (allowed) {
        long inside = (tte & LARGE) != 0 ? 0xffff : 0x1fff;
        assertThat(result.gpaOf(iova))
            .as("seed %d step %d", seed, i)
            .isEqualTo(tte & 0x7fff_ffff_e000L & ~inside | iova & inside);
      }
    }
  }
}
