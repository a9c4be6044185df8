package aperture.arch.x86.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.iommu.AttachRefusedException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AmdViBehaviorTest {

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  private void assertRefused(String message) {
    assertThatThrownBy(() -> new AmdViBehavior().attach(state))
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining(message);
  }

  @Test
  void anExclusionRangeIsRefusedByName() {
    HandmadeTables.threeLevels(state);
    state.registers().set("EXCL_BASE", 0x1001);

    assertRefused("exclusion range is not modelled");
  }

  @Test
  void aSegmentedDeviceTableIsRefusedByName() {
    HandmadeTables.threeLevels(state);
    state.registers().set("CONTROL", HandmadeTables.CONTROL | 3L << 34);

    assertRefused("device table segments are not modelled");
  }

  @Test
  void aStateWithoutTheRegistersOfAWalkIsRefusedByTheirName() {
    HandmadeTables.threeLevels(state);
    state.values.remove("EXT_FEATURES");
    assertRefused("register EXT_FEATURES is missing");

    state.values.remove("DEVTAB");
    assertRefused("register DEVTAB is missing");
  }

  @Test
  void attachingChangesNothing() throws Exception {
    HandmadeTables.threeLevels(state);
    Map<String, Long> before = Map.copyOf(state.values);

    new AmdViBehavior().attach(state);

    assertThat(state.values).isEqualTo(before);
    assertThat(state.taken).isEmpty();
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void everyPowerOfTwoThatThreeLevelsHoldIsAPageSize() {
    assertThat(new AmdViBehavior().capabilities().pageSizes())
        .hasSize(27)
        .contains(1L << 12, 1L << 13, 1L << 21, 1L << 30, 1L << 38);
  }
}
