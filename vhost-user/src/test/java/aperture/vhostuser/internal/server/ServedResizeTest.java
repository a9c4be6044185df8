package aperture.vhostuser.internal.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.core.Aperture;
import aperture.devices.blk.BlkDeviceType;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.VhostSizeInfo;
import aperture.vhostuser.internal.sys.Poller;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.BackEndRequest;
import aperture.vhostuser.internal.wire.ConfigMessage;
import aperture.vhostuser.internal.wire.Disconnected;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.MessageReader;
import aperture.vhostuser.internal.wire.MessageWriter;
import aperture.vhostuser.internal.wire.ProtocolFeature;
import aperture.vhostuser.internal.wire.ProtocolFeatures;
import aperture.vhostuser.testkit.FrontEnd;
import aperture.vhostuser.testkit.FrontEndLink;
import aperture.vhostuser.testkit.FrontEndMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A disk grows and shrinks while a front end has it. */
class ServedResizeTest {

  private static final int IMAGE = 4 << 20;
  private static final int LARGER = 8 << 20;
  private static final int SECTOR = 512;
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final byte[] NOTHING = {};

  @TempDir Path dir;
  private Path image;
  private Path socket;
  private Aperture aperture;
  private VhostService servers;

  @BeforeEach
  void open() throws Exception {
    image = Files.write(dir.resolve("disk.img"), new byte[IMAGE]);
    socket = dir.resolve("s.sock");
    aperture = Aperture.standalone().deviceType(new BlkDeviceType());
    servers = new VhostService(aperture.host(), false);
    servers.serve(
        new VhostServeSpec(
            Optional.of("disk"),
            "blk",
            Optional.of(socket),
            OptionalInt.empty(),
            Optional.empty(),
            Setting.UNSET,
            false,
            Map.of("file", image.toString())));
  }

  @AfterEach
  void close() {
    servers.close();
    aperture.close();
  }

  private VhostSizeInfo resize(long bytes) throws ControlException {
    return servers.resize("disk", OptionalLong.of(bytes));
  }

  private static long sectors(byte[] config) {
    return ByteBuffer.wrap(config).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
  }

  private static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  private FrontEndLink connect(ProtocolFeatures features, UnixSocket backEnd) throws IOException {
    FrontEndLink link = new FrontEndLink(UnixSocket.connect(socket));
    link.tell(FrontEndRequest.SET_PROTOCOL_FEATURES, number(features.bits()));
    if (features.has(ProtocolFeature.BACKEND_REQ)) {
      link.must(FrontEndRequest.SET_BACKEND_REQ_FD, NOTHING, backEnd.fd());
    }
    // Answered when all before it is done.
    link.number(FrontEndRequest.GET_FEATURES);
    return link;
  }

  /** Writes until there is no room left; returns how many messages are unread then. */
  private static int fill(UnixSocket socket) throws IOException {
    MessageWriter writer = new MessageWriter(socket);
    Poller room = Poller.ofWritable(socket.fd());
    int written = 0;
    while (room.await(0)) {
      writer.request(BackEndRequest.CONFIG_CHANGE, NOTHING, false);
      written++;
    }
    return written;
  }

  @Test
  void aFrontEndIsToldOfAnotherSizeAndReadsIt() throws Exception {
    try (FrontEndMemory memory = new FrontEndMemory(1 << 20, false);
        FrontEnd frontEnd = FrontEnd.connectBlk(memory, socket)) {
      byte[] capacity = new byte[Long.BYTES];
      frontEnd.readConfig(0, capacity);
      assertThat(sectors(capacity)).isEqualTo(IMAGE / SECTOR);

      assertThat(resize(LARGER)).isEqualTo(new VhostSizeInfo("disk", LARGER, "is told"));
      await().atMost(LIMIT).until(() -> frontEnd.configChanges() == 1);
      frontEnd.readConfig(0, capacity);
      assertThat(sectors(capacity)).isEqualTo(LARGER / SECTOR);
      assertThat(image).hasSize(LARGER);

      assertThat(resize(LARGER).guest()).isEqualTo("needs no word");

      Files.write(image, new byte[IMAGE]);
      assertThat(servers.resize("disk", OptionalLong.empty()))
          .isEqualTo(new VhostSizeInfo("disk", IMAGE, "is told"));
      await().atMost(LIMIT).until(() -> frontEnd.configChanges() == 2);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"CONFIG", "BACKEND_REQ"})
  void withoutAWayToTellNothingIsSentAndTheAnswerSaysSo(ProtocolFeature missing) throws Exception {
    try (UnixSocket.Pair backEnd = UnixSocket.pair();
        FrontEndLink link = connect(ProtocolFeatures.OFFERED.without(missing), backEnd.right())) {
      assertThat(resize(LARGER))
          .isEqualTo(new VhostSizeInfo("disk", LARGER, "learns at its next reset"));
      // Still there: what was agreed upon is not forgotten.
      link.number(FrontEndRequest.GET_FEATURES);
      servers.stop("disk");
      backEnd.right().close();
      assertThat(MessageReader.ofBackEnd(backEnd.left()).read()).isInstanceOf(Disconnected.class);
    }
  }

  @Test
  void withoutAFrontEndThereIsNobodyToTell() throws Exception {
    assertThat(resize(LARGER)).isEqualTo(new VhostSizeInfo("disk", LARGER, "is none"));
  }

  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void aFrontEndThatDoesNotReadIsWaitedForByNobodyElse() throws Exception {
    try (UnixSocket.Pair backEnd = UnixSocket.pair();
        FrontEndLink link = connect(ProtocolFeatures.OFFERED, backEnd.right())) {
      int unread = fill(backEnd.right());
      for (int change = 0; change < 4; change++) {
        assertThat(resize(change % 2 == 0 ? LARGER : IMAGE).guest()).isEqualTo("is told");
      }
      ConfigMessage wanted = new ConfigMessage(0, 0, new byte[Long.BYTES]);
      ByteBuffer config = link.ask(FrontEndRequest.GET_CONFIG, wanted.encode());
      assertThat(sectors(ConfigMessage.decode(config).bytes())).isEqualTo(IMAGE / SECTOR);

      MessageReader<BackEndRequest> reader = MessageReader.ofBackEnd(backEnd.left());
      for (int message = 0; message <= unread; message++) {
        assertThat(reader.read()).as("message %d", message).isInstanceOf(Message.class);
      }
    }
  }

  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void aServerEndsWhileAFrontEndDoesNotRead() throws Exception {
    try (UnixSocket.Pair backEnd = UnixSocket.pair();
        FrontEndLink link = connect(ProtocolFeatures.OFFERED, backEnd.right())) {
      fill(backEnd.right());
      resize(LARGER);
      servers.stop("disk");
      assertThat(servers.list()).isEmpty();
      assertThatThrownBy(() -> link.number(FrontEndRequest.GET_FEATURES))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void aSizeThatCannotBeIsRefusedInOneLine() {
    assertThatThrownBy(() -> resize(1000))
        .isInstanceOfSatisfying(
            ControlException.class,
            e -> assertThat(e.kind()).isEqualTo(ControlException.Kind.USAGE))
        .hasMessageContaining("server disk: 1000 bytes are no multiple of the block size 512");
    assertThatThrownBy(() -> servers.resize("dsk", OptionalLong.empty()))
        .hasMessageContaining("did you mean 'disk'?");
  }
}
