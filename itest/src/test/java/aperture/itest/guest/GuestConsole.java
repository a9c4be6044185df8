package aperture.itest.guest;

import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A guest's console, and the markers on it. They are awaited in order. */
final class GuestConsole {

  private static final String FAILED = "failed";
  private static final String PANIC = "Kernel panic";

  private final ProcessOutput output;

  GuestConsole(InputStream stream, String name) {
    this.output = new ProcessOutput(stream, name);
  }

  /** The next marker of that step; fails at once when the guest cannot come to it any more. */
  Marker await(String step, Duration limit) throws InterruptedException {
    return output.await(
        step,
        line -> {
          Optional<Marker> marker = Marker.in(line);
          if (line.contains(PANIC) || marker.filter(m -> m.step().equals(FAILED)).isPresent()) {
            throw new AssertionError("no " + step + ": " + line + output.tail());
          }
          return marker.filter(m -> m.step().equals(step));
        },
        limit);
  }

  void awaitEnd(Duration limit) throws InterruptedException {
    output.awaitEnd(limit);
  }

  /** Every marker of that step so far, whether awaited or not. */
  List<Marker> all(String step) {
    return lines().stream()
        .flatMap(line -> Marker.in(line).stream())
        .filter(marker -> marker.step().equals(step))
        .toList();
  }

  List<String> lines() {
    return output.lines();
  }
}
