package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VtdBehaviorTest {

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void aScalableRootTableIsRefusedOfAUnitWithoutScalableMode() throws Exception {
    HandmadeTables.threeLevels(state);
    state.registers().set("RTADDR", 0x27a7400);

    assertThatThrownBy(() -> new VtdBehavior().attach(state))
        .isInstanceOf(AttachRefusedException.class)
        .hasMessage("scalable-mode root table, but ECAP 0xf42 has no scalable mode");

    state.registers().set("ECAP", 0x4800_8000_0f46L);
    assertThat(new VtdBehavior().attach(state).tableDriver()).isPresent();
  }

  @Test
  void anEndpointWhoseRequestsMakeNoSenseIsRefused() {
    HandmadeTables.threeLevels(state);
    for (Map<String, String> attributes :
        List.of(
            Map.of("pasid", "0x100000"),
            Map.of("pasid", ""),
            Map.of("pasid", "0x"),
            Map.of("pasid", "-1"),
            Map.of("request", "guess"))) {
      state.endpoints.set(0, new Endpoint(0, "03:05.0", 0x328, attributes));

      assertThatThrownBy(() -> new VtdBehavior().attach(state))
          .as("%s", attributes)
          .isInstanceOf(AttachRefusedException.class)
          .hasMessageStartingWith("03:05.0: '");
    }
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
      try (BareState other = new BareState()) {
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
    assertThatThrownBy(() -> new VtdBehavior(40)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void optionsThatMakeNoSenseAreRefused() {
    for (Map.Entry<String, String> option :
        List.of(
            Map.entry("aw-bits", "40"),
            Map.entry("aw-bits", ""),
            Map.entry("mode", "nested"),
            Map.entry("invalidation", "never"))) {
      state.options.clear();
      state.options.put(option.getKey(), option.getValue());

      assertThatThrownBy(() -> new VtdBehavior().attach(state))
          .isInstanceOf(AttachRefusedException.class)
          .hasMessageStartingWith(option.getKey() + "=" + option.getValue() + ": ");
    }
    assertThat(new VtdBehavior().options())
        .containsExactlyInAnyOrder("aw-bits", "mode", "invalidation");
  }

  @Test
  void theWidthOfAFreshUnitIsAnOption() throws Exception {
    state.options.put("aw-bits", "57");

    new VtdBehavior().attach(state).tableDriver().orElseThrow().initialize();

    assertThat(state.values.get("CAP")).isEqualTo(HandmadeTables.CAP_57);
  }
}
