package aperture.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The right word for a wrong one. */
class NearestTest {

  @Test
  void theFewestEditsWinAndOfEqualsTheFirstInTheAlphabet() {
    assertThat(Nearest.to("blq", List.of("rng", "net", "blk"))).contains("blk");
    assertThat(Nearest.to("b", List.of("d", "c"))).contains("c");
    assertThat(Nearest.to("pc-q35-72", List.of("pc-q35-7.2", "pc-q35-7.1"))).contains("pc-q35-7.2");
  }

  @Test
  void whatIsTooFarIsNotMeant() {
    assertThat(Nearest.to("elephant", List.of("rng", "net"))).isEmpty();
    assertThat(Nearest.unknown("device type", "elephant", List.of("rng", "net")))
        .isEqualTo("unknown device type 'elephant'; known: net, rng");
    assertThat(Nearest.unknown("device type", "blq", List.of("blk")))
        .isEqualTo("unknown device type 'blq'; did you mean 'blk'?");
    assertThat(Nearest.unknown("machine", "m", List.of()))
        .isEqualTo("unknown machine 'm'; there are none");
  }

  @Test
  void distancesAreEdits() {
    assertThat(Nearest.distance("", "")).isZero();
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("abc", "")).isEqualTo(3);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
  }

  @Test
  void exitCodesAreThoseOfTheCommandLine() {
    assertThat(ControlException.failed("x").exitCode()).isEqualTo(1);
    assertThat(ControlException.usage("x").exitCode()).isEqualTo(2);
    assertThat(new ControlException(ControlException.Kind.CAPABILITY_MISSING, "x").exitCode())
        .isEqualTo(3);
    assertThat(new ControlException(ControlException.Kind.NOT_PERMITTED, "x").exitCode())
        .isEqualTo(4);
  }
}
