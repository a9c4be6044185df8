package aperture.virtqueue;

import aperture.memory.GuestMemory;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A worker's reusable batch of descriptor chains. Filled by {@link DeviceQueue#poll}, served by the
 * device, used by {@link DeviceQueue#publish}. Not thread-safe.
 */
public final class ChainBatch {

  private final DescriptorChain[] chains;
  private int size;

  /**
   * @param capacity most chains in one batch
   * @param memory what the chains' host offsets point into
   */
  public ChainBatch(int capacity, GuestMemory memory) {
    List<ByteBuffer> windows = memory.newWindows();
    chains = new DescriptorChain[capacity];
    for (int i = 0; i < capacity; i++) {
      chains[i] = new DescriptorChain(memory, windows);
    }
  }

  public int capacity() {
    return chains.length;
  }

  public int size() {
    return size;
  }

  public DescriptorChain chain(int index) {
    return chains[index];
  }

  /** For the queue: empties the batch. */
  public void clear() {
    size = 0;
  }

  /** For the queue: keeps the first {@code count} chains. */
  public void resize(int count) {
    size = count;
  }
}
