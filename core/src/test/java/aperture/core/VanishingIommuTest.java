package aperture.core;

import static aperture.core.EchoGuest.BROKEN;
import static aperture.core.EchoGuest.LIVE;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.SwapReport;
import aperture.dma.GuestBuffer;
import aperture.testkit.HookedBehavior;
import aperture.testkit.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** T15: the IOMMU's behaviour goes away under a device that works. */
class VanishingIommuTest {

  private final EchoRig rig = new EchoRig();
  private final Worker framework = new Worker("framework");
  private final CountDownLatch inFlight = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);
  private EchoGuest guest;

  @BeforeEach
  void start() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    guest = rig.add("m", "dev").startTranslated();
    rig.aperture.swaps().gracePeriod(Worker.LIMIT);
  }

  @AfterEach
  void close() {
    released.countDown();
    rig.aperture.swaps().gracePeriod(Duration.ZERO);
    framework.close();
    rig.close();
  }

  private void holdRequests() {
    guest.device.onProcess =
        () -> {
          inFlight.countDown();
          await(released);
        };
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(Worker.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private Future<Boolean> remove() {
    return framework.start(() -> {
      rig.aperture.removeBehavior(rig.behavior);
      return true;
    });
  }

  /** All memory that the guest has left, full of canaries. */
  private List<GuestBuffer> canaries() throws Exception {
    List<GuestBuffer> buffers = new ArrayList<>();
    for (long size = 32 << 20; size >= 4096; size /= 2) {
      try {
        GuestBuffer buffer = guest.platform.physical().allocate(size);
        buffer.fill(0, size, (byte) 0x5a);
        buffers.add(buffer);
      } catch (aperture.dma.DmaException e) {
        assertThat(e).hasMessageContaining("used up");
      }
    }
    assertThat(buffers).hasSizeGreaterThan(3);
    return buffers;
  }

  private static void requireAlive(List<GuestBuffer> canaries) {
    for (GuestBuffer buffer : canaries) {
      byte[] bytes = new byte[(int) buffer.size()];
      buffer.read(0, bytes, 0, bytes.length);
      byte[] expected = new byte[bytes.length];
      java.util.Arrays.fill(expected, (byte) 0x5a);
      assertThat(java.util.Arrays.mismatch(bytes, expected)).isEqualTo(-1);
    }
  }

  private SwapReport report() {
    List<SwapReport> reports = rig.aperture.swaps().swaps();
    return reports.get(reports.size() - 1);
  }

  @Test
  void aRequestInFlightCompletesAgainstTheOldBehaviourAndUnbindWaitsForIt() throws Exception {
    rig.aperture.swaps().quiesceDeadline(Worker.LIMIT);
    holdRequests();
    EchoGuest.Request request = guest.submit(new byte[] {1, 2});
    await(inFlight);

    Future<Boolean> gone = remove();
    framework.awaitIn("awaitOffline");
    assertThat(gone.isDone()).isFalse();
    released.countDown();

    assertThat(Worker.get(gone)).isTrue();
    guest.awaitUsed();
    assertThat(request.answer()).containsExactly(1, 2);
    assertThat(guest.transport.status()).as("it only waits").isEqualTo(LIVE);
    assertThat(rig.aperture.machines().show("m").iommuState()).isEqualTo("revoked");
  }

  @Test
  void requestsThatComeMeanwhileAreRememberedAndServedByTheNext() throws Exception {
    guest.echo((byte) 1);
    EchoGuest.Request request = guest.post(new byte[] {8, 9});
    Worker.get(remove());
    long walks = rig.behavior.walks();
    guest.publish();
    guest.transport.notifyQueue(0);
    HookedBehavior next = new HookedBehavior();

    rig.aperture.behavior(next);

    guest.awaitUsed();
    assertThat(request.answer()).containsExactly(8, 9);
    assertThat(rig.behavior.walks()).as("the old code is left").isEqualTo(walks);
    assertThat(next.walks()).isPositive();
    assertThat(report().outcome()).isEqualTo("swapped");
    assertThat(report().notifications()).isEqualTo(2);
    assertThat(guest.transport.status()).isEqualTo(LIVE);
  }

  @Test
  void t15ARequestBeyondTheDeadlineIsCutOffAndNothingEverGoesPhysical() throws Exception {
    rig.aperture.swaps().quiesceDeadline(Duration.ofMillis(20));
    rig.aperture.swaps().gracePeriod(Duration.ofMillis(20));
    holdRequests();
    guest.submit(new byte[] {1, 2});
    EchoGuest.Request later = guest.post(new byte[] {3});
    await(inFlight);
    List<GuestBuffer> canaries = canaries();

    assertThat(Worker.get(remove())).isTrue();

    guest.awaitStatus(BROKEN);
    assertThat(guest.configInterrupts.get()).isEqualTo(1);
    assertThat(rig.aperture.devices().why("dev").findings().toString()).contains("cut off");
    guest.publish();
    released.countDown();
    org.awaitility.Awaitility.await()
        .atMost(Worker.LIMIT)
        .until(() -> rig.aperture.machines().show("m").iommuState().equals("closed"));
    requireAlive(canaries);
    assertThat(later.answer()).as("not served").containsExactly(0);
    assertThat(guest.device.served.get()).isEqualTo(1);
  }

  @Test
  void whenNobodyComesTheDeviceIsClosedAndAResetBringsItBackOnceSomebodyDid() throws Exception {
    rig.aperture.swaps().gracePeriod(Duration.ofMillis(20));
    List<GuestBuffer> canaries = canaries();
    canaries.remove(canaries.size() - 1).fill(0, 1, (byte) 0);

    Worker.get(remove());

    guest.awaitStatus(BROKEN);
    assertThat(rig.aperture.devices().why("dev").findings().toString())
        .contains("no behaviour of kind flat-test arrived within 20 ms");
    assertThat(rig.aperture.devices().why("dev").action()).contains("flat-test");
    guest.transport.writeStatus(0);
    assertThat(guest.negotiate(EchoGuest.VERSION_1, EchoGuest.ACCESS_PLATFORM))
        .isEqualTo(EchoGuest.FEATURES);
    org.assertj.core.api.Assertions.assertThatThrownBy(guest::startTranslated)
        .as("its rings cannot be mapped")
        .isInstanceOf(aperture.dma.DmaException.class);
    requireAlive(canaries);
    canaries.forEach(buffer -> guest.platform.physical().free(buffer));

    rig.aperture.behavior(new HookedBehavior());

    guest.startTranslated();
    assertThat(guest.echo((byte) 4)).containsExactly(4);
  }

  @Test
  void aDeviceThatGoesRoundTheIommuDoesNotNoticeThatItIsGone() throws Exception {
    rig.machine("round", EchoRig.SILENT);
    EchoGuest physical = rig.add("round", "physical").startPhysical();
    rig.aperture.swaps().gracePeriod(Duration.ofMillis(20));

    Worker.get(remove());
    guest.awaitStatus(BROKEN);

    assertThat(physical.echo((byte) 6)).containsExactly(6);
    assertThat(physical.transport.status()).isEqualTo(LIVE);
  }

  @Test
  void aBetterBehaviourTakesOverUnderLoadAndLosesNothing() throws Exception {
    for (int i = 1; i <= 10; i++) {
      EchoGuest.Request request = guest.submit(new byte[] {(byte) i});
      rig.aperture.behavior(new HookedBehavior(1 + i % 2), i);
      guest.awaitUsed();
      assertThat(request.answer()).containsExactly(i);
    }

    assertThat(rig.aperture.swaps().swaps())
        .hasSize(10)
        .allSatisfy(swap -> assertThat(swap.outcome()).isEqualTo("swapped"));
    assertThat(guest.device.served.get()).as("none twice").isEqualTo(10);
    assertThat(guest.queue().inFlight()).isZero();
  }
}
