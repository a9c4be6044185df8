package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Markers among what firmware and kernel print. */
class MarkerTest {

  @Test
  void aMarkerIsAStepAndNamedValues() {
    assertThat(Marker.in("APERTURE: sha bytes=16 digest=00ff\r"))
        .contains(new Marker("sha", Map.of("bytes", "16", "digest", "00ff")));
  }

  @Test
  void aMarkerMayBeginInTheMiddleOfALine() {
    assertThat(Marker.in("#1 SMP Debian 6.APERTURE: boot processors=1"))
        .contains(new Marker("boot", Map.of("processors", "1")));
  }

  @Test
  void aMarkerCutShortByAResetDoesNotHideTheNext() {
    assertThat(Marker.in("APERTURE: progress joAPERTURE: boot processors=1"))
        .contains(new Marker("boot", Map.of("processors", "1")));
  }

  @Test
  void otherLinesAreNone() {
    assertThat(Marker.in("aperture.plan=sha")).isEmpty();
  }

  @Test
  void aValueThatIsNotThereFails() {
    Marker marker = Marker.in("APERTURE: wait x=y").orElseThrow();
    assertThatThrownBy(() -> marker.text("digest")).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> marker.number("x")).isInstanceOf(AssertionError.class);
  }
}
