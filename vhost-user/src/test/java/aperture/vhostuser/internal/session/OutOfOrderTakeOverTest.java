package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.vhostuser.internal.inflight.Predecessor;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.Mapping;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.InflightArea;
import aperture.vhostuser.internal.wire.ProtocolFeature;
import aperture.vhostuser.internal.wire.ProtocolFeatures;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A predecessor took the requests 0 to 5 and finished 2 and 4 when it was killed. The ring says no
 * more than that two were used; which ones are lost is in the record alone.
 */
class OutOfOrderTakeOverTest {

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int TAKEN = 6;

  /** As a front end tells it after a crash: the index of the used ring. */
  private static final int USED = 2;

  private SessionRig rig;
  private final Arena arena = Arena.ofShared();
  private final List<Fd> kept = new ArrayList<>();
  private InflightArea area;
  private Predecessor record;

  @BeforeEach
  void open() throws Exception {
    rig = new SessionRig(false);
    rig.agreeWithMemory(SessionRig.PLAIN);
    byte[] wanted =
        new InflightArea(0, 0, CountedDevice.QUEUES, CountedDevice.QUEUE_SIZE, true).encode();
    area = InflightArea.decode(rig.link.ask(FrontEndRequest.GET_INFLIGHT_FD, wanted, kept));
    MemorySegment region = Mapping.of(kept.getFirst(), area.mapOffset(), area.mapSize(), arena);
    record = new Predecessor(region, 0, CountedDevice.QUEUE_SIZE);

    assertThat(rig.ring.post(TAKEN)).isEqualTo(TAKEN);
    // Neither in the order of the ring nor in that of heads.
    long[] counters = {17, 15, 11, 16, 12, 14};
    for (int request = 0; request < TAKEN; request++) {
      record.took(rig.ring.head(request), counters[request]);
    }
  }

  @AfterEach
  void close() {
    arena.close();
    kept.forEach(Fd::close);
    rig.close();
  }

  private void killed() throws IOException {
    rig.disconnect();
    rig.connect();
  }

  private void begin() throws IOException {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.link.must(FrontEndRequest.SET_INFLIGHT_FD, area.encode(), kept.getFirst());
    rig.ring.start(rig.link, USED);
  }

  private void finish() {
    await()
        .atMost(LIMIT)
        .until(() -> {
          rig.ring.collect();
          return rig.ring.used.size() == rig.ring.posted();
        });
  }

  @Test
  void exactlyTheLostRequestsAreDoneOnceInTheOrderOfTheirCounters() throws Exception {
    for (int request : new int[] {2, 4}) {
      rig.ring.use(request);
      record.used(rig.ring.head(request), rig.ring.usedIndex());
    }
    killed();
    begin();
    finish();
    assertThat(rig.device.served).containsExactly(5L, 1L, 3L, 0L);
    assertThat(rig.ring.used).containsExactly(2L, 4L, 5L, 1L, 3L, 0L);

    rig.ring.post(2);
    finish();
    assertThat(rig.device.served).containsExactly(5L, 1L, 3L, 0L, 6L, 7L);
  }

  @Test
  void aRequestThatWasPublishedAndNotYetCrossedOutIsNotDoneAgain() throws Exception {
    rig.ring.use(2);
    record.used(rig.ring.head(2), rig.ring.usedIndex());
    rig.ring.use(4);
    record.published(rig.ring.head(4));
    killed();
    begin();
    finish();
    assertThat(rig.device.served).containsExactly(5L, 1L, 3L, 0L);
  }

  @Test
  void aServerThatIsKilledInTheMiddleOfThatLeavesTheRestToTheNext() throws Exception {
    for (int request : new int[] {2, 4}) {
      rig.ring.use(request);
      record.used(rig.ring.head(request), rig.ring.usedIndex());
    }
    rig.device.failsAt = 3;
    killed();
    begin();
    await().atMost(LIMIT).until(rig.ring.error::drain);
    killed();
    begin();
    finish();
    assertThat(rig.ring.used).containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L);
    assertThat(rig.device.served).endsWith(3L, 0L).doesNotContain(2L, 4L);
  }

  @Test
  void withoutTheRecordOthersAreDoneTwiceAndTheLostStayLost() throws Exception {
    for (int request : new int[] {2, 4}) {
      rig.ring.use(request);
      record.used(rig.ring.head(request), rig.ring.usedIndex());
    }
    killed();
    rig.agree(ProtocolFeatures.OFFERED.without(ProtocolFeature.INFLIGHT_SHMFD));
    rig.link.must(FrontEndRequest.SET_FEATURES, SessionRig.number(SessionRig.PLAIN));
    rig.link.must(FrontEndRequest.SET_MEM_TABLE, rig.table(), rig.memory.file());
    rig.ring.start(rig.link, USED);
    await().atMost(LIMIT).until(() -> rig.device.served.size() == TAKEN - USED);
    rig.link.ask(FrontEndRequest.GET_VRING_BASE, GuestRing.state(0));
    assertThat(rig.device.served).containsExactly(2L, 3L, 4L, 5L).doesNotContain(0L, 1L);
  }
}
