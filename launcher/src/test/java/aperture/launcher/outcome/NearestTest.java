package aperture.launcher.outcome;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The nearest word")
class NearestTest {
  private static final List<String> KNOWN = List.of("--data", "--bundles", "--help", "--log");

  @Test
  @DisplayName("mends a missing, a doubled, a wrong and two swapped letters")
  void mendsOneSlip() {
    assertThat(Nearest.to("--dat", KNOWN)).contains("--data");
    assertThat(Nearest.to("--dataa", KNOWN)).contains("--data");
    assertThat(Nearest.to("--bumdles", KNOWN)).contains("--bundles");
    assertThat(Nearest.to("--hlep", KNOWN)).contains("--help");
  }

  @Test
  @DisplayName("counts swapped neighbours as one slip")
  void countsSwapsOnce() {
    assertThat(Nearest.distance("hlep", "help")).isEqualTo(1);
    assertThat(Nearest.distance("", "abc")).isEqualTo(3);
    assertThat(Nearest.distance("kitten", "sitting")).isEqualTo(3);
  }

  @Test
  @DisplayName("ignores case")
  void ignoresCase() {
    assertThat(Nearest.to("--DATA", KNOWN)).contains("--data");
  }

  @Test
  @DisplayName("is silent when nothing is near")
  void staysSilentFarAway() {
    assertThat(Nearest.to("--completely-else", KNOWN)).isEmpty();
    assertThat(Nearest.hint("zzz", KNOWN)).isEmpty();
  }

  @Test
  @DisplayName("is the first by name of two that are equally near")
  void breaksTiesByName() {
    assertThat(Nearest.to("lest", List.of("list", "last"))).contains("last");
  }
}
