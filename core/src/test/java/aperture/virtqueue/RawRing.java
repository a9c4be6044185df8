package aperture.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.CoherentBuffer;
import aperture.dma.GuestBuffer;
import aperture.testkit.TestDma;
import aperture.testkit.TestSession;
import aperture.virtqueue.QueueFault.Kind;

/**
 * A split ring in the hands of a driver that writes what it likes: descriptors, heads and indexes,
 * byte by byte. The rings lie at the start of one buffer, room for tables and data after them.
 */
final class RawRing implements AutoCloseable {

  static final int SIZE = 8;
  static final int INDIRECT = SplitRingLayout.INDIRECT;
  static final int NEXT = SplitRingLayout.NEXT;
  static final int WRITE = SplitRingLayout.WRITE;

  /** Offsets in the buffer. */
  static final int AVAILABLE = 0x1000;

  static final int USED = 0x2000;
  static final int TABLE = 0x3000;
  static final int DATA = 0x8000;
  private static final int BYTES = 0x40_0000;

  final TestDma dma;
  final TestSession session;
  final GuestBuffer memory;
  final long address;
  final DeviceQueue device;
  final ChainBatch batch;
  private int published;

  RawRing(boolean scattered, RingFeatures features) throws Exception {
    this(scattered, features, AVAILABLE, USED);
  }

  RawRing(boolean scattered, RingFeatures features, int available, int used) throws Exception {
    this(
        scattered ? TestDma.scattered(1 << 11) : TestDma.physical(1 << 11),
        features,
        available,
        used);
  }

  private RawRing(TestDma dma, RingFeatures features, int available, int used) throws Exception {
    this.dma = dma;
    this.session = dma.session();
    session.cached(Integer.MAX_VALUE);
    CoherentBuffer buffer = dma.allocateCoherent(BYTES);
    this.memory = buffer.memory();
    this.address = buffer.address();
    VirtqueueConfig config = new VirtqueueConfig(SIZE);
    config.addresses(new QueueAddresses(address, address + available, address + used));
    this.device = Virtqueues.splitDevice(config, session, features);
    this.batch = new ChainBatch(SIZE, dma.memory());
  }

  static RawRing withIndirect() throws Exception {
    return new RawRing(true, new RingFeatures(true, false));
  }

  static RawRing plain() throws Exception {
    return new RawRing(true, new RingFeatures(false, false));
  }

  /** Writes a descriptor of the queue's own table. */
  RawRing descriptor(int index, long to, int length, int flags, int next) {
    return at(SplitRingLayout.descriptor(index), to, length, flags, next);
  }

  /** Writes an entry of the indirect table at {@link #TABLE}. */
  RawRing entry(int index, long to, int length, int flags, int next) {
    return at(TABLE + SplitRingLayout.descriptor(index), to, length, flags, next);
  }

  /** Writes a descriptor anywhere in the buffer. */
  RawRing at(int offset, long to, int length, int flags, int next) {
    memory.put64(offset, to);
    memory.put32(offset + 8, length);
    memory.put16(offset + 12, (short) flags);
    memory.put16(offset + 14, (short) next);
    return this;
  }

  /** Device address of data. */
  long data() {
    return address + DATA;
  }

  long table() {
    return address + TABLE;
  }

  /** Writes a head into the next slot and publishes it. */
  RawRing publish(int head) {
    memory.put16(AVAILABLE + 4 + 2 * (published % SIZE), (short) head);
    return index(published + 1);
  }

  /** Writes the available index. */
  RawRing index(int index) {
    published = index;
    memory.storeRelease16(AVAILABLE + 2, (short) index);
    return this;
  }

  PollResult poll() {
    session.begin();
    PollResult found = device.poll(batch);
    if (found == PollResult.CHAINS) {
      session.hold();
    } else {
      session.end();
    }
    return found;
  }

  void complete() {
    for (int i = 0; i < batch.size(); i++) {
      batch.chain(i).complete(0);
    }
    device.publish(batch);
    session.end();
  }

  /** The queue breaks with this fault, takes nothing, and stays broken. */
  static QueueFault breaks(RawRing ring, Kind kind) {
    int used = ring.usedIndex();
    assertThat(ring.poll()).isEqualTo(PollResult.FAULT);
    assertThat(ring.batch.size()).isZero();
    QueueFault fault = ring.device.fault().orElseThrow();
    assertThat(fault.kind()).isEqualTo(kind);
    assertThat(fault.describe()).contains(kind.text());
    assertThat(ring.poll()).isEqualTo(PollResult.FAULT);
    assertThat(ring.usedIndex()).isEqualTo(used);
    return fault;
  }

  /** The next chain is good. */
  static DescriptorChain serves(RawRing ring) {
    assertThat(ring.poll()).isEqualTo(PollResult.CHAINS);
    assertThat(ring.device.fault()).isEmpty();
    return ring.batch.chain(0);
  }

  int usedIndex() {
    return memory.loadAcquire16(USED + 2) & 0xffff;
  }

  @Override
  public void close() {
    dma.close();
  }
}
