package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.vhostuser.internal.sys.Eventfd;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.Mapping;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.LogArea;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

class DirtySessionTest {

  private static final long LOG_BYTES = 32;
  private static final long LOG_ALL = 1L << Agreement.LOG_ALL;
  private static final int LOG_USED = 1;

  private static void serve(SessionRig rig) throws Exception {
    rig.ring.post(4);
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> {
          rig.ring.collect();
          return rig.ring.used.size() == rig.ring.posted();
        });
  }

  private static BitSet marked(MemorySegment log) {
    return BitSet.valueOf(log.toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void loggingBeginsAndEndsWhileARingRuns() throws Exception {
    try (SessionRig rig = new SessionRig(false);
        Arena arena = Arena.ofShared();
        Fd file = MemoryFile.create("log", 4096);
        Eventfd logged = Eventfd.create()) {
      MemorySegment log = Mapping.of(file, 0, 4096, arena);
      BitSet expected = new BitSet();
      expected.set((int) (rig.ring.data.gpa() >> 12));
      rig.agreeWithMemory(SessionRig.PLAIN);
      rig.ring.start(rig.link, 0);
      rig.link.must(FrontEndRequest.SET_LOG_BASE, new LogArea(LOG_BYTES, 0).encode(), file);
      rig.link.must(FrontEndRequest.SET_LOG_FD, SessionRig.NOTHING, logged.fd());
      serve(rig);
      assertThat(marked(log).isEmpty()).as("not yet").isTrue();

      rig.link.must(FrontEndRequest.SET_FEATURES, SessionRig.number(SessionRig.PLAIN | LOG_ALL));
      serve(rig);
      await().atMost(Duration.ofSeconds(20)).until(logged::drain);
      assertThat(marked(log)).as("what requests wrote").isEqualTo(expected);

      log.fill((byte) 0);
      rig.link.must(FrontEndRequest.SET_VRING_ADDR, rig.ring.addresses(LOG_USED).encode());
      serve(rig);
      expected.set((int) (rig.ring.queue.addresses().device() >> 12));
      await().atMost(Duration.ofSeconds(20)).until(() -> marked(log).equals(expected));

      rig.link.must(FrontEndRequest.SET_VRING_ADDR, rig.ring.addresses(0).encode());
      rig.link.must(FrontEndRequest.SET_FEATURES, SessionRig.number(SessionRig.PLAIN));
      log.fill((byte) 0);
      serve(rig);
      assertThat(marked(log).isEmpty()).as("no more").isTrue();
    }
  }
}
