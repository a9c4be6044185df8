package aperture.testkit;

import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DescriptorChain;
import aperture.virtqueue.DeviceQueue;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.PollResult;
import aperture.virtqueue.QueueConfigurationException;
import aperture.virtqueue.RingFeatures;
import aperture.virtqueue.VirtqueueConfig;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Both halves of one ring around one {@link TestDma}, and a mapped buffer for data. */
public final class RingPair implements AutoCloseable {

  /** Pages of memory, for rings, tables and data. */
  private static final int PAGES = 1 << 11;

  public static final int DATA_BYTES = 1 << 20;
  private static final int BATCH = 32;

  /** Two of three answers come from the cache: chains of both kinds, side by side. */
  private static final int CACHE_PERIOD = 3;

  /** What a ring may differ in. */
  public record Variant(boolean scattered, boolean indirect, boolean eventIndex, boolean cached) {

    public static List<Variant> all() {
      return IntStream.range(0, 16)
          .mapToObj(i -> new Variant((i & 1) != 0, (i & 2) != 0, (i & 4) != 0, (i & 8) != 0))
          .toList();
    }

    public RingFeatures features() {
      return new RingFeatures(indirect, eventIndex);
    }
  }

  private final TestDma dma;
  private final TestSession session;
  private final DriverQueue driver;
  private final DeviceQueue device;
  private final ChainBatch batch;
  private final GuestBuffer data;
  private final long dataAddress;
  private final ChainElements one = new ChainElements(1);

  private RingPair(
      RingFormat format, Variant variant, int size, UnaryOperator<DriverDma> driverFace)
      throws IOException, DmaException, QueueConfigurationException {
    dma = variant.scattered() ? TestDma.scattered(PAGES) : TestDma.physical(PAGES);
    session = dma.session();
    session.cached(variant.cached() ? CACHE_PERIOD : 0);
    driver = format.driver(size, driverFace.apply(dma), variant.features());
    VirtqueueConfig config = new VirtqueueConfig(size);
    config.addresses(driver.addresses());
    device = format.device(config, session, variant.features());
    batch = new ChainBatch(BATCH, dma.memory());
    data = dma.allocate(DATA_BYTES);
    dataAddress = dma.map(data.gpa(), DATA_BYTES, Direction.BIDIRECTIONAL);
  }

  public static RingPair of(RingFormat format, Variant variant, int size) throws Exception {
    return of(format, variant, size, face -> face);
  }

  /**
   * @param driverFace what to put between the driver half and its DMA face
   */
  public static RingPair of(
      RingFormat format, Variant variant, int size, UnaryOperator<DriverDma> driverFace)
      throws Exception {
    return new RingPair(format, variant, size, driverFace);
  }

  public TestDma dma() {
    return dma;
  }

  public TestSession session() {
    return session;
  }

  public DriverQueue driver() {
    return driver;
  }

  public DeviceQueue device() {
    return device;
  }

  public ChainBatch batch() {
    return batch;
  }

  public GuestBuffer data() {
    return data;
  }

  public long dataAddress() {
    return dataAddress;
  }

  /** Adds a chain of one writable element; the device sees it after publishing. */
  public int add() {
    one.clear();
    one.writable(dataAddress, 8);
    return driver.add(one);
  }

  /** Polls in a batch of its own; whatever was found stays in {@link #batch()}. */
  public PollResult poll() {
    return poll(batch);
  }

  /** Polls into a batch; the session stays in it only when chains were found. */
  public PollResult poll(ChainBatch into) {
    session.begin();
    PollResult found = device.poll(into);
    if (found == PollResult.CHAINS) {
      session.hold();
    } else {
      session.end();
    }
    return found;
  }

  /** Uses what the last poll found. */
  public boolean publish() {
    return publish(batch);
  }

  public boolean publish(ChainBatch from) {
    boolean interrupt = device.publish(from);
    session.end();
    return interrupt;
  }

  /** Polls, completes every chain with 0 bytes, publishes; returns how many. */
  public int serve() {
    return serve(chain -> chain.complete(0));
  }

  public int serve(Consumer<DescriptorChain> work) {
    if (poll() != PollResult.CHAINS) {
      return 0;
    }
    int count = batch.size();
    for (int i = 0; i < count; i++) {
      work.accept(batch.chain(i));
    }
    publish();
    return count;
  }

  @Override
  public void close() {
    dma.close();
  }
}
