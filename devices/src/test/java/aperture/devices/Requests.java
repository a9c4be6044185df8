package aperture.devices;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.DescriptorChain;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Chains made by hand, as a queue would hand them to a device: any bytes readable, any number
 * writable, cut into pieces at random places that do not touch.
 */
public final class Requests implements AutoCloseable {

  private static final byte STALE = 0x5a;
  private static final int MEMORY = 16 << 20;
  private static final int GAP = 3;

  private final GuestMemory memory;
  private final ChainBatch batch;
  private final SplittableRandom random;
  private final List<Request> requests = new ArrayList<>();
  private long next;

  /** A request and where its writable part lies. */
  public record Request(
      DescriptorChain chain, List<Long> offsets, List<Integer> lengths, GuestMemory memory) {

    /** The writable part as the driver finds it. */
    public byte[] written() {
      byte[] all = new byte[lengths.stream().mapToInt(Integer::intValue).sum()];
      int at = 0;
      for (int i = 0; i < offsets.size(); i++) {
        memory.read(offsets.get(i), all, at, lengths.get(i));
        at += lengths.get(i);
      }
      return all;
    }

    public byte status() {
      byte[] all = written();
      return all[all.length - 1];
    }
  }

  /**
   * @param seed of the cuts; 0 for no cuts
   */
  public Requests(int capacity, long seed) throws IOException {
    memory = GuestMemory.allocate(List.of(new MemoryRange(0, MEMORY)));
    batch = new ChainBatch(capacity, memory);
    random = seed == 0 ? null : new SplittableRandom(seed);
  }

  /** Forgets all requests. */
  public void clear() {
    batch.clear();
    requests.clear();
    next = 0;
  }

  public ChainBatch batch() {
    return batch;
  }

  public GuestMemory memory() {
    return memory;
  }

  /** Adds a request; its writable part is full of stale bytes. */
  public Request add(byte[] readable, int writable) {
    int index = requests.size();
    batch.resize(index + 1);
    DescriptorChain chain = batch.chain(index);
    chain.reset(index);
    int at = 0;
    for (int length : cuts(readable.length)) {
      memory.write(next, readable, at, length);
      chain.ranges().append(next, length);
      at += length;
      next += length + GAP;
    }
    int readableRanges = chain.ranges().count();
    List<Long> offsets = new ArrayList<>();
    List<Integer> lengths = cuts(writable);
    for (int length : lengths) {
      memory.fill(next, length, STALE);
      chain.ranges().append(next, length);
      offsets.add(next);
      next += length + GAP;
    }
    chain.ready(readableRanges, readable.length, writable);
    Request request = new Request(chain, offsets, lengths, memory);
    requests.add(request);
    return request;
  }

  private List<Integer> cuts(int bytes) {
    List<Integer> lengths = new ArrayList<>();
    int left = bytes;
    while (left > 0) {
      int length =
          random == null
              ? left
              : 1 + random.nextInt(random.nextBoolean() ? left : Math.min(left, 20));
      lengths.add(length);
      left -= length;
    }
    return lengths;
  }

  @Override
  public void close() {
    memory.close();
  }
}
