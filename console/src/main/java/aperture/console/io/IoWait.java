package aperture.console.io;

import aperture.virtio.IoJob;
import aperture.virtio.IoReport;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** Waits for I/O, and shows how it goes when somebody watches. */
public final class IoWait {

  private static final Duration STEP = Duration.ofMillis(500);

  private final IoJob job;
  private final Optional<PrintStream> watcher;

  public IoWait(IoJob job, Optional<PrintStream> watcher) {
    this.job = job;
    this.watcher = watcher;
  }

  /**
   * Waits; when interrupted, ends the I/O in order before it says so.
   *
   * @param limit longest time; empty for none
   * @return whether it ended
   */
  public boolean until(Optional<Duration> limit) throws InterruptedException {
    long begin = System.nanoTime();
    boolean shown = false;
    try {
      while (true) {
        Duration step = limit.map(most -> least(STEP, left(most, begin))).orElse(STEP);
        if (job.await(step)) {
          return true;
        }
        if (limit.isPresent() && left(limit.get(), begin).isZero()) {
          return job.done();
        }
        watcher.ifPresent(this::show);
        shown = true;
      }
    } catch (InterruptedException e) {
      job.stop();
      throw e;
    } finally {
      if (shown) {
        watcher.ifPresent(PrintStream::println);
      }
    }
  }

  private static Duration left(Duration limit, long begin) {
    long left = limit.toNanos() - (System.nanoTime() - begin);
    return Duration.ofNanos(Math.max(0, left));
  }

  private static Duration least(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }

  private void show(PrintStream to) {
    IoReport report = job.report();
    double seconds = Math.max(1e-3, report.elapsed().toNanos() / 1e9);
    to.print(
        String.format(
            Locale.ROOT,
            "\r%s: %d requests, %.0f/s, %.1f MiB/s ",
            report.pattern().name().toLowerCase(Locale.ROOT),
            report.completed(),
            report.completed() / seconds,
            (report.bytesRead() + report.bytesWritten()) / seconds / (1 << 20)));
    to.flush();
  }
}
