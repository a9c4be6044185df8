package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.WalkResult;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SmmuV3DecoderTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          stream table descriptor  | 4ba60009         | Span=9 L2Ptr=0x4ba60000
          stream table descriptor  | 4ba60000         | Span=0: no table
          stream table entry       | 42ccf00b | V=1 Config=stage 1 S1Fmt=0 S1CDMax=0 S1ContextPtr=0x42ccf000
          stream table entry       | 9 | V=1 Config=bypass S1Fmt=0 S1CDMax=0 S1ContextPtr=0x0
          stage 2 table            | 40600007         | S2TTB=0x40600000
          context table descriptor | 42001001         | V=1 L2Ptr=0x42001000
          level 1 descriptor       | 6000000040201003 | table at 0x40201000, read only below, privileged below
          level 3 descriptor       | 40200f47         | page at 0x40200000, read and write
          level 3 descriptor       | 402003c7 | page at 0x40200000, read only, access flag clear, global
          level 2 descriptor       | 8000040400f05 | block at 0x40400000, read and write, privileged, dirty state managed
          level 2 descriptor       | 0                | not valid
          stage 2 level 0 descriptor of a table   | 40201003 | table at 0x40201000
          stage 2 level 3 descriptor              | 437fd07ff | page at 0x437fd0000, read and write
          stage 2 level 2 descriptor              | 438007bd | block at 0x43800000, write only
          stage 2 level 3 descriptor of a context | 4300077f | page at 0x43000000, read only
          stage 2 level 3 descriptor              | 4300033f | page at 0x43000000, no access, access flag clear
          intermediate address of a table         | 0 | stage 2 translates it
          """)
  void structuresAreExplainedInTheArchitecturesWords(String structure, String value, String text) {
    assertThat(SmmuV3Decoder.decode(structure, Long.parseUnsignedLong(value, 16))).isEqualTo(text);
  }

  @Test
  void theContextOfALinuxGuestIsExplained() {
    assertThat(SmmuV3Decoder.decode("context descriptor", HandMadeTables.CONTEXT_0))
        .isEqualTo(
            "V=1 T0SZ=16 TG0=4K TBI0=0 EPD1=1 IPS=4 AA64=1 ENDI=0 AFFD=0 PAN=0"
                + " HD=0 HA=0 S=0 R=1 A=1 ASID=1");
    assertThat(SmmuV3Decoder.decode("context descriptor", 3L << 22 | 25L << 16 | 1 << 14))
        .startsWith("V=0 EPD0=1 T1SZ=25 TG1=64K TBI1=0");
  }

  @Test
  void theStage2HalfOfAnEntryIsExplained() {
    assertThat(SmmuV3Decoder.decode("stage 2 control", HandMadeStage2.CONTROL))
        .isEqualTo(
            "S2VMID=7 S2T0SZ=24 S2SL0=1 S2TG=4K S2PS=4 S2AA64=1 S2ENDI=0 S2AFFD=0 S2PTW=0"
                + " S2HD=0 S2HA=0 S2S=0 S2R=1");
    assertThat(SmmuV3Decoder.decode("stage 2 control", 3L << 46)).contains("S2TG=reserved");
  }

  @Test
  void everyStepOfANestedWalkIsExplainedWhateverItReads() throws Exception {
    try (SmmuFixture state = new SmmuFixture()) {
      Endpoint endpoint = HandMadeStage2.build(state, 7);
      WalkResult walk = state.walk(state.attach(), endpoint, HandMadeTables.PAGE, Access.READ);
      Random random = new Random(3);
      assertThat(walk.steps()).isEqualTo(18);
      for (int step = 0; step < walk.steps(); step++) {
        for (int i = 0; i < 100; i++) {
          long value = i == 0 ? walk.stepValue(step) : random.nextLong();
          assertThat(SmmuV3Decoder.decode(walk.stepStructure(step), value)).isNotEmpty();
        }
      }
    }
  }

  @Test
  void whatIsNoStructureHasNoExplanation() {
    assertThat(SmmuV3Decoder.decode("something else", 1)).isEmpty();
    assertThat(SmmuV3Decoder.decode("", 1)).isEmpty();
  }
}
