package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.Assertions.assertFault;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each thing that can be wrong with scalable-mode structures gives the documented reason: of the
 * architecture's list for a unit by the book (version 0x40), of QEMU 7.2 for its own (0x10).
 */
class VtdScalableFaultTest {

  private static final long OUTSIDE = 0x1_0000_0000L;

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  private ScalableTables tables(int version) {
    ScalableTables tables = new ScalableTables(state, version, 2);
    state.put(ScalableTables.secondEntry(0x3000), 0x7654003);
    assertThat(tables.read(0x3000).outcome()).isEqualTo(Outcome.TRANSLATED);
    return tables;
  }

  /** Changes one word, expects the fault, and puts the word back. */
  private WalkResult with(ScalableTables tables, long address, long value, int reason) {
    long good = state.get(address);
    state.put(address, value);
    WalkResult result = tables.read(0x3000);
    assertThat(result.outcome()).isEqualTo(Outcome.FAULT);
    assertThat("0x%x".formatted(result.faultReason())).isEqualTo("0x%x".formatted(reason));
    state.put(address, good);
    return result;
  }

  @ParameterizedTest
  @CsvSource({"0x10, 8, 1, 0xa", "0x40, 0x38, 0x39, 0x3a"})
  void rootEntry(int version, int unreadable, int absent, int reserved) {
    ScalableTables tables = tables(version);
    with(tables, ScalableTables.ROOT_HALF, ScalableTables.CONTEXT, absent);
    for (int bit = 1; bit < 64; bit = bit == 11 ? 48 : bit + 1) {
      long bad = ScalableTables.CONTEXT | 1 | 1L << bit;
      assertThat(with(tables, ScalableTables.ROOT_HALF, bad, reserved).recorded()).isTrue();
    }
    state.registers().set("RTADDR", OUTSIDE | 0x400);
    assertFault(tables.read(0x3000), unreadable, FaultKind.TABLE_READ);
  }

  @ParameterizedTest
  @CsvSource({"0x10, 9, 2, 0xb", "0x40, 0x40, 0x41, 0x42"})
  void contextEntry(int version, int unreadable, int absent, int reserved) {
    ScalableTables tables = tables(version);
    long entry = ScalableTables.CONTEXT_ENTRY;
    with(tables, ScalableTables.ROOT_HALF, OUTSIDE | 1, unreadable);
    with(tables, entry, ScalableTables.DIRECTORY, absent);
    for (int bit : new int[] {5, 6, 7, 8, 48, 51, 52, 63}) {
      with(tables, entry, ScalableTables.DIRECTORY | 5 | 1L << bit, reserved);
    }
    for (int bit = 21; bit < 64; bit++) {
      with(tables, entry + 8, ScalableTables.PASID | 1L << bit, reserved);
    }
    for (int bit = 0; bit < 64; bit++) {
      with(tables, entry + 16, 1L << bit, reserved);
      with(tables, entry + 24, 1L << bit, reserved);
    }
  }

  @ParameterizedTest
  @CsvSource({"0x10, 0x58, 0x58", "0x40, 0x50, 0x51"})
  void pasidDirectory(int version, int unreadable, int absent) {
    ScalableTables tables = tables(version);
    assertThat(with(tables, ScalableTables.CONTEXT_ENTRY, OUTSIDE | 5, unreadable).faultKind())
        .isEqualTo(FaultKind.TABLE_READ);
    with(tables, ScalableTables.DIRECTORY_ENTRY, ScalableTables.PASIDS, absent);
  }

  @ParameterizedTest
  @CsvSource({"0x10, 0x58, 0x58, 0x58", "0x40, 0x58, 0x59, 0x5b"})
  void pasidEntry(int version, int unreadable, int absent, int invalid) {
    ScalableTables tables = tables(version);
    long entry = ScalableTables.PASID_ENTRY;
    with(tables, ScalableTables.DIRECTORY_ENTRY, OUTSIDE | 1, unreadable);
    with(tables, entry, state.get(entry) & ~1, absent);
    for (int pgtt : new int[] {0, 5, 6, 7}) {
      with(tables, entry, ScalableTables.SECOND[0] | pgtt << 6 | 2 << 2 | 1, invalid);
    }
    for (int width : new int[] {0, 3, 4, 7}) {
      with(tables, entry, ScalableTables.SECOND[0] | 2 << 6 | width << 2 | 1, invalid);
    }
  }

  @Test
  void reservedBitsOfPasidStructuresByTheBook() {
    ScalableTables tables = tables(0x40);
    for (int bit = 2; bit < 64; bit = bit == 11 ? 48 : bit + 1) {
      with(tables, ScalableTables.DIRECTORY_ENTRY, ScalableTables.PASIDS | 1 | 1L << bit, 0x52);
    }
    long entry = ScalableTables.PASID_ENTRY;
    for (int bit : new int[] {10, 11, 48, 55, 63}) {
      with(tables, entry, state.get(entry) | 1L << bit, 0x5a);
    }
    for (int bit = 16; bit < 23; bit++) {
      with(tables, entry + 8, 0xabcd | 1L << bit, 0x5a);
    }
    for (int bit : new int[] {8, 9, 10, 11, 48, 55, 63}) {
      with(tables, entry + 16, ScalableTables.FIRST[0] | 1L << bit, 0x5a);
    }
  }

  @Test
  void theEmulatedUnitIgnoresReservedBitsOfPasidStructures() {
    ScalableTables tables = tables(0x10);
    state.put(ScalableTables.DIRECTORY_ENTRY, ScalableTables.PASIDS | 1 | 0xffc);
    long entry = ScalableTables.PASID_ENTRY;
    state.put(entry, state.get(entry) | 0xc00);
    state.put(entry + 8, 0x7f_abcd);
    state.put(entry + 16, 0xf00);

    assertThat(tables.read(0x3000).outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @Test
  void tablesThatTheUnitDoesNotHaveAreInvalid() {
    ScalableTables tables = tables(0x40);
    long[][] lacks = {{1, 47}, {2, 46}, {3, 26}, {4, 6}};
    for (long[] lack : lacks) {
      state.registers().set("ECAP", ScalableTables.ECAP & ~(1L << lack[1]));
      long word0 = ScalableTables.SECOND[0] | lack[0] << 6 | 2 << 2 | 1;
      with(tables, ScalableTables.PASID_ENTRY, word0, 0x5b);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0x10, 3, 7, 6, 5, 6, 5, 0xc, 4",
    "0x40, 0x7b, 0x78, 0x79, 0x79, 0x86, 0x85, 0x7a, 0x84"
  })
  void secondLevel(
      int version,
      int topUnreadable,
      int unreadable,
      int unmappedRead,
      int unmappedWrite,
      int deniedRead,
      int deniedWrite,
      int reserved,
      int beyond) {
    ScalableTables tables = tables(version);
    with(tables, ScalableTables.PASID_ENTRY, OUTSIDE | 2 << 6 | 2 << 2 | 1, topUnreadable);
    with(tables, ScalableTables.SECOND[0], OUTSIDE | 3, unreadable);
    assertFault(tables.read(0x4000), unmappedRead, FaultKind.UNMAPPED);
    assertFault(tables.write(0x4000), unmappedWrite, FaultKind.UNMAPPED);
    state.put(ScalableTables.secondEntry(0x5000), 0x7654002);
    assertFault(tables.read(0x5000), deniedRead, FaultKind.DENIED);
    state.put(ScalableTables.secondEntry(0x5000), 0x7654001);
    assertFault(tables.write(0x5000), deniedWrite, FaultKind.DENIED);
    for (int bit = 48; bit < 52; bit++) {
      with(tables, ScalableTables.secondEntry(0x3000), 0x7654003 | 1L << bit, reserved);
    }
    assertFault(tables.read(1L << 48), beyond, FaultKind.ADDRESS_SIZE);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x10, 0x40})
  void translationsThatLeadToTheInterruptRange(int version) {
    ScalableTables tables = tables(version);
    with(tables, ScalableTables.secondEntry(0x3000), 0xfee0_5003L, 0x87);
  }

  @Test
  void theEmulatedUnitHasThatNumberInLegacyModeToo() {
    HandmadeTables tables = HandmadeTables.threeLevels(state);
    state.put(HandmadeTables.LOW + 3 * 8, 0xfeef_f003L);
    state.registers().set("ECAP", 0x4800_8000_0f46L);
    state.registers().set("VER", 0x10);
    assertFault(tables.read(HandmadeTables.IOVA), 0x87, FaultKind.RESERVED);

    state.registers().set("VER", 0x40);
    assertFault(tables.read(HandmadeTables.IOVA), 0xe, FaultKind.RESERVED);
  }

  @Test
  void passThroughBeyondTheHost() {
    ScalableTables tables = new ScalableTables(state, 0x40, 4);
    assertThat(tables.read((1L << 48) - 1).outcome()).isEqualTo(Outcome.TRANSLATED);
    assertFault(tables.read(1L << 48), 0x83, FaultKind.ADDRESS_SIZE);
    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 0xd);
    assertFault(
        tables.walk(tables.asking(Map.of("pasid", "0x45")), 0xfee0_0000L, Access.WRITE),
        0x87,
        FaultKind.RESERVED);
  }

  @Test
  void pasidsThatMayNotBeUsed() {
    ScalableTables tables = tables(0x40);
    var asker = tables.asking(Map.of("pasid", "0x45"));
    assertFault(tables.walk(asker, 0x3000, Access.READ), 0x45, FaultKind.BLOCKED);

    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 0xd);
    assertThat(tables.walk(asker, 0x3000, Access.READ).outcome()).isEqualTo(Outcome.TRANSLATED);
    var large = tables.asking(Map.of("pasid", "0x2000"));
    assertFault(tables.walk(large, 0x3000, Access.READ), 0x46, FaultKind.BLOCKED);
    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 0x20d);
    assertFault(tables.walk(large, 0x3000, Access.READ), 0x51, FaultKind.BLOCKED);

    with(tables, ScalableTables.CONTEXT_ENTRY + 8, 0x4000, 0x48);
    state.registers().set("RTADDR", ScalableTables.ROOT);
    assertFault(tables.walk(asker, 0x3000, Access.READ), 0x31, FaultKind.BLOCKED);
  }

  @Test
  void supervisorRequestsMustBeEnabled() {
    ScalableTables tables = tables(0x40);
    long rid = ScalableTables.PASID | 1L << 20;
    state.put(ScalableTables.CONTEXT_ENTRY + 8, rid);
    assertThat(tables.read(0x3000).outcome()).isEqualTo(Outcome.TRANSLATED);

    state.registers().set("ECAP", ScalableTables.ECAP | 1L << 53);
    assertFault(tables.read(0x3000), 0x5d, FaultKind.DENIED);
    state.put(ScalableTables.PASID_ENTRY + 16, 1);
    assertThat(tables.read(0x3000).outcome()).isEqualTo(Outcome.TRANSLATED);
  }

  @Test
  void requestsOfADeviceTlbAreBlockedWhereTheContextEntrySaysSo() {
    ScalableTables tables = tables(0x40);
    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 1);
    for (String type : new String[] {"translation", "translated"}) {
      var asker = tables.asking(Map.of("request", type));
      assertFault(tables.walk(asker, 0x3000, Access.READ), 0x44, FaultKind.BLOCKED);
    }
  }

  @Test
  void qualifiedFaultsAreNotRecordedWhereAnyEntryOnTheWaySaysSo() {
    ScalableTables tables = tables(0x40);
    assertThat(tables.read(0x4000).recorded()).isTrue();
    for (long entry :
        new long[] {
          ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY_ENTRY, ScalableTables.PASID_ENTRY
        }) {
      long good = state.get(entry);
      state.put(entry, good | 2);
      assertThat(tables.read(0x3000).outcome()).isEqualTo(Outcome.TRANSLATED);
      assertThat(tables.read(0x4000).recorded()).isFalse();
      state.put(entry, good);
    }
    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 7);
    assertThat(with(tables, ScalableTables.DIRECTORY_ENTRY, 0, 0x51).recorded()).isFalse();
    assertThat(with(tables, ScalableTables.DIRECTORY_ENTRY, OUTSIDE | 1, 0x58).recorded()).isTrue();
  }

  @Test
  void theEmulatedUnitRecordsItsPasidFaultsWhateverTheEntriesSay() {
    ScalableTables tables = tables(0x10);
    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 7);

    assertThat(with(tables, ScalableTables.DIRECTORY_ENTRY, 0, 0x58).recorded()).isTrue();
    assertThat(tables.read(0x4000).recorded()).isFalse();
  }

  @Test
  void aFaultNamesTheStructureItsAddressAndItsValue() {
    ScalableTables tables = tables(0x40);
    state.put(ScalableTables.DIRECTORY_ENTRY, 0x1000);

    String line = tables.read(0x3000).toFault(tables.endpoint, 0x3000, Access.READ).describe();

    assertThat(line)
        .isEqualTo(
            "03:15.0 read of 0x3000: BLOCKED (reason 0x51, no PASID directory entry);"
                + " PASID directory entry at 0x102008 reads 0x1000");
  }
}
