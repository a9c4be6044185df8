package aperture.vhostuser.testkit;

import aperture.dma.DriverDma;
import aperture.iommu.Access;
import aperture.vhostuser.internal.inflight.InflightRegion;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.internal.sys.UnixSocket;
import aperture.vhostuser.internal.wire.BackEndRequest;
import aperture.vhostuser.internal.wire.ConfigMessage;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.InflightArea;
import aperture.vhostuser.internal.wire.IotlbMessage;
import aperture.vhostuser.internal.wire.MemoryTable;
import aperture.vhostuser.internal.wire.Message;
import aperture.vhostuser.internal.wire.MessageReader;
import aperture.vhostuser.internal.wire.MessageWriter;
import aperture.vhostuser.internal.wire.ProtocolFeature;
import aperture.vhostuser.internal.wire.ProtocolFeatures;
import aperture.vhostuser.internal.wire.Received;
import aperture.vhostuser.internal.wire.VringAddress;
import aperture.virtio.DeviceStatus;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.QueueAddresses;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The device of a back end, as a guest's driver sees it. Speaks vhost-user as QEMU does: the order
 * of messages at connection, start and stop is the same.
 */
public final class FrontEnd implements VirtioTransport, GuestPlatform, AutoCloseable {

  private static final byte[] NOTHING = {};
  private static final int PROTOCOL_FEATURES = 30;
  private static final FeatureSet TRANSPORT = FeatureSet.of(26, PROTOCOL_FEATURES);
  private static final int BLOCK_CONFIG = 60;

  private final FrontEndMemory memory;
  private final FrontEndLink link;
  private final FrontEndDma dma;
  private final UnixSocket.Pair backEnd;

  /** Whoever waits on a descriptor: it is given back once he has left. */
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  private final FeatureSet offered;
  private final ProtocolFeatures agreed;
  private final int queues;
  private final int queueSize;
  private final int deviceId;
  private final FrontEndVrings vrings;
  private FeatureSet accepted = FeatureSet.NONE;
  private volatile int status;
  private volatile InterruptHandler handler = new NoHandler();
  private volatile boolean closed;
  private final AtomicLong misses = new AtomicLong();
  private final AtomicLong configChanges = new AtomicLong();

  private FrontEnd(FrontEndMemory memory, UnixSocket socket, int deviceId, int queueSize)
      throws IOException {
    this.memory = memory;
    this.deviceId = deviceId;
    this.queueSize = queueSize;
    link = new FrontEndLink(socket);
    vrings = new FrontEndVrings(link, threads);
    dma = new FrontEndDma(memory.bus(), link);
    backEnd = UnixSocket.pair();
    offered = new FeatureSet(link.number(FrontEndRequest.GET_FEATURES), 0);
    ProtocolFeatures protocol =
        new ProtocolFeatures(link.number(FrontEndRequest.GET_PROTOCOL_FEATURES));
    long known =
        ProtocolFeatures.of(
                ProtocolFeature.MQ,
                ProtocolFeature.LOG_SHMFD,
                ProtocolFeature.REPLY_ACK,
                ProtocolFeature.BACKEND_REQ,
                ProtocolFeature.CONFIG,
                ProtocolFeature.INFLIGHT_SHMFD)
            .bits();
    agreed = new ProtocolFeatures(protocol.bits() & known);
    link.tell(FrontEndRequest.SET_PROTOCOL_FEATURES, bytes(agreed.bits()));
    queues = agreed.has(ProtocolFeature.MQ) ? (int) link.number(FrontEndRequest.GET_QUEUE_NUM) : 1;
    if (agreed.has(ProtocolFeature.BACKEND_REQ)) {
      link.must(FrontEndRequest.SET_BACKEND_REQ_FD, NOTHING, backEnd.right().fd());
    }
    link.tell(FrontEndRequest.SET_OWNER, NOTHING);
    threads.add(Thread.ofPlatform().daemon().name("front-end-iommu").start(this::answer));
  }

  /** Connects to a back end that serves a block device. */
  public static FrontEnd connectBlk(FrontEndMemory memory, Path socket) throws IOException {
    return new FrontEnd(memory, UnixSocket.connect(socket), 2, 128);
  }

  /** Connects over a socket. */
  public static FrontEnd connect(FrontEndMemory memory, UnixSocket socket, int deviceId)
      throws IOException {
    return new FrontEnd(memory, socket, deviceId, 128);
  }

  static byte[] bytes(long number) {
    return ByteBuffer.allocate(Long.BYTES)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .putLong(number)
        .array();
  }

  /** For what a driver does not do. */
  public FrontEndLink link() {
    return link;
  }

  /** Questions answered. */
  public long misses() {
    return misses.get();
  }

  /** Changes of the configuration that this front end was told of. */
  public long configChanges() {
    return configChanges.get();
  }

  /** Invalidations acknowledged. */
  public long invalidations() {
    return dma.invalidations();
  }

  private void answer() {
    MessageReader<BackEndRequest> reader = MessageReader.ofBackEnd(backEnd.left());
    MessageWriter writer = new MessageWriter(backEnd.left());
    try {
      while (!closed) {
        Received<BackEndRequest> received = reader.read();
        if (!(received instanceof Message<BackEndRequest> message)) {
          return;
        }
        try (message) {
          long answer = answer(message);
          if (message.asksForReply()) {
            writer.acknowledge(message.request(), answer);
          }
        }
      }
    } catch (IOException e) {
      if (!closed) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private long answer(Message<BackEndRequest> message) throws IOException {
    return switch (message.request()) {
      case IOTLB_MSG -> answerMiss(IotlbMessage.decode(message.payload()));
      case CONFIG_CHANGE -> {
        configChanges.incrementAndGet();
        handler.configInterrupt();
        yield 0;
      }
      default -> 0;
    };
  }

  /** The translation goes first, on the main socket, as QEMU sends it. */
  private long answerMiss(IotlbMessage miss) throws IOException {
    Access access = miss.permission() == IotlbMessage.READ ? Access.READ : Access.WRITE;
    long user = memory.translate(miss.iova(), access);
    if (user == FrontEndMemory.NOT_MAPPED) {
      return 1;
    }
    misses.incrementAndGet();
    link.must(
        FrontEndRequest.IOTLB_MSG,
        new IotlbMessage(IotlbMessage.Type.UPDATE, miss.iova(), 4096, user, 3).encode());
    return 0;
  }

  @Override
  public int deviceId() {
    return deviceId;
  }

  @Override
  public int deviceFeatures(int select) {
    FeatureSet shown = offered.minus(TRANSPORT);
    return (memory.iommu() ? shown : shown.without(Feature.ACCESS_PLATFORM)).word(select);
  }

  @Override
  public void driverFeatures(int select, int value) {
    accepted = accepted.withWord(select, value);
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public synchronized void writeStatus(int written) {
    try {
      if (written == 0) {
        stop();
        accepted = FeatureSet.NONE;
        vrings.forget();
        status = 0;
        return;
      }
      int added = written & ~status;
      if ((added & DeviceStatus.FEATURES_OK) != 0) {
        link.tell(FrontEndRequest.SET_FEATURES, bytes(acked().low()));
      }
      status = written;
      if ((added & DeviceStatus.DRIVER_OK) != 0) {
        start();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start() throws IOException {
    if (agreed.has(ProtocolFeature.INFLIGHT_SHMFD)) {
      offerInflight();
    }
    link.must(
        FrontEndRequest.SET_MEM_TABLE,
        new MemoryTable(List.of(memory.regionMessage())).encode(),
        memory.file());
    dma.live(translated());
    vrings.start(translated(), queue -> handler.queueInterrupt(queue));
  }

  private void offerInflight() throws IOException {
    InflightArea wanted = new InflightArea(0, 0, queues, queueSize, true);
    List<Fd> fds = new ArrayList<>();
    ByteBuffer answer;
    try {
      answer = link.ask(FrontEndRequest.GET_INFLIGHT_FD, wanted.encode(), fds);
      InflightArea area = InflightArea.decode(answer);
      if (area.mapSize() < InflightRegion.bytes(queues, queueSize) || fds.size() != 1) {
        throw new IOException("in-flight region of " + area.mapSize() + " bytes");
      }
      link.tell(FrontEndRequest.SET_INFLIGHT_FD, area.encode(), fds.get(0));
    } finally {
      fds.forEach(Fd::close);
    }
  }

  private boolean translated() {
    return accepted.has(Feature.ACCESS_PLATFORM);
  }

  /** The addresses of all queues that are set up, for a message of its own. */
  synchronized List<VringAddress> rings(int flags) {
    return vrings.addresses(flags, translated());
  }

  /** Features in force, those between front end and back end among them. */
  synchronized FeatureSet acked() {
    return accepted.with(PROTOCOL_FEATURES);
  }

  private void stop() throws IOException {
    vrings.stop();
    dma.live(false);
  }

  @Override
  public int queues() {
    return queues;
  }

  @Override
  public int queueMaxSize(int queue) {
    return queue < queues ? queueSize : 0;
  }

  @Override
  public synchronized void enableQueue(int queue, int size, QueueAddresses addresses) {
    try {
      vrings.add(queue, size, addresses);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean queueEnabled(int queue) {
    return vrings.has(queue);
  }

  @Override
  public void notifyQueue(int queue) {
    try {
      vrings.kick(queue);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int configGeneration() {
    return 0;
  }

  @Override
  public int configSize() {
    return BLOCK_CONFIG;
  }

  @Override
  public void readConfig(int offset, byte[] target) {
    try {
      ByteBuffer answer =
          link.ask(
              FrontEndRequest.GET_CONFIG,
              new ConfigMessage(offset, 0, new byte[target.length]).encode());
      byte[] bytes = ConfigMessage.decode(answer).bytes();
      System.arraycopy(bytes, 0, target, 0, bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void writeConfig(int offset, byte[] source) {
    try {
      link.tell(FrontEndRequest.SET_CONFIG, new ConfigMessage(offset, 1, source).encode());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onInterrupt(InterruptHandler newHandler) {
    handler = newHandler;
  }

  @Override
  public String deviceName() {
    return "front-end";
  }

  @Override
  public DriverDma dmaApi() {
    return dma;
  }

  @Override
  public DriverDma physical() {
    return memory.physical();
  }

  @Override
  public boolean describesIommu() {
    return memory.iommu();
  }

  @Override
  public void close() {
    closed = true;
    link.close();
    backEnd.close();
    vrings.forget();
    try {
      for (Thread thread : threads) {
        thread.join(10_000);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class NoHandler implements InterruptHandler {
    @Override
    public void queueInterrupt(int queue) {}

    @Override
    public void configInterrupt() {}
  }
}
