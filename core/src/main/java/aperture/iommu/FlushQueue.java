package aperture.iommu;

import java.util.BitSet;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * IOVAs that are unmapped, but not yet invalidated: a device may still use them, so nobody else may
 * be given them. A kernel's lazy mode holds them back to invalidate whole domains for many at once.
 * A library for table drivers; nothing of it need survive a swap, which forgets what is cached.
 *
 * <p>Bounded: when it is full it flushes. Holding back allocates nothing. Not thread-safe.
 */
public final class FlushQueue {

  /** How many it holds back at most: as many as a Linux kernel does on each processor. */
  public static final int MOST = 256;

  private final IntConsumer invalidate;
  private final BitSet domains = new BitSet();
  private final @Nullable Owner[] owners = new @Nullable Owner[MOST];
  private final long[] iovas = new long[MOST];
  private final int[] pages = new int[MOST];
  private int count;

  /** Whom a held-back IOVA goes back to. */
  @FunctionalInterface
  public interface Owner {

    /** Gives pages back that no device reaches any more. */
    void free(long iova, int pages);
  }

  /**
   * @param invalidate drops everything cached of the domain that it is given, and returns when that
   *     is done
   */
  public FlushQueue(IntConsumer invalidate) {
    this.invalidate = invalidate;
  }

  public boolean isEmpty() {
    return count == 0;
  }

  /** Holds one back whose entries are cleared; with the last that there is room for, flushes. */
  public void add(int domain, Owner owner, long iova, int size) {
    domains.set(domain);
    owners[count] = owner;
    iovas[count] = iova;
    pages[count] = size;
    count++;
    if (count == MOST) {
      flush();
    }
  }

  /**
   * Invalidates each domain that has some, once, and gives them all back: no device reaches them
   * when this returns.
   *
   * @return false when there was nothing to do
   */
  public boolean flush() {
    if (count == 0) {
      return false;
    }
    for (int domain = domains.nextSetBit(0); domain >= 0; domain = domains.nextSetBit(domain + 1)) {
      invalidate.accept(domain);
    }
    domains.clear();
    for (int i = 0; i < count; i++) {
      Owner owner = owners[i];
      owners[i] = null;
      if (owner != null) {
        owner.free(iovas[i], pages[i]);
      }
    }
    count = 0;
    return true;
  }
}
