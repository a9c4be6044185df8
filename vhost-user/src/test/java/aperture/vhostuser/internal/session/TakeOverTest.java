package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.InflightArea;
import aperture.vhostuser.internal.wire.RegionMessage;
import aperture.vhostuser.testkit.FrontEndMemory;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One connection follows another, or memory comes and goes, while requests are under way. */
class TakeOverTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final long OTHER_GPA = 1L << 32;
  private static final long OTHER_SIZE = 1 << 16;

  private SessionRig rig;
  private final List<Fd> kept = new ArrayList<>();
  private InflightArea area;

  @BeforeEach
  void open() throws Exception {
    rig = new SessionRig(true);
  }

  @AfterEach
  void close() {
    kept.forEach(Fd::close);
    rig.close();
  }

  /** As a front end that connects again: the same memory, ring and record. */
  private void begin(int base) throws IOException {
    rig.agreeWithMemory(SessionRig.PLAIN);
    if (area == null) {
      byte[] wanted =
          new InflightArea(0, 0, CountedDevice.QUEUES, CountedDevice.QUEUE_SIZE, true).encode();
      area = InflightArea.decode(rig.link.ask(FrontEndRequest.GET_INFLIGHT_FD, wanted, kept));
    }
    rig.link.must(FrontEndRequest.SET_INFLIGHT_FD, area.encode(), kept.getFirst());
    rig.ring.start(rig.link, base);
  }

  private List<Long> everything() {
    return LongStream.range(0, rig.ring.posted()).boxed().toList();
  }

  private void finish() {
    await()
        .atMost(LIMIT)
        .until(() -> {
          rig.ring.collect();
          return rig.ring.used.size() == rig.ring.posted();
        });
    assertThat(rig.ring.used).as("used").isEqualTo(everything());
    assertThat(rig.device.served).as("served").containsExactlyElementsOf(everything());
  }

  @Test
  void connectionsLostUnderLoadLoseAndRepeatNothing() throws Exception {
    for (int life = 0; life < 12; life++) {
      begin(0);
      int target = rig.ring.used.size() + 50 + 37 * life;
      while (rig.ring.used.size() < target) {
        rig.ring.post(3);
        rig.ring.collect();
      }
      rig.ring.post(GuestRing.SIZE);
      rig.session.shutdown();
      rig.ended();
      rig.link.close();
      rig.connect();
    }
    begin(0);
    finish();
  }

  @Test
  void requestsThatFailedInTheMiddleAreDoneAgainByTheNext() throws Exception {
    begin(0);
    for (int life = 0; life < 6; life++) {
      rig.ring.error.drain();
      rig.device.failsAt = rig.ring.posted() + 1;
      await()
          .atMost(LIMIT)
          .until(() -> {
            rig.ring.collect();
            rig.ring.post(2);
            return rig.ring.error.drain();
          });
      rig.disconnect();
      rig.connect();
      begin(0);
    }
    await()
        .atMost(LIMIT)
        .until(() -> {
          rig.ring.collect();
          return rig.ring.used.size() == rig.ring.posted();
        });
    assertThat(rig.ring.used).as("used").containsExactlyElementsOf(everything());
    assertThat(rig.device.served).as("served").containsAll(everything());
  }

  @Test
  void memoryComesAndGoesUnderLoad() throws Exception {
    begin(0);
    RegionMessage other =
        new RegionMessage(OTHER_GPA, OTHER_SIZE, FrontEndMemory.USER_BASE + OTHER_GPA, 0);
    try (Fd file = MemoryFile.create("other", OTHER_SIZE)) {
      for (int round = 0; round < 40; round++) {
        rig.ring.post(4);
        rig.link.must(FrontEndRequest.ADD_MEM_REG, other.encode(), file);
        rig.ring.collect();
        rig.ring.post(4);
        rig.link.must(FrontEndRequest.REM_MEM_REG, other.encode());
        rig.ring.collect();
      }
      assertThat(rig.link.acknowledged(FrontEndRequest.REM_MEM_REG, other.encode())).isNotZero();
    }
    finish();
  }

  @Test
  void aRingWhoseMemoryGoesStopsAndSaysSo() throws Exception {
    begin(0);
    rig.ring.post(4);
    finish();
    rig.ring.error.drain();
    byte[] region = rig.memory.regionMessage().encode();
    rig.link.must(FrontEndRequest.REM_MEM_REG, region);
    assertThat(rig.ring.error.drain()).isTrue();
    assertThat(rig.engine.running(0)).isFalse();
    rig.link.must(FrontEndRequest.ADD_MEM_REG, region, rig.memory.file());
    rig.ring.start(rig.link, 4);
    rig.ring.post(4);
    finish();
  }

  @Test
  void aConnectionMayEndAtAnyMoment() throws Exception {
    List<SessionStep> steps =
        List.of(
            rig::agree,
            () -> rig.agreeWithMemory(SessionRig.PLAIN),
            () -> begin(0),
            () -> rig.ring.setUp(rig.link, 0),
            () -> {
              begin(0);
              rig.ring.post(GuestRing.SIZE);
            });
    for (SessionStep step : steps) {
      step.run();
      rig.disconnect();
      rig.connect();
      rig.agree();
    }
    begin(0);
    finish();
  }

  private interface SessionStep {
    void run() throws Exception;
  }
}
