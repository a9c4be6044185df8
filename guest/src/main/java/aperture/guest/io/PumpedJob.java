package aperture.guest.io;

import aperture.guest.io.Tally.Count;
import aperture.virtio.DeviceStatus;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoReport;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.DriverQueue;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * I/O in progress on all queues of a device. Thread-safe.
 *
 * <p>Memory of requests that were in flight at the end stays mapped, for the device may still use
 * it, until {@link #release}.
 */
public final class PumpedJob implements IoJob {

  private static final String NEEDS_RESET = "the device needs a reset";

  private final IoPlan plan;
  private final VirtioTransport device;
  private final Budget budget;
  private final QueuePump[] pumps;
  private final Supplier<Optional<String>> digest;
  private final AtomicInteger running;
  private final CountDownLatch end = new CountDownLatch(1);
  private final AtomicReference<String> failure = new AtomicReference<>("");
  private volatile String cancelReason = "";
  private volatile boolean stopping;
  private volatile boolean needsReset;
  private volatile boolean holdsMemory = true;
  private long started;
  private volatile long finished;

  /**
   * @param name of the device, for thread names
   * @param queues as many as {@code sources}
   * @param digest of what was read, known when the last pump has ended
   */
  public PumpedJob(
      String name,
      IoPlan plan,
      VirtioTransport device,
      List<DriverQueue> queues,
      List<? extends RequestSource> sources,
      Supplier<Optional<String>> digest) {
    this.plan = plan;
    this.device = device;
    this.budget = new Budget(plan.requests());
    this.digest = digest;
    this.pumps = new QueuePump[sources.size()];
    this.running = new AtomicInteger(pumps.length);
    for (int i = 0; i < pumps.length; i++) {
      pumps[i] = new QueuePump(name, i, queues.get(i), sources.get(i), device, this);
    }
  }

  /** Starts; once. */
  public void begin() {
    started = System.nanoTime();
    for (QueuePump pump : pumps) {
      pump.start();
    }
  }

  /** A queue's interrupt came. */
  public void wake(int queue) {
    if (queue >= 0 && queue < pumps.length) {
      pumps[queue].wake();
    }
  }

  /** All pumps look again. */
  public void wakeAll() {
    for (QueuePump pump : pumps) {
      pump.wake();
    }
  }

  /** The device's configuration interrupt came. */
  public void deviceChanged() {
    wakeAll();
  }

  @Override
  public void stop() {
    stopping = true;
    wakeAll();
  }

  /**
   * Ends at once, whatever is in flight; returns when no thread of the job is left. The device must
   * be reset next, then {@link #release} is due.
   */
  public void cancel(String reason) {
    if (!done()) {
      cancelReason = reason;
      stop();
    }
    for (QueuePump pump : pumps) {
      pump.join();
    }
  }

  /** Gives back all memory; nothing is in flight, or the device has been reset. */
  public synchronized void release() {
    if (holdsMemory) {
      for (QueuePump pump : pumps) {
        pump.abandonInFlight();
      }
      holdsMemory = false;
    }
  }

  /** Whether memory is still shared with the device. */
  public boolean holdsMemory() {
    return holdsMemory;
  }

  @Override
  public boolean done() {
    return end.getCount() == 0;
  }

  @Override
  public boolean await(Duration limit) throws InterruptedException {
    return end.await(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public IoReport report() {
    boolean done = done();
    long elapsed = (done ? finished : System.nanoTime()) - started;
    long stall = 0;
    for (QueuePump pump : pumps) {
      stall = Math.max(stall, pump.longestStall());
    }
    // Completed before submitted, so that a report of a running job never shows more of the former.
    long completed = sum(Count.COMPLETED);
    return new IoReport(
        plan.pattern(),
        sum(Count.SUBMITTED),
        completed,
        sum(Count.FAILED),
        sum(Count.LOST),
        sum(Count.REPEATED),
        sum(Count.MISMATCHES),
        sum(Count.BYTES_READ),
        sum(Count.BYTES_WRITTEN),
        done ? digest.get() : Optional.empty(),
        Duration.ofNanos(elapsed),
        Duration.ofNanos(stall),
        !done,
        reason());
  }

  private long sum(Count count) {
    long sum = 0;
    for (QueuePump pump : pumps) {
      sum += pump.tally().get(count);
    }
    return sum;
  }

  private String reason() {
    String failed = failure.get();
    if (!failed.isEmpty()) {
      long lost = sum(Count.LOST);
      return lost == 0
          ? failed
          : "%s; %d requests in flight will not complete".formatted(failed, lost);
    }
    return cancelReason.isEmpty()
        ? ""
        : "%s; %d requests in flight were cancelled".formatted(cancelReason, sum(Count.CANCELLED));
  }

  // ---- for the pumps ----

  Budget budget() {
    return budget;
  }

  boolean stopping() {
    return stopping;
  }

  boolean cancelled() {
    return !cancelReason.isEmpty();
  }

  boolean failed() {
    return !failure.get().isEmpty();
  }

  boolean needsReset() {
    return needsReset;
  }

  /** Takes no new requests, for this reason; the first one counts. */
  void fail(String reason) {
    failure.compareAndSet("", reason);
    stop();
  }

  /** Looks whether the device wants a reset. */
  void lookAtDevice() {
    if (!needsReset && (device.status() & DeviceStatus.NEEDS_RESET) != 0) {
      needsReset = true;
      fail(NEEDS_RESET);
    }
  }

  /** A pump has ended; the last one ends the job. */
  void ended() {
    if (running.decrementAndGet() == 0) {
      if (Arrays.stream(pumps).noneMatch(QueuePump::hasInFlight)) {
        release();
      }
      finished = System.nanoTime();
      end.countDown();
    }
  }
}
