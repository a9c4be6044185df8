package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.AccessDecision;
import aperture.access.AccessRequest;
import aperture.access.Levels;
import aperture.access.Setting;
import aperture.access.UnackedAddressing;
import aperture.core.internal.served.ServedEngine;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.Channel;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.MemoryTable;
import aperture.vhostuser.internal.wire.ProtocolFeatures;
import aperture.vhostuser.testkit.FrontEndLink;
import aperture.vhostuser.testkit.FrontEndMemory;
import aperture.virtio.Feature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** A guest's memory and ring, a device, and one connection after the other between them. */
final class SessionRig implements AutoCloseable {

  static final byte[] NOTHING = {};
  static final long GATE = 1L << 30;
  static final long VERSION_1 = 1L << Feature.VERSION_1.bit();
  static final long PLATFORM = 1L << Feature.ACCESS_PLATFORM.bit();
  static final long PLAIN = VERSION_1 | GATE;
  private static final long JOIN_MILLIS = 30_000;
  private static final Logger LOGGER = Logger.getLogger(Session.class.getName());

  private final long fdsBefore = Fd.open();
  final CountedDevice device = new CountedDevice();
  final ServedEngine engine;
  final FrontEndMemory memory = new FrontEndMemory(1 << 20, false);
  final GuestRing ring = new GuestRing(memory);
  private final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
  private final Handler listener = new LogListener();
  Session session;
  FrontEndLink link;
  UnixSocket socket;
  private Thread control;

  private final class LogListener extends Handler {
    @Override
    public void publish(LogRecord record) {
      log.add(new SimpleFormatter().formatMessage(record));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  SessionRig(boolean offersPlatform) throws Exception {
    Setting offer = offersPlatform ? Setting.ON : Setting.OFF;
    engine =
        new ServedEngine(
            "d0",
            2,
            device,
            AccessDecision.decide(
                new AccessRequest(
                    "d0",
                    "served",
                    new Levels(offer, Setting.UNSET, true),
                    new Levels(Setting.UNSET, Setting.UNSET, false),
                    UnackedAddressing.PHYSICAL,
                    false,
                    false)));
    LOGGER.addHandler(listener);
    connect();
  }

  /** A new connection, of which nothing was said yet. */
  void connect() throws IOException {
    UnixSocket.Pair pair = UnixSocket.pair();
    socket = pair.left();
    link = new FrontEndLink(socket);
    Session fresh = new Session(engine, new Channel(pair.right()), null);
    session = fresh;
    control =
        Thread.ofPlatform()
            .daemon()
            .start(() -> {
              try (fresh) {
                fresh.run();
              }
            });
  }

  /** Agrees on every protocol feature. */
  void agree() throws IOException {
    agree(ProtocolFeatures.OFFERED);
  }

  /** Agrees on some protocol features. */
  void agree(ProtocolFeatures features) throws IOException {
    long offered = link.number(FrontEndRequest.GET_PROTOCOL_FEATURES);
    assertThat(offered).isEqualTo(ProtocolFeatures.OFFERED.bits());
    link.tell(FrontEndRequest.SET_PROTOCOL_FEATURES, number(features.bits()));
    link.tell(FrontEndRequest.SET_OWNER, NOTHING);
  }

  /** Agrees on everything, and gives memory. */
  void agreeWithMemory(long features) throws IOException {
    agree();
    link.must(FrontEndRequest.SET_FEATURES, number(features));
    link.must(FrontEndRequest.SET_MEM_TABLE, table(), memory.file());
  }

  /** All memory. */
  byte[] table() {
    return new MemoryTable(List.of(memory.regionMessage())).encode();
  }

  static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  /** What the session said. */
  String log() {
    return String.join("\n", log);
  }

  /** The front end is gone; waits until the back end noticed. */
  void disconnect() {
    link.close();
    ended();
  }

  /** Waits until the connection has ended. */
  void ended() {
    try {
      control.join(JOIN_MILLIS);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    assertThat(control.isAlive()).as("the session goes on").isFalse();
  }

  @Override
  public void close() {
    disconnect();
    engine.close();
    ring.close();
    memory.close();
    LOGGER.removeHandler(listener);
    assertThat(Fd.open()).as("open descriptors").isEqualTo(fdsBefore);
  }
}
