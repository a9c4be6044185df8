package aperture.testkit;

import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.ChainReader;
import aperture.virtqueue.ChainWriter;
import aperture.virtqueue.DescriptorChain;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Guest memory as a queue hands it to a store: pieces at random places, in a chain. For one thread.
 */
final class StoreRequests implements AutoCloseable {

  private static final long MEMORY = 8L << 20;
  private static final int GAP = 5;

  private final GuestMemory memory;
  private final DescriptorChain chain;
  private final SplittableRandom random;

  StoreRequests(long seed) throws IOException {
    memory = GuestMemory.allocate(List.of(new MemoryRange(0, MEMORY)));
    ChainBatch batch = new ChainBatch(1, memory);
    batch.resize(1);
    chain = batch.chain(0);
    random = new SplittableRandom(seed);
  }

  /** A cursor that gives these bytes. */
  ChainReader giving(byte[] bytes) {
    int pieces = cut(bytes.length);
    int at = 0;
    for (int i = 0; i < pieces; i++) {
      int length = (int) chain.ranges().length(i);
      memory.write(chain.ranges().offset(i), bytes, at, length);
      at += length;
    }
    chain.ready(pieces, bytes.length, 0);
    return chain.reader();
  }

  /** A cursor with room for some bytes, which {@link #taken} shows. */
  ChainWriter taking(int bytes) {
    cut(bytes);
    chain.ready(0, 0, bytes);
    return chain.writer();
  }

  private int cut(int bytes) {
    chain.reset(0);
    long next = random.nextInt(64);
    int left = bytes;
    while (left > 0) {
      int length = Math.min(left, 1 + random.nextInt(random.nextBoolean() ? 8192 : 32));
      chain.ranges().append(next, length);
      next += length + GAP;
      left -= length;
    }
    return chain.ranges().count();
  }

  /** What went into the memory of {@link #taking}. */
  byte[] taken() {
    byte[] all = new byte[(int) chain.writer().total()];
    int at = 0;
    for (int i = 0; at < all.length; i++) {
      int length = (int) chain.ranges().length(i);
      memory.read(chain.ranges().offset(i), all, at, length);
      at += length;
    }
    return all;
  }

  @Override
  public void close() {
    memory.close();
  }
}
