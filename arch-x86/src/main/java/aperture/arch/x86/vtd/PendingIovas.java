package aperture.arch.x86.vtd;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * IOVAs that are unmapped, but not yet invalidated: a device may still use them, so nobody else may
 * be given them. A kernel's lazy mode holds them back to invalidate many at once.
 */
final class PendingIovas {

  /** As many as a Linux kernel holds back on each processor. */
  private static final int MOST = 256;

  private final @Nullable VtdDomain[] domains = new @Nullable VtdDomain[MOST];
  private final long[] iovas = new long[MOST];
  private final int[] pages = new int[MOST];
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  boolean isFull() {
    return count == MOST;
  }

  /** Holds one back; there must be room. */
  void add(VtdDomain domain, long iova, int size) {
    domains[count] = domain;
    iovas[count] = iova;
    pages[count] = size;
    count++;
  }

  /** Invalidates each domain that has some, once, and gives them all back. */
  void flush(VtdInvalidationQueue queue) {
    BitSet done = new BitSet();
    for (int i = 0; i < count; i++) {
      VtdDomain domain = domains[i];
      if (domain != null && !done.get(domain.id())) {
        done.set(domain.id());
        queue.iotlbDomain(domain.id());
      }
    }
    for (int i = 0; i < count; i++) {
      VtdDomain domain = domains[i];
      if (domain != null) {
        domain.iovas().free(iovas[i], pages[i]);
      }
      domains[i] = null;
    }
    count = 0;
  }
}
