package aperture.devices.rng;

import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.ChainWriter;
import aperture.virtqueue.DescriptorChain;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** An entropy device: fills buffers with random bytes, each with at least one. */
final class RngDevice implements VirtioDevice {

  /** A device may fill less than a buffer holds; this bounds the work for one. */
  static final int MOST_BYTES = 64 * 1024;

  private static final int QUEUE_SIZE = 8;

  /** Most requests are small, and the source fills whole arrays. */
  private static final int SMALL = 64;

  private static final int LARGE = 4096;

  private final SecureRandom random;
  private final RngOptions options;
  private final EntropyBudget budget;
  private final byte[] small = new byte[SMALL];
  private final byte[] large = new byte[LARGE];
  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong malformed = new AtomicLong();

  RngDevice(SecureRandom random, RngOptions options, EntropyBudget budget) {
    this.random = random;
    this.options = options;
    this.budget = budget;
  }

  @Override
  public FeatureSet features() {
    return FeatureSet.NONE;
  }

  @Override
  public int queues() {
    return 1;
  }

  @Override
  public int maxQueueSize(int queue) {
    return QUEUE_SIZE;
  }

  @Override
  public byte[] config() {
    return new byte[0];
  }

  @Override
  public void activate(FeatureSet accepted) {}

  @Override
  public void process(int queue, ChainBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      serve(batch.chain(i));
    }
  }

  private void serve(DescriptorChain chain) {
    ChainWriter writer = chain.writer();
    if (writer.total() == 0) {
      malformed.incrementAndGet();
      chain.malformed("no writable byte for entropy");
      return;
    }
    int granted = budget.take((int) Math.min(writer.total(), MOST_BYTES));
    int done = 0;
    while (done < granted) {
      byte[] piece = granted - done <= SMALL ? small : large;
      random.nextBytes(piece);
      int step = Math.min(piece.length, granted - done);
      writer.put(piece, 0, step);
      // What one guest was given must not be found in the host's memory later.
      Arrays.fill(piece, (byte) 0);
      done += step;
    }
    requests.incrementAndGet();
    bytes.addAndGet(granted);
    chain.complete(granted);
  }

  @Override
  public void reset() {}

  @Override
  public Map<String, String> details() {
    Map<String, String> details = new LinkedHashMap<>();
    details.put("source", random.getAlgorithm());
    details.put("limit", options.describe());
    details.put("requests", Long.toString(requests.get()));
    details.put("bytes", Long.toString(bytes.get()));
    details.put("malformed", Long.toString(malformed.get()));
    return details;
  }

  @Override
  public void close() {}
}
