package aperture.benchmarks;

import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.dma.Direction;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.testkit.FlatBehavior;
import aperture.testkit.FlatRow;
import aperture.testkit.TestMachine;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DescriptorChain;
import aperture.virtqueue.DeviceQueue;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.PollResult;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.VirtqueueConfig;
import aperture.virtqueue.Virtqueues;
import java.util.ArrayList;
import java.util.List;

/**
 * The device half of the split ring: pop, walk, translate through the IOTLB, touch, use. The driver
 * half prepares 64 chains outside the measured time, on both sides.
 */
final class RingPart {

  private static final int ENTRIES = 256;
  private static final int CHAINS = 64;
  private static final int ROUNDS = 4_000;
  private static final int ELEMENT = 512;
  private static final int LENGTH = 256;
  private static final double LIMIT = 2.2;

  private final DmaSession session;
  private final DriverQueue driver;
  private final DeviceQueue device;
  private final ChainElements elements = new ChainElements(8);
  private final long data;
  private final ChainBatch single;
  private final ChainBatch full;
  private long sink;

  private RingPart(TestMachine machine) throws Exception {
    EndpointDma endpoint = machine.addEndpoint();
    DriverFace face = machine.driver(endpoint);
    RingFeatures features = new RingFeatures(false, true);
    driver = Virtqueues.splitDriver(ENTRIES, face, features);
    GuestBuffer buffer = face.allocate((long) ENTRIES * ELEMENT);
    data = face.map(buffer.gpa(), buffer.size(), Direction.BIDIRECTIONAL);
    session = endpoint.openSession();
    VirtqueueConfig config = new VirtqueueConfig(ENTRIES);
    config.addresses(driver.addresses());
    config.enabled(true);
    device = Virtqueues.splitDevice(config, session, features);
    single = new ChainBatch(1, machine.memory());
    full = new ChainBatch(32, machine.memory());
  }

  static List<Ratio> measure(Peer peer) throws Exception {
    List<Ratio> ratios = new ArrayList<>();
    try (TestMachine machine =
        TestMachine.create(new FlatBehavior(), FlatRow.row("2.0", true), 64L << 20)) {
      RingPart part = new RingPart(machine);
      for (int batch : new int[] {32, 1}) {
        for (int descriptors = 1; descriptors <= 3; descriptors++) {
          int count = descriptors;
          ratios.add(
              Sampler.ratio(
                  "split ring, device half, %d descriptors, batch %d".formatted(descriptors, batch),
                  descriptors == 3 && batch == 32 ? LIMIT : 0,
                  () -> part.run(count, batch == 1 ? part.single : part.full),
                  () -> peer.ask("ring %d %d %d".formatted(count, batch, ROUNDS))));
        }
      }
    }
    return ratios;
  }

  private double run(int descriptors, ChainBatch batch) {
    long spent = 0;
    for (int round = 0; round < ROUNDS; round++) {
      prepare(descriptors);
      long start = System.nanoTime();
      for (int taken = 0; taken < CHAINS; ) {
        taken += serve(batch);
      }
      spent += System.nanoTime() - start;
      while (driver.take() != DriverQueue.NONE) {
        sink++;
      }
    }
    return (double) spent / ((double) ROUNDS * CHAINS);
  }

  private void prepare(int descriptors) {
    for (int chain = 0; chain < CHAINS; chain++) {
      elements.clear();
      for (int i = 0; i < descriptors; i++) {
        long address = data + (long) (chain * descriptors + i) * ELEMENT;
        if (i > 0 && i + 1 == descriptors) {
          elements.writable(address, LENGTH);
        } else {
          elements.readable(address, LENGTH);
        }
      }
      driver.add(elements);
    }
    driver.publish();
  }

  private int serve(ChainBatch batch) {
    if (!session.begin() || device.poll(batch) != PollResult.CHAINS) {
      throw new IllegalStateException("nothing to serve: " + device.fault());
    }
    session.hold();
    int count = batch.size();
    for (int i = 0; i < count; i++) {
      DescriptorChain chain = batch.chain(i);
      sink += chain.reader().get32();
      if (chain.writer().remaining() > 0) {
        chain.writer().put8((byte) 1);
        chain.complete(1);
      } else {
        chain.complete(0);
      }
    }
    if (device.publish(batch)) {
      sink++;
    }
    session.end();
    return count;
  }

  /** Keeps the work from being optimized away. */
  long sink() {
    return sink;
  }
}
