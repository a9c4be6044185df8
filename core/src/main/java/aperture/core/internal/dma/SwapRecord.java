package aperture.core.internal.dma;

import aperture.admin.SwapReport;
import aperture.admin.SwapStep;
import java.util.ArrayList;
import java.util.List;

/** A hot swap while it happens. Thread-safe. */
final class SwapRecord {

  private final long number;
  private final String machine;
  private final String kind;
  private final String from;
  private final long startedAt = System.nanoTime();
  private final List<SwapStep> steps = new ArrayList<>();
  private long stepStartedAt = startedAt;
  private String to = "";
  private String outcome = "waiting";
  private long withoutBehavior;
  private long absentSince;
  private long resumedAt;
  private int workers;
  private long notifications;

  SwapRecord(long number, String machine, String kind, String from) {
    this.number = number;
    this.machine = machine;
    this.kind = kind;
    this.from = from;
  }

  long number() {
    return number;
  }

  /** Ends a step; its duration is the time since the step before. */
  synchronized void step(String name, String detail) {
    long now = System.nanoTime();
    long micros = (now - stepStartedAt) / 1000;
    stepStartedAt = now;
    steps.add(new SwapStep(name, micros, detail));
    SwapStepEvent.emit(number, machine, name, micros, detail);
  }

  synchronized void behaviorLeft() {
    absentSince = System.nanoTime();
  }

  synchronized void behaviorArrived(String label) {
    if (absentSince != 0) {
      withoutBehavior += System.nanoTime() - absentSince;
      absentSince = 0;
    }
    to = label;
    stepStartedAt = System.nanoTime();
  }

  synchronized void outcome(String word) {
    outcome = word;
  }

  synchronized void granted(int parkedWorkers, long rememberedNotifications) {
    workers = parkedWorkers;
    notifications = rememberedNotifications;
  }

  /** The last parked worker runs again: the pause ends. */
  synchronized void resumed() {
    step("resume", workers + " parked workers run again");
    resumedAt = System.nanoTime();
  }

  synchronized SwapReport report() {
    long end = resumedAt != 0 ? resumedAt : System.nanoTime();
    long pause = (end - startedAt) / 1000;
    long absent = withoutBehavior + (absentSince != 0 ? end - absentSince : 0);
    return new SwapReport(
        number,
        machine,
        kind,
        from,
        to,
        outcome,
        pause,
        Math.max(0, pause - absent / 1000),
        workers,
        notifications,
        List.copyOf(steps));
  }
}
