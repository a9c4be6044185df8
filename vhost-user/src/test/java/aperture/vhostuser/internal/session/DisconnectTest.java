package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.HostilePeer;
import aperture.vhostuser.internal.sys.MemoryFile;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.MemoryTable;
import aperture.vhostuser.internal.wire.RegionMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/** A front end goes at the worst moment: nothing of it stays, and the next one is served. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class DisconnectTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int HEADER = 12;
  private static final int VERSION = 1;
  private static final int REGIONS = 4;
  private static final int REGION = 1 << 16;

  private SessionRig rig;
  private Fd file;
  private long before;

  @BeforeEach
  void open() throws Exception {
    rig = new SessionRig(true);
    file = MemoryFile.create("sent", REGION);
    // One life to have everything loaded that opens files.
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, 0);
    served();
    next();
    before = descriptors();
  }

  @AfterEach
  void close() {
    file.close();
    rig.close();
  }

  /** Descriptors of this process, as the system counts them. */
  private static long descriptors() throws IOException {
    try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
      return all.count();
    }
  }

  private void next() throws IOException {
    rig.disconnect();
    rig.connect();
  }

  private void nothingLeft() {
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(descriptors()).as("descriptors").isEqualTo(before));
  }

  private void served() throws IOException {
    rig.ring.post(4);
    await()
        .atMost(LIMIT)
        .until(() -> {
          rig.ring.collect();
          return rig.ring.used.size() == rig.ring.posted();
        });
  }

  private void nextIsServed() throws IOException {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, rig.ring.usedIndex());
    served();
  }

  private static byte[] frame(FrontEndRequest request, byte[] payload) {
    return ByteBuffer.allocate(HEADER + payload.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(request.id())
        .putInt(VERSION)
        .putInt(payload.length)
        .put(payload)
        .array();
  }

  private static byte[] table() {
    List<RegionMessage> regions =
        IntStream.range(0, REGIONS)
            .mapToObj(i -> new RegionMessage((long) i * REGION, REGION, (long) i * REGION, 0))
            .toList();
    return frame(FrontEndRequest.SET_MEM_TABLE, new MemoryTable(regions).encode());
  }

  @Test
  void atAnyByteOfAMessageWithDescriptors() throws Exception {
    byte[] whole = table();
    for (int cut = 1; cut < whole.length; cut++) {
      HostilePeer.send(rig.socket, Arrays.copyOf(whole, cut), Collections.nCopies(REGIONS, file));
      next();
    }
    nothingLeft();
    nextIsServed();
  }

  @Test
  void betweenDescriptorsThatComeInPieces() throws Exception {
    byte[] whole = table();
    for (int cut = 1; cut < whole.length; cut++) {
      // The rest of them comes with bytes where none may come any more.
      HostilePeer.send(rig.socket, Arrays.copyOf(whole, cut), List.of(file, file));
      sendIfHeard(Arrays.copyOfRange(whole, cut, cut + 1), List.of(file, file));
      next();
    }
    nothingLeft();
    nextIsServed();
  }

  /** The back end may have closed already, for what it has seen so far. */
  private void sendIfHeard(byte[] bytes, List<Fd> fds) {
    try {
      rig.socket.send(bytes, fds);
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("sendmsg");
    }
  }

  @Test
  void withMoreDescriptorsThanAMessageTakes() throws Exception {
    for (FrontEndRequest request : FrontEndRequest.values()) {
      byte[] header = Arrays.copyOf(frame(request, new byte[0]), HEADER);
      HostilePeer.send(rig.socket, header, Collections.nCopies(40, file));
      next();
    }
    nothingLeft();
    nextIsServed();
  }

  @Test
  void withMessagesUnread() throws Exception {
    rig.agreeWithMemory(SessionRig.PLAIN);
    rig.ring.start(rig.link, rig.ring.usedIndex());
    for (int i = 0; i < 20; i++) {
      sendIfHeard(frame(FrontEndRequest.SET_VRING_CALL, GuestRing.file()), List.of(file));
      sendIfHeard(frame(FrontEndRequest.SET_LOG_FD, new byte[0]), List.of(file));
    }
    next();
    nothingLeft();
    nextIsServed();
  }

  @Test
  void whileAQuestionIsOpenAndInTheMiddleOfItsAnswer() throws Exception {
    byte[] answer = {1, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    for (int cut = 0; cut < answer.length; cut += 3) {
      try (UnixSocket.Pair questions = UnixSocket.pair()) {
        rig.agreeWithMemory(SessionRig.PLAIN | SessionRig.PLATFORM);
        rig.link.must(
            FrontEndRequest.SET_BACKEND_REQ_FD, SessionRig.NOTHING, questions.right().fd());
        questions.right().fd().close();
        rig.ring.start(rig.link, rig.ring.usedIndex());
        rig.ring.post(cut == 0 ? 4 : 0);
        await().atMost(LIMIT).until(() -> rig.session.iotlb().misses() > 0);
        if (cut > 0) {
          questions.left().send(Arrays.copyOf(answer, cut), List.of());
        }
      }
      next();
    }
    nothingLeft();
    nextIsServed();
  }
}
