package aperture.vhostuser.internal.inflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.InflightArea;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.MessageReader;
import aperture.vhostuser.internal.wire.MessageWriter;
import aperture.vhostuser.internal.wire.Received;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InflightRegionTest {

  private static final int QUEUES = 2;
  private static final int ENTRIES = 16;
  private static final long BYTES = InflightRegion.bytes(QUEUES, ENTRIES);

  private final long fdsBefore = Fd.open();
  private Fd file;

  @BeforeEach
  void create() throws IOException {
    file = InflightRegion.create(QUEUES, ENTRIES);
  }

  @AfterEach
  void nothingStaysOpen() {
    file.close();
    assertThat(Fd.open()).isEqualTo(fdsBefore);
  }

  private static InflightArea area(int queues, int entries) {
    return new InflightArea(BYTES, 0, queues, entries, true);
  }

  /** The file as it comes over a socket. */
  private InflightRegion map(InflightArea area) throws IOException {
    try (UnixSocket.Pair pair = UnixSocket.pair()) {
      new MessageWriter(pair.left())
          .request(FrontEndRequest.SET_INFLIGHT_FD, area.encode(), false, file);
      Received<FrontEndRequest> received = MessageReader.ofFrontEnd(pair.right()).read();
      try (Message<?> message = (Message<?>) received) {
        return InflightRegion.map(area, message.takeFd());
      }
    }
  }

  @Test
  void numbersThatDoNotFitEachOtherOrTheFileAreRefused() {
    List<InflightArea> wrong =
        List.of(
            new InflightArea(BYTES, 0, 0, ENTRIES, true),
            new InflightArea(BYTES, 0, QUEUES, 0, true),
            new InflightArea(BYTES - 1, 0, QUEUES, ENTRIES, true),
            new InflightArea(-1, 0, QUEUES, ENTRIES, true),
            new InflightArea(Long.MAX_VALUE, 0, 0xffff, 0xffff, true),
            new InflightArea(BYTES, 1, QUEUES, ENTRIES, true),
            new InflightArea(BYTES, -4096, QUEUES, ENTRIES, true),
            new InflightArea(BYTES, 1L << 40, QUEUES, ENTRIES, true),
            new InflightArea(BYTES, Long.MAX_VALUE & -4096, QUEUES, ENTRIES, true));
    for (InflightArea area : wrong) {
      assertThatThrownBy(() -> map(area))
          .as(area.toString())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("in-flight region");
    }
  }

  @Test
  void aRecordWrittenForAnotherSizeIsRefusedInsteadOfMisread() throws IOException {
    try (InflightRegion region = map(area(QUEUES, ENTRIES))) {
      region.queue(0, ENTRIES).from(3);
      region.queue(0, ENTRIES / 2);
    }
    try (InflightRegion region = map(area(1, ENTRIES / 2))) {
      assertThatThrownBy(() -> region.queue(0, ENTRIES / 2))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("for 16 entries");
    }
  }

  @Test
  void aQueueBeyondTheRegionIsRefused() throws IOException {
    try (InflightRegion region = map(area(QUEUES, ENTRIES))) {
      assertThatThrownBy(() -> region.queue(QUEUES, ENTRIES)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> region.queue(0, 2 * ENTRIES)).isInstanceOf(IOException.class);
      assertThat(region.queue(QUEUES - 1, ENTRIES).from(9).nextAvailable()).isEqualTo(9);
    }
  }
}
