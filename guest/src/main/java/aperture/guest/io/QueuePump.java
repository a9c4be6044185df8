package aperture.guest.io;

import aperture.dma.DmaException;
import aperture.guest.io.Tally.Count;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.QueueFault;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The thread of one queue: takes what the device used, makes new requests, sleeps until an
 * interrupt. Ends when the job has no more requests and none is in flight, when the job is
 * cancelled, or when the device will not answer any more.
 */
final class QueuePump implements Runnable {

  private static final System.Logger LOG = System.getLogger(QueuePump.class.getName());
  private static final int NO_SLOT = -1;

  /** Longest sleep: how late a state that nobody signals is noticed. */
  private static final long LONGEST_SLEEP = TimeUnit.MILLISECONDS.toNanos(100);

  /** How long completions are still taken after a device asked for a reset. */
  private static final long LAST_CALL = TimeUnit.MILLISECONDS.toNanos(250);

  /** A device silent for so long, with requests in flight, is given up. */
  private static final long SILENCE = TimeUnit.SECONDS.toNanos(120);

  private final int index;
  private final DriverQueue queue;
  private final RequestSource source;
  private final VirtioTransport device;
  private final PumpedJob job;
  private final Tally tally = new Tally();
  private final ChainElements elements;
  private final Thread thread;

  /** The slot of each token in flight. */
  private final int[] slots;

  private int inFlight;

  /** A slot that is prepared but found no room in the ring. */
  private int deferred = NO_SLOT;

  private boolean exhausted;

  /** The request outside the plan that ends a job. */
  private int concluding = NO_SLOT;

  private boolean concluded;
  private volatile long lastProgress;
  private volatile boolean waitingForDevice;
  private volatile boolean woken;
  private long resetSeen;

  QueuePump(
      String name,
      int index,
      DriverQueue queue,
      RequestSource source,
      VirtioTransport device,
      PumpedJob job) {
    this.index = index;
    this.queue = queue;
    this.source = source;
    this.device = device;
    this.job = job;
    this.elements = new ChainElements(source.mostElements());
    this.slots = new int[queue.size()];
    Arrays.fill(slots, NO_SLOT);
    this.thread = Thread.ofPlatform().daemon().name(name + "-driver-" + index).unstarted(this);
  }

  void start() {
    lastProgress = System.nanoTime();
    thread.start();
  }

  void wake() {
    woken = true;
    LockSupport.unpark(thread);
  }

  Tally tally() {
    return tally;
  }

  /** Longest time between two completions, the one that goes on included; nanoseconds. */
  long longestStall() {
    long ended = tally.get(Count.LONGEST_STALL);
    return waitingForDevice ? Math.max(ended, System.nanoTime() - lastProgress) : ended;
  }

  /** Waits until the thread is gone, whatever interrupts come. */
  void join() {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void run() {
    try {
      queue.disableInterrupts();
      loop();
    } catch (DmaException e) {
      job.fail("queue %d: %s".formatted(index, e.getMessage()));
      drainAfterFailure();
    } catch (RuntimeException | InternalError e) {
      // Guest memory that goes away with its machine shows here; no thread may die of it.
      LOG.log(System.Logger.Level.WARNING, thread.getName() + " failed", e);
      job.fail("queue %d: %s".formatted(index, e));
    } finally {
      waitingForDevice = false;
      tally.add(job.cancelled() ? Count.CANCELLED : Count.LOST, planned());
      job.ended();
    }
  }

  /** Whether the device may still use a request; once the pump has ended. */
  boolean hasInFlight() {
    return inFlight > 0;
  }

  /** Requests of the plan in flight. */
  private int planned() {
    return concluding == NO_SLOT ? inFlight : inFlight - 1;
  }

  private void drainAfterFailure() {
    try {
      loop();
    } catch (DmaException | RuntimeException | InternalError e) {
      LOG.log(System.Logger.Level.WARNING, thread.getName() + " failed again", e);
    }
  }

  private void loop() throws DmaException {
    while (!job.cancelled()) {
      boolean moved = takeUsed();
      boolean resetWanted = job.needsReset();
      if (!resetWanted) {
        moved |= submit();
      }
      if (inFlight == 0 && (resetWanted || finished())) {
        return;
      }
      if (!moved && !await(resetWanted)) {
        return;
      }
    }
  }

  private boolean finished() {
    return (exhausted || job.stopping()) && (concluded || job.failed());
  }

  private boolean takeUsed() throws DmaException {
    int token = queue.take();
    if (token == DriverQueue.NONE) {
      return false;
    }
    long now = System.nanoTime();
    tally.raise(Count.LONGEST_STALL, now - lastProgress);
    lastProgress = now;
    do {
      used(token);
      token = queue.take();
    } while (token != DriverQueue.NONE);
    waitingForDevice = inFlight > 0;
    return true;
  }

  private void used(int token) throws DmaException {
    int slot = slots[token];
    if (slot == NO_SLOT) {
      tally.increment(Count.REPEATED);
      return;
    }
    slots[token] = NO_SLOT;
    inFlight--;
    if (slot == concluding) {
      concluding = NO_SLOT;
    } else {
      tally.increment(Count.COMPLETED);
    }
    source.used(slot, queue.takenLength(), tally);
  }

  private boolean submit() throws DmaException {
    boolean added = false;
    try {
      while (next() && add()) {
        added = true;
      }
    } finally {
      // Even when the next one cannot be mapped: what was added must not wait for it.
      if (added && queue.publish()) {
        device.notifyQueue(index);
      }
    }
    return added;
  }

  /** Adds the prepared request to the ring; it stays prepared when there is no room. */
  private boolean add() {
    int token = queue.add(elements);
    if (token == DriverQueue.NONE) {
      if (inFlight == 0) {
        job.fail(
            "queue %d of %d entries has no room for a request of %d elements"
                .formatted(index, queue.size(), elements.count()));
      }
      return false;
    }
    slots[token] = deferred;
    deferred = NO_SLOT;
    if (concluding == NO_SLOT) {
      tally.increment(Count.SUBMITTED);
    }
    if (inFlight++ == 0) {
      lastProgress = System.nanoTime();
      waitingForDevice = true;
    }
    return true;
  }

  /** Whether a request is prepared, its elements in the list. */
  private boolean next() throws DmaException {
    if (job.stopping() || exhausted) {
      dropDeferred();
      return conclude();
    }
    if (deferred != NO_SLOT) {
      return true;
    }
    if (!job.budget().take()) {
      exhausted = true;
      return conclude();
    }
    elements.clear();
    int slot = RequestSource.LATER;
    try {
      slot = source.prepare(elements);
    } finally {
      if (slot < 0) {
        job.budget().giveBack();
      }
    }
    if (slot < 0) {
      exhausted = slot == RequestSource.END;
      return exhausted && conclude();
    }
    deferred = slot;
    return true;
  }

  private void dropDeferred() throws DmaException {
    if (deferred != NO_SLOT && deferred != concluding) {
      int slot = deferred;
      deferred = NO_SLOT;
      source.abandon(slot);
    }
  }

  private boolean conclude() {
    if (deferred != NO_SLOT) {
      return true;
    }
    if (concluded || inFlight > 0 || job.failed()) {
      return false;
    }
    concluded = true;
    elements.clear();
    int slot = source.conclude(elements);
    if (slot < 0) {
      return false;
    }
    concluding = slot;
    deferred = slot;
    return true;
  }

  /**
   * Sleeps until something may have happened.
   *
   * @return false when the device will not answer any more
   */
  private boolean await(boolean resetWanted) {
    Optional<QueueFault> fault = queue.fault();
    if (fault.isPresent()) {
      if (fault.get().kind() == QueueFault.Kind.USED_NOT_IN_FLIGHT) {
        tally.increment(Count.REPEATED);
      }
      job.fail("queue %d: %s".formatted(index, fault.get().describe()));
      return false;
    }
    long now = System.nanoTime();
    if (resetWanted) {
      resetSeen = resetSeen == 0 ? now : resetSeen;
      if (now - resetSeen > LAST_CALL) {
        return false;
      }
    } else if (inFlight > 0 && now - lastProgress > SILENCE) {
      job.fail("queue %d: nothing used for %d s".formatted(index, SILENCE / 1_000_000_000));
      return false;
    }
    boolean more = queue.enableInterrupts();
    if (!more && !woken) {
      LockSupport.parkNanos(this, LONGEST_SLEEP);
    }
    woken = false;
    queue.disableInterrupts();
    job.lookAtDevice();
    return true;
  }

  /** Unmaps what the device never used; the device must have been reset, the pump ended. */
  void abandonInFlight() {
    for (int token = 0; token < slots.length; token++) {
      abandon(slots[token]);
      slots[token] = NO_SLOT;
    }
    abandon(deferred);
    deferred = NO_SLOT;
    inFlight = 0;
    try {
      source.close();
    } catch (RuntimeException e) {
      // The machine may be gone; the job must end all the same.
      LOG.log(System.Logger.Level.WARNING, thread.getName() + " could not give memory back", e);
    }
  }

  private void abandon(int slot) {
    if (slot == NO_SLOT) {
      return;
    }
    try {
      source.abandon(slot);
    } catch (DmaException | RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "{0}: {1}", thread.getName(), e.getMessage());
    }
  }
}
