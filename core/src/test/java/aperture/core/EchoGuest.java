package aperture.core;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.testkit.Worker;
import aperture.virtio.DeviceStatus;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestPlatform;
import aperture.virtio.LegacyTransport;
import aperture.virtio.VirtioTransport;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.Virtqueues;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;

/** A guest's side of one echo device, driven by hand. */
final class EchoGuest {

  static final int ACK = DeviceStatus.ACKNOWLEDGE;
  static final int DRIVER = ACK | DeviceStatus.DRIVER;
  static final int FEATURES = DRIVER | DeviceStatus.FEATURES_OK;
  static final int LIVE = FEATURES | DeviceStatus.DRIVER_OK;
  static final int BROKEN = LIVE | DeviceStatus.NEEDS_RESET;

  static final int VERSION_1 = 32;
  static final int ACCESS_PLATFORM = 33;

  private static final int PAGE = 4096;

  final GuestPlatform platform;
  final VirtioTransport transport;
  final EchoDevice device;
  final AtomicInteger configInterrupts = new AtomicInteger();
  final AtomicInteger queueInterrupts = new AtomicInteger();
  volatile Runnable onInterrupt = () -> {};
  private DriverDma dma;
  private DriverQueue queue;

  EchoGuest(GuestPlatform platform, VirtioTransport transport, EchoDevice device) {
    this.platform = platform;
    this.transport = transport;
    this.device = device;
    transport.onInterrupt(new Handler());
  }

  /** Offered features as a set. */
  FeatureSet offered() {
    FeatureSet offered = FeatureSet.NONE;
    for (int word = 0; word < FeatureSet.WORDS; word++) {
      offered = offered.withWord(word, transport.deviceFeatures(word));
    }
    return offered;
  }

  void accept(FeatureSet features) {
    for (int word = 0; word < FeatureSet.WORDS; word++) {
      transport.driverFeatures(word, features.word(word));
    }
  }

  /** From reset to FEATURES_OK; returns the status that stands afterwards. */
  int negotiate(int... bits) {
    transport.writeStatus(0);
    transport.writeStatus(ACK);
    transport.writeStatus(DRIVER);
    accept(FeatureSet.of(bits));
    transport.writeStatus(FEATURES);
    return transport.status();
  }

  /** Negotiates, makes queue 0 with addresses of this face, and goes live. */
  EchoGuest start(DriverDma face, int... bits) throws DmaException {
    int status = negotiate(bits);
    if (status != FEATURES) {
      throw new IllegalStateException("the device refused: status " + status);
    }
    makeQueue(face);
    transport.writeStatus(LIVE);
    return this;
  }

  void makeQueue(DriverDma face) throws DmaException {
    dma = face;
    queue = Virtqueues.splitDriver(16, face, new RingFeatures(false, false));
    transport.enableQueue(0, 16, queue.addresses());
  }

  /** A queue in one piece, as the legacy interface has it. */
  void makeLegacyQueue(LegacyTransport legacy, DriverDma face) throws DmaException {
    dma = face;
    int size = legacy.queueSize(0);
    queue =
        Virtqueues.legacyDriver(
            size, face, new RingFeatures(false, false), LegacyTransport.QUEUE_ALIGN);
    legacy.queuePage(0, (int) (queue.addresses().descriptors() / LegacyTransport.QUEUE_ALIGN));
  }

  /** As a driver that honours the bit. */
  EchoGuest startTranslated() throws DmaException {
    return start(platform.dmaApi(), VERSION_1, ACCESS_PLATFORM);
  }

  /** As a driver that does not know the bit. */
  EchoGuest startPhysical() throws DmaException {
    return start(platform.physical(), VERSION_1);
  }

  DriverQueue queue() {
    return queue;
  }

  /** A request under way. */
  record Request(GuestBuffer out, GuestBuffer in, long outAddress, long inAddress, int length) {

    byte[] answer() {
      byte[] bytes = new byte[length];
      in.read(0, bytes, 0, length);
      return bytes;
    }
  }

  Request submit(byte[] text) throws DmaException {
    Request request = post(text);
    if (queue.publish()) {
      transport.notifyQueue(0);
    }
    return request;
  }

  /** Adds a request without publishing it. */
  Request post(byte[] text) throws DmaException {
    GuestBuffer out = dma.allocate(PAGE);
    GuestBuffer in = dma.allocate(PAGE);
    out.write(0, text, 0, text.length);
    Request request =
        new Request(
            out,
            in,
            dma.map(out.gpa(), PAGE, Direction.TO_DEVICE),
            dma.map(in.gpa(), PAGE, Direction.FROM_DEVICE),
            text.length);
    add(request.outAddress(), request.inAddress(), text.length);
    return request;
  }

  /** Adds a chain with any addresses. */
  void add(long outAddress, long inAddress, int length) {
    ChainElements elements = new ChainElements(2);
    elements.readable(outAddress, length);
    elements.writable(inAddress, length);
    if (queue.add(elements) == DriverQueue.NONE) {
      throw new IllegalStateException("the ring is full");
    }
  }

  void publish() {
    queue.publish();
    transport.notifyQueue(0);
  }

  /** Waits until the device used a chain. */
  void awaitUsed() {
    Awaitility.await("a used chain")
        .atMost(Worker.LIMIT)
        .pollInterval(java.time.Duration.ofMillis(1))
        .until(() -> queue.take() != DriverQueue.NONE);
  }

  /** Sends a text and waits for it to come back. */
  byte[] echo(byte... text) throws DmaException {
    Request request = submit(text);
    awaitUsed();
    return request.answer();
  }

  void awaitStatus(int status) {
    Awaitility.await("status " + status)
        .atMost(Worker.LIMIT)
        .pollInterval(java.time.Duration.ofMillis(1))
        .until(() -> transport.status() == status);
  }

  private final class Handler implements VirtioTransport.InterruptHandler {

    @Override
    public void queueInterrupt(int index) {
      queueInterrupts.incrementAndGet();
      onInterrupt.run();
    }

    @Override
    public void configInterrupt() {
      configInterrupts.incrementAndGet();
      onInterrupt.run();
    }
  }
}
