package aperture.core;

import static aperture.core.EchoGuest.BROKEN;
import static aperture.core.EchoGuest.LIVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.MachineSpec;
import aperture.dma.Direction;
import aperture.dma.GuestBuffer;
import aperture.testkit.Worker;
import aperture.virtio.DeviceStatus;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Devices that break, are reset while they work, and come and go. */
class DeviceLifecycleTest {

  private final EchoRig rig = new EchoRig();
  private final Worker other = new Worker("other");
  private EchoGuest guest;

  @BeforeEach
  void add() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    guest = rig.add("m", "dev");
  }

  @AfterEach
  void close() {
    other.close();
    rig.close();
  }

  /** Stops requests in flight in the device until released. */
  private static final class Hold implements Runnable {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    @Override
    public void run() {
      entered.countDown();
      await(released);
    }

    void awaitEntered() {
      await(entered);
    }

    void release() {
      released.countDown();
    }

    private static void await(CountDownLatch latch) {
      try {
        assertThat(latch.await(Worker.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Test
  void aMalformedRequestBreaksItsDeviceWhileOthersGoOnAndAResetHealsIt() throws Exception {
    EchoGuest neighbour = rig.add("m", "neighbour").startTranslated();
    guest.startTranslated();
    guest.submit(new byte[] {EchoDevice.MALFORMED, 1});

    guest.awaitStatus(BROKEN);

    assertThat(guest.configInterrupts.get()).isEqualTo(1);
    assertThat(rig.aperture.devices().why("dev").findings().toString())
        .contains("it says so itself");
    assertThat(rig.aperture.devices().show("dev").queues().get(0).state()).isEqualTo("broken");
    assertThat(neighbour.echo((byte) 1)).containsExactly(1);
    assertThat(neighbour.transport.status()).isEqualTo(LIVE);
    guest.startTranslated();
    assertThat(guest.echo((byte) 2)).containsExactly(2);
    assertThat(rig.aperture.devices().why("dev").healthy()).as("faults are history").isTrue();
  }

  @Test
  void anAddressThatDoesNotTranslateBreaksTheDeviceAndIsRecorded() throws Exception {
    guest.startTranslated();
    guest.add(0x3000_0000L, 0x3000_1000L, 8);
    guest.publish();

    guest.awaitStatus(BROKEN);

    assertThat(rig.aperture.dma().faults()).hasSize(1);
    assertThat(rig.aperture.dma().faults().get(0).iova()).isEqualTo("0x30000000");
    assertThat(rig.aperture.dma().faults().get(0).recorded()).isEqualTo("FAULT");
    assertThat(rig.aperture.devices().stats("dev").faults()).isEqualTo(1);
  }

  @Test
  void aBrokenDeviceTakesNothingUntilItIsReset() throws Exception {
    guest.startTranslated();
    guest.submit(new byte[] {EchoDevice.MALFORMED});
    guest.awaitStatus(BROKEN);
    int served = guest.device.served.get();

    guest.submit(new byte[] {1});
    guest.transport.writeStatus(BROKEN | LIVE);
    guest.transport.notifyQueue(0);

    assertThat(guest.transport.status()).isEqualTo(BROKEN);
    guest.transport.writeStatus(0);
    assertThat(guest.transport.status()).isZero();
    assertThat(guest.device.served.get()).isEqualTo(served);
  }

  @Test
  void aDeviceTypeThatThrowsBreaksItsDeviceOnly() throws Exception {
    EchoGuest neighbour = rig.add("m", "neighbour").startTranslated();
    for (Throwable wrong :
        List.of(
            new IllegalStateException("wrong in the bundle"),
            new NoClassDefFoundError("gone/With/TheBundle"),
            new AssertionError("x"),
            new StackOverflowError())) {
      guest.startTranslated();
      guest.device.onProcess = () -> DeviceLifecycleTest.<RuntimeException>sneak(wrong);
      EchoGuest.Request request = guest.submit(new byte[] {1});

      guest.awaitStatus(BROKEN);

      assertThat(rig.aperture.devices().why("dev").findings().toString())
          .contains("host failure")
          .contains(wrong.getClass().getSimpleName());
      // Whoever held the buffer let go of it: ending the mapping waits for nobody.
      Future<Boolean> unmapped =
          other.start(() -> {
            guest.platform.dmaApi().unmap(request.outAddress(), 4096);
            return true;
          });
      assertThat(Worker.get(unmapped)).isTrue();
      assertThat(neighbour.echo((byte) 1)).containsExactly(1);
      guest.device.onProcess = () -> {};
    }
    guest.startTranslated();
    assertThat(guest.echo((byte) 2)).containsExactly(2);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneak(Throwable wrong) throws T {
    throw (T) wrong;
  }

  @Test
  void aDeviceTypeThatCannotBeActivatedBreaksItsDeviceOnly() throws Exception {
    guest.device.onActivate =
        () -> {
          throw new IllegalStateException("no host resource");
        };

    guest.startTranslated();

    assertThat(guest.transport.status()).isEqualTo(BROKEN);
    guest.device.onActivate = () -> {};
    guest.startTranslated();
    assertThat(guest.echo((byte) 2)).containsExactly(2);
  }

  @Test
  void aResetWaitsForTheRequestInFlightAndNothingIsTouchedAfterwards() throws Exception {
    guest.startTranslated();
    Hold hold = new Hold();
    guest.device.onProcess = hold;
    EchoGuest.Request request = guest.submit(new byte[] {1, 2, 3});
    hold.awaitEntered();

    Future<Boolean> reset =
        other.start(() -> {
          guest.transport.writeStatus(0);
          // From here on the memory is the guest's alone.
          request.in().fill(0, 4096, (byte) 0x5a);
          return true;
        });
    other.awaitIn("joinAll");
    assertThat(reset.isDone()).isFalse();
    assertThat(guest.transport.status()).isEqualTo(LIVE);
    hold.release();

    assertThat(Worker.get(reset)).isTrue();
    assertThat(guest.transport.status()).isZero();
    byte[] now = new byte[4096];
    request.in().read(0, now, 0, now.length);
    assertThat(now).containsOnly(0x5a);
    guest.device.onProcess = () -> {};
    guest.startTranslated();
    assertThat(guest.echo((byte) 2)).containsExactly(2);
  }

  @Test
  void anInterruptHandlerMayReadTheConfigurationWhileAResetWaits() throws Exception {
    guest.startTranslated();
    CountDownLatch inHandler = new CountDownLatch(1);
    CountDownLatch resetWaits = new CountDownLatch(1);
    byte[] seen = new byte[4];
    guest.onInterrupt =
        () -> {
          inHandler.countDown();
          Hold.await(resetWaits);
          guest.transport.readConfig(0, seen);
          guest.transport.configGeneration();
        };
    guest.submit(new byte[] {1});
    Hold.await(inHandler);
    Future<Boolean> reset =
        other.start(() -> {
          guest.transport.writeStatus(0);
          return true;
        });
    other.awaitIn("joinAll");
    resetWaits.countDown();

    assertThat(Worker.get(reset)).isTrue();
    assertThat(seen).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aHandlerMayResetItsDeviceOnTheDevicesOwnThread() throws Exception {
    guest.startTranslated();
    CountDownLatch done = new CountDownLatch(1);
    guest.onInterrupt =
        () -> {
          guest.transport.writeStatus(0);
          done.countDown();
        };
    guest.submit(new byte[] {1});

    Hold.await(done);
    guest.awaitStatus(0);
    guest.onInterrupt = () -> {};
    guest.startTranslated();
    assertThat(guest.echo((byte) 2)).containsExactly(2);
  }

  @Test
  void statusBitsOfDriverAndDeviceDoNotOverwriteEachOther() throws Exception {
    for (int i = 0; i < 200; i++) {
      guest.startTranslated();
      guest.submit(new byte[] {EchoDevice.MALFORMED});
      while ((guest.transport.status() & DeviceStatus.NEEDS_RESET) == 0) {
        guest.transport.writeStatus(LIVE | DeviceStatus.FAILED);
      }
      guest.transport.writeStatus(LIVE | DeviceStatus.FAILED);
      assertThat(guest.transport.status()).isEqualTo(BROKEN | DeviceStatus.FAILED);
    }
  }

  @Test
  void aDevicesThreadHoldsNothingOfWhoeverStartedItsDriver() throws Exception {
    try (URLClassLoader bundle = new URLClassLoader(new URL[0])) {
      other.call(() -> {
        Thread.currentThread().setContextClassLoader(bundle);
        guest.startTranslated();
        return true;
      });
      guest.echo((byte) 1);

      assertThat(guest.device.workerLoader).isNotSameAs(bundle);
    }
  }

  @Test
  void aRemovedDeviceIsDeafAndItsPlaceIsTakenByTheNext() throws Exception {
    guest.startTranslated();
    guest.add(0x3000_0000L, 0x3000_1000L, 8);
    guest.publish();
    guest.awaitStatus(BROKEN);
    String place = rig.aperture.devices().show("dev").endpoint();
    long used = rig.aperture.machines().show("m").memoryUsed();

    for (int i = 0; i < 5; i++) {
      String old = i == 0 ? "dev" : "dev" + i;
      EchoDevice device = rig.type.device(old);
      rig.aperture.devices().remove(old);
      assertThat(device.closed).isTrue();
      EchoGuest next = rig.add("m", "dev" + (i + 1));
      assertThat(rig.aperture.devices().show("dev" + (i + 1)).endpoint()).isEqualTo(place);
      assertThat(rig.aperture.devices().stats("dev" + (i + 1)).faults())
          .as("the faults were another device's")
          .isZero();
      assertThat(next.startTranslated().echo((byte) 1)).containsExactly(1);
    }
    guest.transport.writeStatus(EchoGuest.ACK);
    assertThat(guest.transport.status()).isZero();
    assertThat(rig.aperture.dma().faults()).isEmpty();
    // The test's guests never give their buffers back; tables must not add to that.
    assertThat(rig.aperture.machines().show("m").memoryUsed() - used).isLessThan(1 << 20);
  }

  @Test
  void aDriverThatLeavesItsMappingsBehindDoesNotBlockTheMachine() throws Exception {
    guest.startTranslated();
    GuestBuffer buffer = guest.platform.dmaApi().allocate(4096);
    for (int i = 0; i < 10; i++) {
      guest.platform.dmaApi().map(buffer.gpa(), 4096, Direction.TO_DEVICE);
    }

    rig.aperture.devices().remove("dev");

    assertThat(rig.aperture.dma().mappings()).isEmpty();
    assertThat(rig.aperture.dma().snapshot("m").endpoints()).hasSize(1);
  }

  @Test
  void aDeviceThatCannotBeAttachedLeavesNothingBehind() throws Exception {
    rig.aperture
        .machines()
        .create(new MachineSpec("small", EchoRig.OFFERING, 4 << 20, Optional.empty()));
    rig.add("small", "first");
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> rig.add("small", "second"))
          .isInstanceOf(ControlException.class)
          .hasMessageContaining("second");
    }
    assertThat(rig.aperture.machines().show("small").devices()).containsExactly("first");

    rig.aperture.devices().remove("first");

    EchoGuest again = rig.add("small", "second", Setting.UNSET, Setting.UNSET);
    assertThat(again.startTranslated().echo((byte) 3)).containsExactly(3);
  }

  @Test
  void aDeviceIsRemovedOnlyWhenItsRequestIsDone() throws Exception {
    guest.startTranslated();
    Hold hold = new Hold();
    guest.device.onProcess = hold;
    guest.submit(new byte[] {1});
    hold.awaitEntered();

    Future<Boolean> removed =
        other.start(() -> {
          rig.aperture.devices().remove("dev");
          return true;
        });
    other.awaitIn("joinAll");
    assertThat(guest.device.closed).isFalse();
    hold.release();

    assertThat(Worker.get(removed)).isTrue();
    assertThat(guest.device.closed).isTrue();
    assertThat(guest.device.served.get()).isEqualTo(1);
  }

  @Test
  void endingTheEngineEndsEveryMachineAndDevice() throws Exception {
    rig.machine("n", EchoRig.SILENT, Optional.of("none"));
    EchoGuest second = rig.add("n", "second").startPhysical();
    guest.startTranslated();

    rig.close();

    assertThat(guest.device.closed).isTrue();
    assertThat(second.device.closed).isTrue();
    assertThat(rig.aperture.machines().list()).isEmpty();
  }
}
