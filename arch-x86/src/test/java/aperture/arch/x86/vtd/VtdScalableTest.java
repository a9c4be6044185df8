package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.Assertions.assertFault;
import static aperture.arch.x86.vtd.Assertions.assertTranslated;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuInstance;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a walk in scalable mode answers when the tables are good. */
class VtdScalableTest {

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0x10, 0x40})
  void theSecondLevelOfAPasidEntryTranslates(int version) {
    ScalableTables tables = new ScalableTables(state, version, 2);
    state.put(ScalableTables.secondEntry(0x3000), 0x7654001);

    WalkResult result = tables.read(0x3123);

    assertTranslated(result, 0x3000, 0x7654000, 0x1000, Permission.READ);
    assertThat(result.domain()).isEqualTo(0xabcd);
  }

  @ParameterizedTest
  @ValueSource(ints = {0x10, 0x40})
  void passThroughMeansTheAddressItself(int version) {
    ScalableTables tables = new ScalableTables(state, version, 4);

    WalkResult result = tables.write(0x1234_5678L);

    assertThat(result.gpaOf(0x1234_5678L)).isEqualTo(0x1234_5678L);
    assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(0xabcd);
  }

  @Test
  void lowFunctionsHaveTheLowHalfOfTheRootEntry() {
    ScalableTables tables = new ScalableTables(state, 0x40, 4);
    state.put(ScalableTables.ROOT_HALF, 0);
    assertFault(tables.read(0x1000), 0x39, FaultKind.BLOCKED);

    state.put(ScalableTables.ROOT_HALF - 8, ScalableTables.CONTEXT | 1);
    assertFault(tables.read(0x1000), 0x39, FaultKind.BLOCKED);
    assertThat(tables.walk(state.endpoint(3, 5), 0x1000, Access.READ).outcome())
        .isEqualTo(Outcome.TRANSLATED);
  }

  @Test
  void aRequestWithPasidHasTablesOfItsOwn() {
    ScalableTables tables = new ScalableTables(state, 0x40, 2);
    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 0xd);
    state.put(ScalableTables.PASID_ENTRY + 64, 4 << 6 | 2 << 2 | 1);
    state.put(ScalableTables.PASID_ENTRY + 64 + 8, 7);

    WalkResult result = tables.walk(tables.asking(Map.of("pasid", "0x46")), 0x5000, Access.WRITE);

    assertThat(result.gpaOf(0x5000)).isEqualTo(0x5000);
    assertThat(result.domain()).isEqualTo(7);
    assertFault(tables.read(0x5000), 0x79, FaultKind.UNMAPPED);
  }

  @Test
  void aRequestWithPasidToTheInterruptRangeIsTranslated() {
    ScalableTables tables = new ScalableTables(state, 0x40, 2);
    state.put(ScalableTables.CONTEXT_ENTRY, ScalableTables.DIRECTORY | 0xd);
    state.put(ScalableTables.SECOND[1] + 3 * 8, 0x4000_0083L);

    WalkResult result =
        tables.walk(tables.asking(Map.of("pasid", "69")), 0xfee0_1000L, Access.READ);

    assertThat(result.gpaOf(0xfee0_1000L)).isEqualTo(0x7ee0_1000L);
    assertFault(tables.read(0xfee0_1000L), -1, FaultKind.RESERVED);
  }

  @Test
  void translatedRequestsPassWhereTheDeviceTlbIsAllowed() {
    ScalableTables tables = new ScalableTables(state, 0x40, 2);
    state.put(ScalableTables.secondEntry(0x3000), 0x7654003);

    WalkResult translated =
        tables.walk(tables.asking(Map.of("request", "translated")), 0x3000, Access.READ);
    WalkResult translation =
        tables.walk(tables.asking(Map.of("request", "translation")), 0x3000, Access.READ);

    assertThat(translated.gpaOf(0x3000)).isEqualTo(0x3000);
    assertThat(translation.gpaOf(0x3000)).isEqualTo(0x7654000);
  }

  @Test
  void everyStructureReadIsNotedAndDecoded() {
    ScalableTables tables = new ScalableTables(state, 0x40, 2);
    state.put(ScalableTables.secondEntry(0x3000), 0x7654803);
    IommuInstance instance = tables.attach();

    WalkResult result = tables.read(0x3000);

    List<String> lines = new ArrayList<>();
    for (int i = 0; i < result.steps(); i++) {
      String structure = result.stepStructure(i);
      lines.add(
          "%s at 0x%x: %s"
              .formatted(
                  structure,
                  result.stepAddress(i),
                  instance.decode(structure, result.stepValue(i))));
    }
    assertThat(lines)
        .containsExactly(
            "scalable root entry at 0x100038: present, context table 0x101000",
            "scalable context entry at 0x101500: present, PASID directory 0x102000 of 128 entries,"
                + " device TLB allowed",
            "scalable context entry, word 1 at 0x101508: PASID 0x45 for requests without one",
            "PASID directory entry at 0x102008: present, PASID table 0x103000",
            "PASID entry at 0x103140: present, second level, second-level table 0x110000,"
                + " 4 levels (48 bits)",
            "PASID entry, word 1 at 0x103148: domain 43981",
            "PASID entry, word 2 at 0x103150: first-level table 0x120000, 4 levels",
            "second-level entry, level 4 at 0x110000: RW, table 0x111000",
            "second-level entry, level 3 at 0x111000: RW, table 0x112000",
            "second-level entry, level 2 at 0x112000: RW, table 0x113000",
            "second-level entry, level 1 at 0x113018: RW, page 0x7654000, snooped");
  }

  @Test
  void entriesOfALinuxKernelAreDecoded() {
    assertThat(VtdDecoder.decode("scalable context entry", 0x2842405))
        .isEqualTo("present, PASID directory 0x2842000 of 512 entries, device TLB allowed");
    assertThat(VtdDecoder.decode("PASID directory entry", 0x2889001))
        .isEqualTo("present, PASID table 0x2889000");
    assertThat(VtdDecoder.decode("PASID entry", 0x2888085))
        .isEqualTo("present, second level, second-level table 0x2888000, 3 levels (39 bits)");
    assertThat(VtdDecoder.decode("PASID entry, word 1", 6)).isEqualTo("domain 6");
    assertThat(VtdDecoder.decode("first-level entry, level 2", 0x40_00e7))
        .isEqualTo("RWU, large page 0x400000");
    assertThat(VtdDecoder.decode("first-level entry, level 1", 0)).isEqualTo("not present");
  }
}
