package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.RegionMessage;
import aperture.vhostuser.internal.wire.VringState;
import aperture.vhostuser.testkit.FrontEndMemory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class HostileFrontEndTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final long OTHER_GPA = 1L << 32;
  private static final long OTHER_SIZE = 1 << 16;

  private static void serve(SessionRig rig) throws Exception {
    rig.ring.post(4);
    await()
        .atMost(LIMIT)
        .until(() -> {
          rig.ring.collect();
          return rig.ring.used.size() == rig.ring.posted();
        });
  }

  @Test
  void aTruncatedMemoryFileCostsItsOwnerTheDeviceAndNobodyElseAnything() throws Exception {
    RegionMessage other =
        new RegionMessage(OTHER_GPA, OTHER_SIZE, FrontEndMemory.USER_BASE + OTHER_GPA, 0);
    try (SessionRig honest = new SessionRig(false)) {
      honest.agreeWithMemory(SessionRig.PLAIN);
      honest.ring.start(honest.link, 0);
      try (SessionRig rig = new SessionRig(false);
          Fd file = MemoryFile.create("shrinks", OTHER_SIZE)) {
        rig.agreeWithMemory(SessionRig.PLAIN);
        rig.link.must(FrontEndRequest.ADD_MEM_REG, other.encode(), file);
        rig.ring.start(rig.link, 0);
        serve(rig);
        MemoryFile.resize(file, 0);
        rig.ring.postAt(OTHER_GPA);
        await().atMost(LIMIT).until(rig.ring.error::drain);
        assertThat(rig.engine.stats().broken()).contains("queue 0");
        assertThat(rig.link.number(FrontEndRequest.GET_QUEUE_NUM)).isEqualTo(CountedDevice.QUEUES);
        serve(honest);
      }
      serve(honest);
      assertThat(honest.engine.stats().broken()).isEmpty();
    }
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS)
  void aFrontEndThatNeverAnswersAQuestionCanStopAndLeaveAllTheSame() throws Exception {
    try (SessionRig rig = new SessionRig(true);
        UnixSocket.Pair questions = UnixSocket.pair()) {
      rig.agreeWithMemory(SessionRig.PLAIN | SessionRig.PLATFORM);
      rig.link.must(FrontEndRequest.SET_BACKEND_REQ_FD, SessionRig.NOTHING, questions.right().fd());
      rig.ring.start(rig.link, 0);
      rig.ring.post(4);
      await().atMost(LIMIT).until(() -> rig.session.iotlb().misses() > 0);
      VringState stopped =
          VringState.decode(rig.link.ask(FrontEndRequest.GET_VRING_BASE, GuestRing.state(0)));
      assertThat(stopped.number()).isZero();

      rig.ring.start(rig.link, 0);
      rig.disconnect();
      assertThat(rig.device.served).isEmpty();
    }
  }
}
