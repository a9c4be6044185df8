package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.VringAddress;
import aperture.vhostuser.internal.wire.VringState;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingStatesTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);

  private SessionRig rig;

  @BeforeEach
  void open() throws Exception {
    rig = new SessionRig(true);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private long acknowledged(FrontEndRequest request, int number) throws IOException {
    return rig.link.acknowledged(request, GuestRing.state(number));
  }

  private void serve(int requests) throws IOException {
    assertThat(rig.ring.post(requests)).isEqualTo(requests);
    await()
        .atMost(LIMIT)
        .until(() -> {
          rig.ring.collect();
          return rig.ring.used.size() == rig.ring.posted();
        });
  }

  private int base() throws IOException {
    return VringState.decode(rig.link.ask(FrontEndRequest.GET_VRING_BASE, GuestRing.state(0)))
        .number();
  }

  @Test
  void aRunningRingKeepsItsSizeAndBase() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    serve(3);
    assertThat(acknowledged(FrontEndRequest.SET_VRING_NUM, 8)).isNotZero();
    assertThat(acknowledged(FrontEndRequest.SET_VRING_BASE, 8)).isNotZero();
    assertThat(rig.log()).contains("SET_VRING_NUM: queue 0 is running");
    serve(3);
    assertThat(base()).isEqualTo(6);
  }

  private static VringAddress moved(VringAddress from, long distance) {
    return new VringAddress(
        from.index(),
        from.flags(),
        from.descriptors() + distance,
        from.used(),
        from.available(),
        from.log());
  }

  @ParameterizedTest
  @ValueSource(longs = {1L << 40, 8, Long.MIN_VALUE})
  void aRunningRingGoesOnWhereItIsWhenItCannotBeElsewhere(long distance) throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    serve(3);
    VringAddress wrong = moved(rig.ring.addresses(0), distance);
    assertThat(rig.link.acknowledged(FrontEndRequest.SET_VRING_ADDR, wrong.encode())).isNotZero();
    serve(3);
    assertThat(rig.ring.error.drain()).isFalse();
    rig.link.must(FrontEndRequest.SET_MEM_TABLE, rig.table(), rig.memory.file());
    serve(3);
    assertThat(base()).isEqualTo(9);
  }

  @Test
  void whoDoesNotWaitForARefusalLosesTheConnection() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    serve(3);
    VringAddress wrong = moved(rig.ring.addresses(0), 1L << 40);
    rig.link.tell(FrontEndRequest.SET_VRING_ADDR, wrong.encode());
    rig.ended();
    assertThat(rig.engine.running(0)).isFalse();
    assertThat(rig.log()).contains("connection ends").contains("descriptor table at 0x");
  }

  @Test
  void aRunningRingMayGetAnotherKick() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    serve(3);
    rig.link.must(FrontEndRequest.SET_VRING_KICK, GuestRing.file(), rig.ring.kick.fd());
    serve(3);
    assertThat(base()).isEqualTo(6);
  }

  @Test
  void theBaseStopsTheRingAndForgetsKickAndCall() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    serve(5);
    assertThat(base()).isEqualTo(5);
    assertThat(rig.engine.running(0)).isFalse();
    assertThat(base()).as("again").isEqualTo(5);

    assertThat(acknowledged(FrontEndRequest.SET_VRING_ENABLE, 1)).isZero();
    assertThat(rig.engine.running(0)).as("without a kick").isFalse();
    rig.link.must(FrontEndRequest.SET_VRING_KICK, GuestRing.file(), rig.ring.kick.fd());
    assertThat(rig.engine.running(0)).isTrue();
    rig.ring.call.drain();
    serve(2);
    assertThat(base()).isEqualTo(7);
    assertThat(rig.ring.call.drain()).as("the call is not used any more").isFalse();
  }

  @Test
  void enablingMayComeBeforeFeatures() throws Exception {
    rig.agree();
    assertThat(acknowledged(FrontEndRequest.SET_VRING_ENABLE, 1)).isZero();
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.setUp(rig.link, 0);
    serve(2);
  }

  @Test
  void featuresMayBeSaidAgainWhileARingRuns() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    serve(2);
    rig.link.must(FrontEndRequest.SET_FEATURES, SessionRig.number(SessionRig.PLAIN));
    serve(2);
    assertThat(
            rig.link.acknowledged(
                FrontEndRequest.SET_FEATURES,
                SessionRig.number(SessionRig.PLAIN | SessionRig.PLATFORM)))
        .isNotZero();
    serve(2);
  }

  @Test
  void withoutTheGateFeatureRingsNeedNoEnabling() throws Exception {
    rig.agreeWithMemory(SessionRig.VERSION_1);
    rig.ring.setUp(rig.link, 0);
    serve(2);
  }

  @Test
  void aDisabledRingTakesNothingUntilItIsEnabled() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    serve(2);
    assertThat(acknowledged(FrontEndRequest.SET_VRING_ENABLE, 0)).isZero();
    rig.ring.post(3);
    assertThat(rig.engine.running(0)).isFalse();
    assertThat(rig.device.served).hasSize(2);
    assertThat(acknowledged(FrontEndRequest.SET_VRING_ENABLE, 1)).isZero();
    serve(1);
    assertThat(rig.device.served).hasSize(6);
  }

  @Test
  void numbersBeyondTheDeviceAreRefused() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    for (int size : new int[] {0, 3, 128, -1, Integer.MIN_VALUE}) {
      assertThat(acknowledged(FrontEndRequest.SET_VRING_NUM, size)).as("%d", size).isNotZero();
    }
    for (int base : new int[] {0x10000, -1}) {
      assertThat(acknowledged(FrontEndRequest.SET_VRING_BASE, base)).as("%d", base).isNotZero();
    }
    for (int index : new int[] {CountedDevice.QUEUES, -1, Integer.MAX_VALUE}) {
      byte[] state = new VringState(index, 1).encode();
      assertThat(rig.link.acknowledged(FrontEndRequest.SET_VRING_ENABLE, state)).isNotZero();
      assertThat(rig.link.acknowledged(FrontEndRequest.SET_VRING_NUM, state)).isNotZero();
    }
    assertThat(acknowledged(FrontEndRequest.SET_VRING_ENABLE, 2)).isNotZero();
  }

  @Test
  void anotherCallIsSignalledForWhatMayNotHaveBeenTold() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    rig.ring.call.drain();
    rig.link.must(FrontEndRequest.SET_VRING_CALL, GuestRing.file(), rig.ring.call.fd());
    assertThat(rig.ring.call.await(20_000)).isTrue();
  }

  @Test
  void aResetStopsTheDeviceAndLeavesTheConnection() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    serve(4);
    rig.link.must(FrontEndRequest.RESET_DEVICE, SessionRig.NOTHING);
    assertThat(rig.engine.running(0)).isFalse();
    rig.link.must(FrontEndRequest.SET_FEATURES, SessionRig.number(SessionRig.PLAIN));
    rig.ring.start(rig.link, 4);
    serve(2);
  }
}
