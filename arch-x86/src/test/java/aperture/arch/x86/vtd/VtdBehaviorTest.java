package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.AttachRefusedException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VtdBehaviorTest {

  private final TestState state = new TestState();

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void aScalableRootTableIsRefusedByName() {
    HandmadeTables.threeLevels(state);
    state.registers().set("RTADDR", 0x27a7400);

    assertThatThrownBy(() -> new VtdBehavior().attach(state))
        .isInstanceOf(AttachRefusedException.class)
        .hasMessage("scalable-mode root table is not modelled");
  }

  @Test
  void theReservedRootTableModeIsRefusedByName() {
    HandmadeTables.threeLevels(state);
    state.registers().set("RTADDR", 0x27a7800);

    assertThatThrownBy(() -> new VtdBehavior().attach(state))
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("mode 10b");
  }

  @Test
  void aStateWithoutTheRegistersOfAWalkIsRefusedByTheirName() {
    for (String missing : new String[] {"CAP", "ECAP", "RTADDR"}) {
      try (TestState other = new TestState()) {
        HandmadeTables.threeLevels(other);
        other.values.remove(missing);

        assertThatThrownBy(() -> new VtdBehavior().attach(other))
            .isInstanceOf(AttachRefusedException.class)
            .hasMessageContaining("register " + missing + " is missing");
      }
    }
  }

  @Test
  void attachingChangesNothing() throws Exception {
    HandmadeTables.threeLevels(state);
    Map<String, Long> before = Map.copyOf(state.values);

    new VtdBehavior().attach(state);

    assertThat(state.values).isEqualTo(before);
    assertThat(state.taken).isEmpty();
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void widthsThatNoUnitHasAreRefused() {
    assertThatThrownBy(() -> new VtdBehavior(57)).isInstanceOf(IllegalArgumentException.class);
  }
}
