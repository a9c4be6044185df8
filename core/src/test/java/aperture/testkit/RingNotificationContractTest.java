package aperture.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import aperture.testkit.RingPair.Variant;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.PollResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What both halves of a ring promise each other about notifications, whatever its format. */
public abstract class RingNotificationContractTest {

  private static final Duration DEADLINE = Duration.ofSeconds(60);

  protected abstract RingFormat format();

  static List<Variant> variants() {
    return Variant.all();
  }

  private RingPair rings(Variant variant, int size) throws Exception {
    return RingPair.of(format(), variant, size);
  }

  private static void add(RingPair rings, int count) {
    for (int i = 0; i < count; i++) {
      assertThat(rings.add()).isNotEqualTo(DriverQueue.NONE);
    }
  }

  private static int takeAll(RingPair rings) {
    int taken = 0;
    while (rings.driver().take() != DriverQueue.NONE) {
      taken++;
    }
    return taken;
  }

  /** Polls until nothing is found and asks for a notification; true when chains came meanwhile. */
  private static boolean askForNotification(RingPair rings) {
    rings.session().begin();
    assertThat(rings.device().poll(rings.batch())).isEqualTo(PollResult.EMPTY);
    boolean more = rings.device().enableNotifications();
    rings.session().end();
    return more;
  }

  @ParameterizedTest
  @MethodSource("variants")
  void publishingNothingNotifiesNobody(Variant variant) throws Exception {
    try (RingPair rings = rings(variant, 8)) {
      assertThat(rings.driver().publish()).isFalse();
      add(rings, 1);
      assertThat(rings.driver().publish()).isTrue();
      assertThat(rings.driver().publish()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void theFirstChainNotifiesAndTheFirstUseInterrupts(Variant variant) throws Exception {
    try (RingPair rings = rings(variant, 8)) {
      add(rings, 2);
      assertThat(rings.driver().publish()).isTrue();
      rings.poll();
      rings.batch().chain(0).complete(0);
      rings.batch().chain(1).complete(0);
      assertThat(rings.publish()).isTrue();
    }
  }

  /** After a reset or a restore nobody knows what the event was compared with. */
  @ParameterizedTest
  @MethodSource("variants")
  void withEventsTheFirstUseInterruptsEvenWhenTheDriverLooksAway(Variant variant) throws Exception {
    assumeThat(variant.eventIndex()).isTrue();
    try (RingPair rings = rings(variant, 8)) {
      rings.driver().disableInterrupts();
      add(rings, 2);
      rings.driver().publish();
      ChainBatch single = new ChainBatch(1, rings.dma().memory());
      rings.poll(single);
      single.chain(0).complete(0);
      assertThat(rings.publish(single)).isTrue();
      rings.poll(single);
      single.chain(0).complete(0);
      assertThat(rings.publish(single)).isFalse();
    }
  }

  /**
   * Random publishing, polling, asking and looking away on both sides, against a model: asked for
   * and not yet answered means a notification is due, and looking away means none may come.
   */
  @ParameterizedTest
  @MethodSource("variants")
  void notificationsComeWhenAskedForAndOnlyThen(Variant variant) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (RingPair rings = rings(variant, 8)) {
      add(rings, 1);
      rings.driver().publish();
      rings.serve();
      takeAll(rings);
      // Zeroed flags ask; a zeroed event is passed by now.
      boolean deviceAsks = !variant.eventIndex();
      boolean driverAsks = !variant.eventIndex();
      for (int step = 0; step < 40_000; step++) {
        String where = "seed %d step %d".formatted(seed, step);
        switch (random.nextInt(5)) {
          case 0 -> {
            int room = Math.min(rings.driver().free(), 8);
            if (room > 0) {
              add(rings, 1 + random.nextInt(room));
              boolean notified = rings.driver().publish();
              assertThat(notified).as(where).isEqualTo(deviceAsks);
              deviceAsks &= !variant.eventIndex();
            }
          }
          case 1 -> {
            if (rings.poll() == PollResult.CHAINS) {
              if (!variant.eventIndex()) {
                rings.device().disableNotifications();
                deviceAsks = false;
              }
              for (int i = 0; i < rings.batch().size(); i++) {
                rings.batch().chain(i).complete(0);
              }
              boolean interrupted = rings.publish();
              assertThat(interrupted).as(where).isEqualTo(driverAsks);
              driverAsks &= !variant.eventIndex();
            } else {
              assertThat(askForNotification(rings)).as(where).isFalse();
              deviceAsks = true;
            }
          }
          case 2 -> {
            boolean used = takeAll(rings) > 0;
            if (!used || variant.eventIndex()) {
              assertThat(rings.driver().enableInterrupts()).as(where).isFalse();
              driverAsks = true;
            }
          }
          case 3 -> {
            takeAll(rings);
            rings.driver().disableInterrupts();
            driverAsks = false;
          }
          default -> takeAll(rings);
        }
        assertThat(rings.driver().fault()).as(where).isEmpty();
        assertThat(rings.device().fault()).as(where).isEmpty();
      }
    }
  }

  /**
   * The device found nothing and asks at every point between the memory accesses of the driver that
   * publishes: either the driver notifies, or the device sees the chain when it looks again.
   */
  @ParameterizedTest
  @MethodSource("variants")
  void aDeviceThatAsksInTheMiddleOfAPublicationLosesNothing(Variant variant) throws Exception {
    int points = 0;
    for (int point = 0; ; point++) {
      AtomicInteger countdown = new AtomicInteger(-1);
      AtomicReference<RingPair> asking = new AtomicReference<>();
      AtomicReference<Boolean> seen = new AtomicReference<>();
      try (RingPair rings =
          RingPair.of(
              format(),
              variant,
              8,
              SteppedBuffer.before(access -> {
                if (countdown.getAndDecrement() == 0) {
                  RingPair pair = asking.get();
                  seen.set(pair.device().enableNotifications());
                  pair.session().end();
                }
              }))) {
        asking.set(rings);
        add(rings, 1);
        rings.driver().publish();
        rings.serve();
        rings.session().begin();
        rings.device().disableNotifications();
        rings.session().end();
        takeAll(rings);
        // The device has just found nothing.
        rings.session().begin();
        assertThat(rings.device().poll(rings.batch())).isEqualTo(PollResult.EMPTY);
        countdown.set(point);
        add(rings, 1);
        boolean notified = rings.driver().publish();
        if (seen.get() == null) {
          break;
        }
        points++;
        assertThat(notified || seen.get()).as("asked before access %d", point).isTrue();
      }
    }
    assertThat(points).as("points in between").isGreaterThanOrEqualTo(4);
  }

  /** The same for the driver that asks for an interrupt while the device uses a chain. */
  @ParameterizedTest
  @MethodSource("variants")
  void aUseInTheMiddleOfAskingForInterruptsIsNotLost(Variant variant) throws Exception {
    int points = 0;
    for (int point = 0; ; point++) {
      AtomicInteger countdown = new AtomicInteger(-1);
      AtomicReference<RingPair> using = new AtomicReference<>();
      AtomicReference<Boolean> interrupted = new AtomicReference<>();
      try (RingPair rings =
          RingPair.of(
              format(),
              variant,
              8,
              SteppedBuffer.before(access -> {
                if (countdown.getAndDecrement() == 0) {
                  interrupted.set(using.get().publish());
                }
              }))) {
        using.set(rings);
        add(rings, 1);
        rings.driver().publish();
        rings.serve();
        takeAll(rings);
        rings.driver().disableInterrupts();
        add(rings, 1);
        rings.driver().publish();
        rings.poll();
        rings.batch().chain(0).complete(0);
        countdown.set(point);
        boolean more = rings.driver().enableInterrupts();
        if (interrupted.get() == null) {
          break;
        }
        points++;
        assertThat(interrupted.get() || more).as("used before access %d", point).isTrue();
      }
    }
    assertThat(points).as("points in between").isGreaterThanOrEqualTo(2);
  }

  /** Everything of a chain is stored before the chain is shown, and nothing after it. */
  @ParameterizedTest
  @MethodSource("variants")
  void aPublicationIsTheLastStore(Variant variant) throws Exception {
    List<SteppedBuffer.Access> accesses = new ArrayList<>();
    try (RingPair rings = RingPair.of(format(), variant, 8, SteppedBuffer.before(accesses::add))) {
      add(rings, 3);
      int before = accesses.size();
      assertThat(accesses.subList(0, before)).noneMatch(a -> a.method().contains("Release"));

      rings.driver().publish();
      List<SteppedBuffer.Access> publication =
          accesses.subList(before, accesses.size()).stream()
              .filter(SteppedBuffer.Access::isStore)
              .toList();
      assertThat(publication).hasSize(1);
      assertThat(publication.get(0).method()).isEqualTo("storeRelease16");
      assertThat(accesses.subList(0, before)).doesNotContain(publication.get(0));
    }
  }

  /**
   * A driver and a device on two threads that sleep whenever the ring allows it: a lost
   * notification shows as a sleeper that nobody wakes, stores out of order as foreign bytes.
   */
  @ParameterizedTest
  @MethodSource("variants")
  void twoThreadsNeverLoseANotificationNorAByte(Variant variant) throws Exception {
    int chains = 60_000;
    long seed = System.nanoTime();
    try (RingPair rings = rings(variant, 16)) {
      Semaphore kicks = new Semaphore(0);
      Semaphore interrupts = new Semaphore(0);
      AtomicReference<String> wrong = new AtomicReference<>("");
      Thread device =
          Thread.ofPlatform()
              .start(() -> new TwoThreads(rings, kicks, interrupts, wrong).serve(chains));
      new TwoThreads(rings, kicks, interrupts, wrong).drive(chains, new Random(seed));
      device.join(DEADLINE);
      assertThat(device.isAlive()).as("seed %d", seed).isFalse();
      assertThat(wrong.get()).as("seed %d", seed).isEmpty();
      assertThat(rings.device().fault()).isEmpty();
      assertThat(rings.driver().fault()).isEmpty();
    }
  }

  /** Sleeps until woken; false when nobody does. */
  static boolean sleep(Semaphore bell) {
    try {
      boolean woken = bell.tryAcquire(DEADLINE.toSeconds() / 3, TimeUnit.SECONDS);
      bell.drainPermits();
      return woken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
