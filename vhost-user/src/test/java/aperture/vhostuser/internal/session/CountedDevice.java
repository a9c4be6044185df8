package aperture.vhostuser.internal.session;

import aperture.virtio.FeatureSet;
import aperture.virtio.VirtioDevice;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DescriptorChain;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Notes the number that each request carries, and answers it with eight bytes. */
final class CountedDevice implements VirtioDevice {

  static final int QUEUES = 2;
  static final int QUEUE_SIZE = 64;
  static final int CONFIG = 16;
  static final byte ANSWER = 0x5a;

  /** Fails in the middle of what it does; the host is at fault. */
  static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Numbers served, in order. */
  final Queue<Long> served = new ConcurrentLinkedQueue<>();

  /** The next request with this number fails before it is served. */
  volatile long failsAt = -1;

  private final byte[] config = new byte[CONFIG];

  @Override
  public FeatureSet features() {
    return FeatureSet.NONE;
  }

  @Override
  public int queues() {
    return QUEUES;
  }

  @Override
  public int maxQueueSize(int queue) {
    return QUEUE_SIZE;
  }

  @Override
  public byte[] config() {
    return config.clone();
  }

  @Override
  public void writeConfig(int offset, byte value) {
    config[offset] = value;
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
    long number = chain.reader().get64();
    if (number == failsAt) {
      failsAt = -1;
      throw new Failure();
    }
    for (int i = 0; i < Long.BYTES; i++) {
      chain.writer().put8(ANSWER);
    }
    chain.complete(Long.BYTES);
    served.add(number);
  }

  @Override
  public void reset() {}

  @Override
  public Map<String, String> details() {
    return Map.of();
  }

  @Override
  public void close() {}
}
