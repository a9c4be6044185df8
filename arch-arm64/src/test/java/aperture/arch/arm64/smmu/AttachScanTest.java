package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.AttachRefusedException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** State that needs what is not modelled is refused by name. */
class AttachScanTest {

  private final SmmuFixture state = new SmmuFixture();

  @BeforeEach
  void build() {
    HandMadeTables.build(state);
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void assertRefused(String what) {
    assertThatThrownBy(state::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("00:01.0")
        .hasMessageContaining(what);
  }

  @Test
  void whatALinuxGuestBuildsIsAccepted() {
    assertThatCode(state::attach).doesNotThrowAnyException();
  }

  @Test
  void shortStage2TablesAreRefusedWhereTheSmmuHasThem() {
    state.put(HandMadeTables.ENTRY, 0xd);
    assertThatCode(state::attach).as("illegal there, and modelled").doesNotThrowAnyException();
    state.set("IDR0", 0x0d40_101bL);
    assertThatCode(state::attach).as("illegal there too").doesNotThrowAnyException();

    state.set("IDR0", 0x0d40_101fL);
    assertRefused("S2AA64");
    state.put(HandMadeTables.ENTRY, HandMadeTables.CONTEXT | 0xf);
    assertRefused("S2AA64");
  }

  @Test
  void whatNestedStreamsNeedBehindStage2IsFoundToo() {
    HandMadeStage2.build(state, 7);
    state.set("IDR0", 0x0d40_101fL);
    assertThatCode(state::attach).doesNotThrowAnyException();
    state.put(HandMadeTables.CONTEXT, HandMadeTables.CONTEXT_0 & ~(1L << 41));
    assertRefused("CD.AA64");
  }

  @Test
  void shortTablesAreRefusedWhereTheSmmuHasThem() {
    state.put(HandMadeTables.CONTEXT, HandMadeTables.CONTEXT_0 & ~(1L << 41));
    assertThatCode(state::attach).doesNotThrowAnyException();

    state.set("IDR0", 0x0d40_101eL);
    assertRefused("AA64");
  }

  @Test
  void shortTablesBehindATwoLevelContextTableAreFoundToo() {
    long table = 0x4014_0000L;
    state.set("IDR0", 0x0d40_101eL | 1 << 19);
    state.set("IDR1", 0x0273_0010L | 10 << 6);
    state.put(table, HandMadeTables.CONTEXT | 1);
    state.put(HandMadeTables.ENTRY, 8L << 59 | table | 1 << 4 | 0xb);
    assertThatCode(state::attach).doesNotThrowAnyException();

    state.put(HandMadeTables.CONTEXT, HandMadeTables.CONTEXT_0 & ~(1L << 41));
    assertRefused("AA64");
  }

  @Test
  void hypervisorStreamsWithoutHostExtensionsAreRefused() {
    state.put(HandMadeTables.ENTRY + 8, 0xd6 | 2L << 30);
    assertThatCode(state::attach).doesNotThrowAnyException();

    state.set("IDR0", 0x0d40_101aL | 1 << 9);
    assertRefused("STRW");
    state.set("CR2", 7);
    assertThatCode(state::attach).doesNotThrowAnyException();
  }

  @Test
  void wideDescriptorsAreRefused() {
    state.set("IDR5", 0xf6);
    assertRefused("IDR5.DS");
  }

  @Test
  void entriesThatCannotBeReadAreForTheWalkToReport() {
    state.put(HandMadeTables.STREAMS, 0x1000_0009L);
    assertThatCode(state::attach).doesNotThrowAnyException();
    state.put(HandMadeTables.STREAMS, HandMadeTables.STREAMS_2 | 9);
    state.put(HandMadeTables.ENTRY, 0x1000_000bL);
    assertThatCode(state::attach).doesNotThrowAnyException();
  }

  @Test
  void attachingChangesNothing() throws Exception {
    int before = state.registerWrites.size();
    state.attach();

    assertThat(state.registerWrites).hasSize(before);
    assertThat(state.invalidations).isEmpty();
    assertThat(state.pagesOut()).isZero();
  }
}
