package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.Assertions.assertFault;
import static aperture.arch.x86.vtd.Assertions.assertTranslated;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Legacy tables of 3, 4 and 5 levels, all in a unit of 57 bits; and who may ask what. */
class VtdLevelsTest {

  private static final long TABLES = 0x20_0000;
  private static final long OUTSIDE = 0x1_0000_0000L;

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  /** Entry 5 of each level leads to the next, and to page 0x7654000 in the end. */
  private HandmadeTables levels(int levels) {
    HandmadeTables tables =
        new HandmadeTables(state, HandmadeTables.CAP_57, table(levels) | 1, 0x600 | levels - 2);
    for (int level = levels; level > 1; level--) {
      state.put(entry(level), table(level - 1) | 3);
    }
    state.put(entry(1), 0x7654003);
    return tables;
  }

  private static long table(int level) {
    return TABLES + level * 0x1000L;
  }

  private static long entry(int level) {
    return table(level) + 5 * 8;
  }

  private static long iova(int levels) {
    long iova = 0;
    for (int level = 1; level <= levels; level++) {
      iova |= 5L << 12 + 9 * (level - 1);
    }
    return iova;
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void everyLevelIsReadInItsPlace(int levels) {
    HandmadeTables tables = levels(levels);
    long iova = iova(levels);

    assertTranslated(tables.read(iova), iova, 0x7654000, 0x1000, Permission.READ_WRITE);
    for (int level = levels; level >= 1; level--) {
      long good = state.get(entry(level));
      state.put(entry(level), 0);
      assertFault(tables.read(iova), 6, FaultKind.UNMAPPED);
      assertFault(tables.write(iova), 5, FaultKind.UNMAPPED);
      state.put(entry(level), good & ~1);
      assertFault(tables.read(iova), 6, FaultKind.DENIED);
      assertThat(tables.write(iova).permission()).isEqualTo(Permission.WRITE);
      state.put(entry(level), good & ~2);
      assertFault(tables.write(iova), 5, FaultKind.DENIED);
      assertThat(tables.read(iova).permission()).isEqualTo(Permission.READ);
      state.put(entry(level), good | 1L << 11);
      assertFault(tables.read(iova), 0xc, FaultKind.MALFORMED);
      state.put(entry(level), good | 1L << 62);
      assertFault(tables.read(iova), 0xc, FaultKind.MALFORMED);
      if (level > 1) {
        state.put(entry(level), OUTSIDE | 3);
        assertFault(tables.read(iova), 7, FaultKind.TABLE_READ);
      }
      state.put(entry(level), good);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void pagesAreOf4KiB2MiBAnd1GiB(int levels) {
    HandmadeTables tables = levels(levels);
    long iova = iova(levels);
    for (int level = 2; level <= levels; level++) {
      long good = state.get(entry(level));
      long size = 1L << 12 + 9 * (level - 1);
      state.put(entry(level), 0x80_0000_0000L | 0x83);
      if (level <= 3) {
        assertTranslated(
            tables.read(iova), iova & -size, 0x80_0000_0000L, size, Permission.READ_WRITE);
      } else {
        assertFault(tables.read(iova), 0xc, FaultKind.MALFORMED);
      }
      state.put(entry(level), good);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5})
  void addressesBeyondTheLevelsFault(int levels) {
    HandmadeTables tables = levels(levels);
    for (int bit = 12 + 9 * levels; bit < 64; bit++) {
      assertFault(tables.read(iova(levels) | 1L << bit), 4, FaultKind.ADDRESS_SIZE);
    }
  }

  @Test
  void entriesHaveNoAddressBitsAbove51() {
    HandmadeTables tables = levels(5);
    state.put(entry(1), 0xf_ffff_ffff_f003L);

    assertThat(tables.read(iova(5)).gpaBase()).isEqualTo(0xf_ffff_ffff_f000L);
  }

  @Test
  void requestsOfADeviceTlbNeedATranslationTypeThatAllowsThem() {
    HandmadeTables tables = levels(3);
    state.registers().set("ECAP", HandmadeTables.ECAP | 4);
    Endpoint translation = asking(tables, "request", "translation");
    Endpoint translated = asking(tables, "request", "translated");
    for (int type : new int[] {0, 2}) {
      state.put(tables.contextEntry, table(3) | 1 | type << 2);
      assertFault(walk(tables, translation, iova(3)), 0xd, FaultKind.BLOCKED);
      assertFault(walk(tables, translated, iova(3)), 0xd, FaultKind.BLOCKED);
      assertThat(tables.read(iova(3)).outcome()).isEqualTo(Outcome.TRANSLATED);
    }
    state.put(tables.contextEntry, table(3) | 1 | 1 << 2);

    assertThat(walk(tables, translation, iova(3)).gpaBase()).isEqualTo(0x7654000);
    assertThat(walk(tables, translated, iova(3)).gpaOf(iova(3))).isEqualTo(iova(3));
    state.put(tables.contextEntry, table(3) | 3);
    assertThat(walk(tables, translated, iova(3)).recorded()).isFalse();
  }

  @Test
  void thereAreNoPasidsInLegacyMode() {
    HandmadeTables tables = levels(3);

    assertFault(walk(tables, asking(tables, "pasid", "0"), iova(3)), 0x31, FaultKind.BLOCKED);
  }

  private static Endpoint asking(HandmadeTables tables, String name, String value) {
    Endpoint endpoint = tables.endpoint;
    return new Endpoint(0, endpoint.id(), endpoint.requesterId(), Map.of(name, value));
  }

  private static WalkResult walk(HandmadeTables tables, Endpoint asker, long iova) {
    return BareState.walk(tables.attach().walker(), asker, iova, Access.READ);
  }
}
