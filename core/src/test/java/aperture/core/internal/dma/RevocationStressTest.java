package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.dma.Lease;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.memory.GuestMemory;
import aperture.testkit.HookedBehavior;
import aperture.testkit.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

/**
 * Once an unmap has returned, no device writes to the page again. A guest maps pages, lets devices
 * write into them, unmaps, fills the page with canaries and looks after a while whether they live.
 */
class RevocationStressTest extends DmaFixture {

  private static final int SLOTS = 48;
  private static final int DEVICES = 3;
  private static final long RUN_NANOS = 2_500_000_000L;
  private static final byte CANARY = 0x5a;
  private static final byte DIRT = 0x11;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong writes = new AtomicLong();
  private final AtomicLong unmaps = new AtomicLong();

  /** The IOVA in each slot, where devices look for work; 0 when there is none. */
  private final AtomicLongArray posted = new AtomicLongArray(SLOTS);

  private interface Device {
    void step(DmaSession session, RandomGenerator random) throws InterruptedException;
  }

  private static RandomGenerator random(long seed) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
  }

  /** Translates some slots, then writes into what it translated, then lets go. */
  private void writeSome(DmaSession session, RandomGenerator random) throws InterruptedException {
    DmaRanges ranges = new DmaRanges();
    if (!translateSome(session, random, ranges)) {
      return;
    }
    session.hold();
    dirty(ranges);
    session.end();
  }

  /** The same, but the writing happens after the batch, under a lease. */
  private void writeLater(DmaSession session, RandomGenerator random) throws InterruptedException {
    DmaRanges ranges = new DmaRanges();
    if (!translateSome(session, random, ranges)) {
      return;
    }
    session.hold();
    try (Lease lease = session.retain()) {
      session.end();
      dirty(ranges);
      assertThat(lease).isNotNull();
    }
  }

  private boolean translateSome(DmaSession session, RandomGenerator random, DmaRanges ranges)
      throws InterruptedException {
    session.awaitGrant();
    if (!session.begin()) {
      return false;
    }
    for (int i = 0; i < 4; i++) {
      long iova = posted.get(random.nextInt(SLOTS));
      if (iova != 0) {
        TranslateStatus status = session.translate(iova, 2 * PAGE, Access.WRITE, ranges);
        if (status == TranslateStatus.RESTART || status == TranslateStatus.REVOKED) {
          session.end();
          return false;
        }
      }
    }
    return true;
  }

  private void dirty(DmaRanges ranges) {
    GuestMemory memory = machine.memory();
    for (int i = 0; i < ranges.count(); i++) {
      for (long at = 0; at < ranges.length(i); at += 512) {
        memory.put8(ranges.offset(i) + at, DIRT);
      }
    }
    writes.addAndGet(ranges.count());
  }

  private boolean runDevice(Device device, long seed) throws InterruptedException {
    DmaSession session = face.openSession();
    try {
      RandomGenerator random = random(seed);
      while (!stop.get()) {
        device.step(session, random);
      }
      return true;
    } finally {
      session.close();
    }
  }

  /** Each slot: map, post, wait a little, unmap, plant canaries; later look at them. */
  private boolean runGuest(int first, int last, long seed) throws DmaException {
    RandomGenerator random = random(seed);
    List<GuestBuffer> buffers = new ArrayList<>();
    for (int slot = first; slot < last; slot++) {
      GuestBuffer buffer = driver.allocate(2 * PAGE);
      buffer.fill(0, buffer.size(), CANARY);
      buffers.add(buffer);
    }
    while (!stop.get()) {
      int which = random.nextInt(last - first);
      GuestBuffer buffer = buffers.get(which);
      int slot = first + which;
      long iova = posted.get(slot);
      if (iova == 0) {
        requireCanaries(buffer, seed);
        posted.set(slot, driver.map(buffer.gpa(), 2 * PAGE, Direction.FROM_DEVICE));
      } else {
        // The slot still names it: devices try it while, and after, it goes away.
        driver.unmap(iova, 2 * PAGE);
        buffer.fill(0, buffer.size(), CANARY);
        requireCanaries(buffer, seed);
        unmaps.incrementAndGet();
        posted.set(slot, 0);
      }
    }
    return true;
  }

  private static void requireCanaries(GuestBuffer buffer, long seed) {
    byte[] bytes = new byte[(int) buffer.size()];
    buffer.read(0, bytes, 0, bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] != CANARY) {
        throw new AssertionError(
            "a device wrote to byte %d of an unmapped buffer at 0x%x, seed %d"
                .formatted(i, buffer.gpa(), seed));
      }
    }
  }

  private void run(boolean swaps) throws Exception {
    long seed = System.nanoTime();
    List<Future<Boolean>> parts = new ArrayList<>();
    for (int i = 0; i < DEVICES; i++) {
      long own = seed + i;
      Device device = i == 0 ? this::writeLater : this::writeSome;
      parts.add(worker("device-" + i).start(() -> runDevice(device, own)));
    }
    for (int i = 0; i < 2; i++) {
      int first = i * SLOTS / 2;
      long own = seed + 10 + i;
      parts.add(worker("guest-" + i).start(() -> runGuest(first, first + SLOTS / 2, own)));
    }
    long end = System.nanoTime() + RUN_NANOS;
    int done = 0;
    while (System.nanoTime() < end && parts.stream().noneMatch(Future::isDone)) {
      if (swaps) {
        done++;
        assertThat(machine.swapTo(new HookedBehavior(1 + done % 2))).as("seed %d", seed).isTrue();
      } else {
        Thread.onSpinWait();
      }
    }
    stop.set(true);
    for (Future<Boolean> part : parts) {
      assertThat(Worker.get(part)).as("seed %d", seed).isTrue();
    }
    assertThat(writes.get()).as("seed %d", seed).isGreaterThan(100);
    assertThat(unmaps.get()).as("seed %d", seed).isGreaterThan(100);
    assertThat(swaps ? done : 1).as("swaps, seed %d", seed).isPositive();
  }

  @Test
  void afterAnUnmapReturnsNoDeviceWritesToThePage() throws Exception {
    run(false);
  }

  @Test
  void norWhenBehavioursAreSwappedAndTablesRebuiltMeanwhile() throws Exception {
    run(true);
  }
}
