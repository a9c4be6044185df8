package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Waiting for what a guest says. */
class GuestConsoleTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Test
  void markersAreAwaitedInOrder() throws Exception {
    GuestConsole console = console("APERTURE: sha n=1\nchatter\nAPERTURE: sha n=2\n");
    assertThat(console.await("sha", LIMIT).number("n")).isEqualTo(1);
    assertThat(console.await("sha", LIMIT).number("n")).isEqualTo(2);
    assertThat(console.all("sha")).hasSize(2);
  }

  @Test
  void anEndIsReportedAtOnceWithWhatWasPrinted() {
    GuestConsole console = console("APERTURE: boot\nlast words\n");
    assertThatThrownBy(() -> console.await("sha", LIMIT))
        .hasMessageContaining("no sha: its process has ended")
        .hasMessageContaining("last words");
  }

  @Test
  void aFailedStepAndAPanicEndTheWait() {
    assertThatThrownBy(() -> console("APERTURE: failed step=sha reason=x\n").await("sha", LIMIT))
        .hasMessageContaining("reason=x");
    assertThatThrownBy(() -> console("Kernel panic - not syncing\n").await("sha", LIMIT))
        .hasMessageContaining("Kernel panic");
  }

  @Test
  void aDeadlineIsKept() throws Exception {
    try (PipedOutputStream silent = new PipedOutputStream()) {
      GuestConsole console = new GuestConsole(new PipedInputStream(silent), "test");
      assertThatThrownBy(() -> console.await("sha", Duration.ofMillis(1)))
          .hasMessageContaining("within");
    }
  }

  private static GuestConsole console(String text) {
    return new GuestConsole(
        new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), "test");
  }
}
