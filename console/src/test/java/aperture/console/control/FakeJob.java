package aperture.console.control;

import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoReport;
import java.time.Duration;
import java.util.Optional;

/** I/O that is over, or goes on until it is stopped. */
public final class FakeJob implements IoJob {

  private final long lost;
  private volatile boolean running;

  private FakeJob(long lost, boolean running) {
    this.lost = lost;
    this.running = running;
  }

  public static FakeJob clean() {
    return new FakeJob(0, false);
  }

  public static FakeJob losing() {
    return new FakeJob(3, false);
  }

  public static FakeJob endless() {
    return new FakeJob(0, true);
  }

  @Override
  public IoReport report() {
    return new IoReport(
        IoPlan.Pattern.READ,
        1000,
        1000 - lost,
        0,
        lost,
        0,
        0,
        4096000,
        0,
        Optional.empty(),
        Duration.ofMillis(1500),
        Duration.ofMillis(2),
        running,
        "");
  }

  @Override
  public boolean done() {
    return !running;
  }

  @Override
  public void stop() {
    running = false;
  }

  @Override
  public boolean await(Duration limit) {
    return !running;
  }
}
