package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.Assertions.assertFault;
import static aperture.arch.x86.vtd.Assertions.assertTranslated;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** First-level tables alone: processor-style entries that lead to host addresses. */
class FirstLevelTest {

  private static final long OUTSIDE = 0x1_0000_0000L;

  private final BareState state = new BareState();
  private ScalableTables tables;

  @BeforeEach
  void build() {
    tables = new ScalableTables(state, 0x40, 1);
    state.put(ScalableTables.firstEntry(0x3000), 0x7654007);
  }

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void fourLevelsLeadToAPage() {
    assertTranslated(tables.write(0x3abc), 0x3000, 0x7654000, 0x1000, Permission.READ_WRITE);
    assertThat(tables.read(0x3abc).domain()).isEqualTo(0xabcd);
  }

  @Test
  void fiveLevelsLeadToAPage() {
    state.put(ScalableTables.PASID_ENTRY + 16, ScalableTables.FIRST[0] | 1 << 2);
    state.put(ScalableTables.FIRST[3], ScalableTables.FIRST[4] | 7);
    state.put(ScalableTables.FIRST[4] + 9 * 8, 0x9007);

    assertTranslated(tables.read(0x9000), 0x9000, 0x9000, 0x1000, Permission.READ_WRITE);
    assertFault(tables.read(1L << 56), 0x80, FaultKind.ADDRESS_SIZE);
    state.registers().set("CAP", ScalableTables.CAP & ~(1L << 60));
    assertFault(tables.read(0x9000), 0x5b, FaultKind.MALFORMED);
  }

  @Test
  void theUpperHalfOfTheAddressSpaceIsReached() {
    state.put(ScalableTables.FIRST[0] + 511 * 8, ScalableTables.FIRST[1] | 7);

    assertTranslated(
        tables.read(0xffff_ff80_0000_3000L),
        0xffff_ff80_0000_3000L,
        0x7654000,
        0x1000,
        Permission.READ_WRITE);
    assertFault(tables.read(0x0000_ff80_0000_3000L), 0x80, FaultKind.ADDRESS_SIZE);
    assertFault(tables.read(1L << 47), 0x80, FaultKind.ADDRESS_SIZE);
  }

  @Test
  void largePagesAreAnsweredWhole() {
    state.put(ScalableTables.FIRST[2] + 3 * 8, 0x40_0000 | 0x1087);
    state.put(ScalableTables.FIRST[1] + 2 * 8, 0x8000_0000L | 0x85);

    assertTranslated(tables.write(0x6f_ffff), 0x60_0000, 0x40_0000, 2 << 20, Permission.READ_WRITE);
    assertTranslated(
        tables.read(0x9234_5678L), 0x8000_0000L, 0x8000_0000L, 1 << 30, Permission.READ);
    state.registers().set("CAP", ScalableTables.CAP & ~(1L << 56));
    assertFault(tables.read(0x9234_5678L), 0x72, FaultKind.MALFORMED);
  }

  @Test
  void readingNeedsPresenceAndWritingEveryWriteBit() {
    for (long entry : ways()) {
      long good = state.get(entry);
      state.put(entry, good & ~2);
      assertThat(tables.read(0x3000).permission()).isEqualTo(Permission.READ);
      assertFault(tables.write(0x3000), 0x85, FaultKind.DENIED);
      state.put(entry, good & ~4);
      assertFault(tables.read(0x3000), 0x81, FaultKind.DENIED);
      state.put(entry, good & ~1);
      assertFault(tables.write(0x3000), 0x71, FaultKind.UNMAPPED);
      state.put(entry, good);
    }
  }

  private static long[] ways() {
    return new long[] {
      ScalableTables.FIRST[0],
      ScalableTables.FIRST[1],
      ScalableTables.FIRST[2],
      ScalableTables.firstEntry(0x3000)
    };
  }

  @Test
  void aSupervisorReachesSupervisorPages() {
    state.registers().set("ECAP", ScalableTables.ECAP | 1L << 53);
    state.put(ScalableTables.CONTEXT_ENTRY + 8, ScalableTables.PASID | 1 << 20);
    state.put(ScalableTables.PASID_ENTRY + 16, ScalableTables.FIRST[0] | 1);
    state.put(ScalableTables.firstEntry(0x3000), 0x7654001);

    assertThat(tables.write(0x3000).permission()).isEqualTo(Permission.READ_WRITE);
    state.put(ScalableTables.PASID_ENTRY + 16, ScalableTables.FIRST[0] | 0x11);
    assertThat(tables.read(0x3000).permission()).isEqualTo(Permission.READ);
    assertFault(tables.write(0x3000), 0x85, FaultKind.DENIED);
  }

  @Test
  void reservedBitsAtEveryLevel() {
    for (long entry : ways()) {
      long good = state.get(entry);
      for (int bit = 48; bit < 52; bit++) {
        state.put(entry, good | 1L << bit);
        assertFault(tables.read(0x3000), 0x72, FaultKind.MALFORMED);
      }
      state.put(entry, good | 0xfff0_0000_0000_0f78L);
      assertThat(tables.read(0x3000).outcome()).isEqualTo(Outcome.TRANSLATED);
      state.put(entry, good);
    }
    state.put(ScalableTables.FIRST[0], ScalableTables.FIRST[1] | 0x87);
    assertFault(tables.read(0x3000), 0x72, FaultKind.MALFORMED);
  }

  @Test
  void largePagesMustBeAligned() {
    for (int bit = 13; bit < 21; bit++) {
      state.put(ScalableTables.FIRST[2] + 3 * 8, 1L << bit | 0x87);
      assertFault(tables.read(0x60_0000), 0x72, FaultKind.MALFORMED);
    }
    for (int bit = 13; bit < 30; bit++) {
      state.put(ScalableTables.FIRST[1] + 2 * 8, 1L << bit | 0x87);
      assertFault(tables.read(0x8000_0000L), 0x72, FaultKind.MALFORMED);
    }
  }

  @Test
  void tablesOutsideMemory() {
    state.put(ScalableTables.FIRST[2], OUTSIDE | 7);
    assertFault(tables.read(0x3000), 0x70, FaultKind.TABLE_READ);
    state.put(ScalableTables.PASID_ENTRY + 16, OUTSIDE);
    assertFault(tables.read(0x3000), 0x73, FaultKind.TABLE_READ);
  }

  @Test
  void aPagingModeThatDoesNotExistIsInvalid() {
    for (int mode = 2; mode < 4; mode++) {
      state.put(ScalableTables.PASID_ENTRY + 16, ScalableTables.FIRST[0] | mode << 2);
      assertFault(tables.read(0x3000), 0x5b, FaultKind.MALFORMED);
    }
  }

  @Test
  void translationLeadsToTheInterruptRange() {
    state.put(ScalableTables.firstEntry(0x3000), 0xfee0_0007L);
    assertFault(tables.write(0x3000), 0x87, FaultKind.RESERVED);
  }
}
