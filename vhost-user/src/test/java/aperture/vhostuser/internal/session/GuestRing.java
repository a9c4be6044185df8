package aperture.vhostuser.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.Direction;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.memory.GuestMemory;
import aperture.vhostuser.internal.sys.Eventfd;
import aperture.vhostuser.internal.wire.FrontEndRequest;
import aperture.vhostuser.internal.wire.VringAddress;
import aperture.vhostuser.internal.wire.VringFile;
import aperture.vhostuser.internal.wire.VringState;
import aperture.vhostuser.testkit.FrontEndLink;
import aperture.vhostuser.testkit.FrontEndMemory;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.QueueAddresses;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.Virtqueues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A driver's ring whose requests carry ascending numbers. It outlives connections. */
final class GuestRing implements AutoCloseable {

  static final int SIZE = 16;
  private static final int SLOT = 64;

  private static final int USED_INDEX = 2;
  private static final int USED_ELEMENTS = 4;
  private static final int USED_ELEMENT = 8;

  final Eventfd kick = Eventfd.create();
  final Eventfd call = Eventfd.create();
  final Eventfd error = Eventfd.create();

  /** Numbers used by the device, in order. */
  final List<Long> used = new ArrayList<>();

  final DriverQueue queue;
  final GuestBuffer data;
  private final GuestMemory memory;
  private final long address;
  private final long[] numbers = new long[SIZE];
  private final boolean[] inUse = new boolean[SIZE];
  private final List<Integer> slots = new ArrayList<>();
  private final int[] slotOf = new int[SIZE];
  private long next;

  GuestRing(FrontEndMemory guest) throws Exception {
    DriverDma dma = guest.physical();
    memory = guest.memory();
    queue = Virtqueues.splitDriver(SIZE, dma, new RingFeatures(false, false));
    data = dma.allocate(4096);
    address = dma.map(data.gpa(), 4096, Direction.BIDIRECTIONAL);
    for (int i = 0; i < SIZE; i++) {
      slots.add(i);
    }
  }

  VringAddress addresses(int flags) {
    QueueAddresses at = queue.addresses();
    return new VringAddress(
        0,
        flags,
        FrontEndMemory.user(at.descriptors()),
        FrontEndMemory.user(at.device()),
        FrontEndMemory.user(at.driver()),
        at.device());
  }

  static byte[] state(int number) {
    return new VringState(0, number).encode();
  }

  static byte[] file() {
    return new VringFile(0, true).encode();
  }

  /** Sets everything up but the enabling. */
  void setUp(FrontEndLink link, int base) throws IOException {
    link.must(FrontEndRequest.SET_VRING_NUM, state(SIZE));
    link.must(FrontEndRequest.SET_VRING_BASE, state(base));
    link.must(FrontEndRequest.SET_VRING_ADDR, addresses(0).encode());
    link.must(FrontEndRequest.SET_VRING_CALL, file(), call.fd());
    link.must(FrontEndRequest.SET_VRING_ERR, file(), error.fd());
    link.must(FrontEndRequest.SET_VRING_KICK, file(), kick.fd());
  }

  /** Starts the ring. */
  void start(FrontEndLink link, int base) throws IOException {
    setUp(link, base);
    link.must(FrontEndRequest.SET_VRING_ENABLE, state(1));
  }

  /** Makes requests available, as many as fit; returns how many. */
  int post(int most) throws IOException {
    int posted = 0;
    ChainElements elements = new ChainElements(2);
    while (posted < most && queue.free() >= 2) {
      int slot = slots.removeFirst();
      long at = memory.offsetOf(data.gpa() + (long) slot * SLOT, SLOT);
      memory.putLe64(at, next);
      memory.putLe64(at + Long.BYTES, 0);
      elements.clear();
      elements.readable(address + (long) slot * SLOT, Long.BYTES);
      elements.writable(address + (long) slot * SLOT + Long.BYTES, Long.BYTES);
      int token = queue.add(elements);
      numbers[token] = next++;
      inUse[token] = true;
      slotOf[token] = slot;
      posted++;
    }
    queue.publish();
    kick.signal();
    return posted;
  }

  /** Makes one request available that lies somewhere else, and is never answered. */
  void postAt(long deviceAddress) throws IOException {
    ChainElements elements = new ChainElements(2);
    elements.readable(deviceAddress, Long.BYTES);
    elements.writable(deviceAddress + Long.BYTES, Long.BYTES);
    queue.add(elements);
    queue.publish();
    kick.signal();
  }

  /** Takes what is used, and checks that it was answered. */
  int collect() {
    int taken = 0;
    for (int token = queue.take(); token != DriverQueue.NONE; token = queue.take()) {
      inUse[token] = false;
      assertThat(memory.get8(dataOf(token) + Long.BYTES)).isEqualTo(CountedDevice.ANSWER);
      used.add(numbers[token]);
      slots.add(slotOf[token]);
      taken++;
    }
    assertThat(queue.fault()).isEmpty();
    return taken;
  }

  /** The descriptor at which a request begins that was posted and is not used yet. */
  int head(long number) {
    for (int head = 0; head < SIZE; head++) {
      if (numbers[head] == number && inUse[head]) {
        return head;
      }
    }
    throw new IllegalArgumentException("request " + number);
  }

  /** Answers and uses a request as a device does. */
  void use(long number) {
    int head = head(number);
    memory.put8(dataOf(head) + Long.BYTES, CountedDevice.ANSWER);
    long ring = memory.offsetOf(queue.addresses().device(), 6 + 8 * SIZE);
    int index = usedIndex();
    long element = ring + USED_ELEMENTS + (long) USED_ELEMENT * (index % SIZE);
    memory.putLe32(element, head);
    memory.putLe32(element + Integer.BYTES, Long.BYTES);
    memory.storeRelease16(ring + USED_INDEX, (short) (index + 1));
  }

  /** The used index in the ring. */
  int usedIndex() {
    long ring = memory.offsetOf(queue.addresses().device(), USED_ELEMENTS);
    return memory.getLe16(ring + USED_INDEX) & 0xffff;
  }

  private long dataOf(int token) {
    return memory.offsetOf(data.gpa() + (long) slotOf[token] * SLOT, SLOT);
  }

  long posted() {
    return next;
  }

  @Override
  public void close() {
    kick.close();
    call.close();
    error.close();
  }
}
