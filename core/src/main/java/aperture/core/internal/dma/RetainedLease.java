package aperture.core.internal.dma;

import aperture.dma.Lease;

/** A lease that outlived its batch. */
final class RetainedLease implements Lease {

  private final EndpointDma face;
  private final long[] first;
  private final long[] last;
  private volatile boolean revoked;
  private volatile boolean released;

  RetainedLease(EndpointDma face, long[] first, long[] last) {
    this.face = face;
    this.first = first;
    this.last = last;
  }

  @Override
  public boolean revoked() {
    return revoked;
  }

  @Override
  public void close() {
    released = true;
    face.release(this);
  }

  boolean released() {
    return released;
  }

  void revoke() {
    revoked = true;
  }

  /** Waits for the release when the lease overlaps the range. */
  void awaitRelease(long from, long to) {
    for (int i = 0; i < first.length; i++) {
      if (Long.compareUnsigned(first[i], to) <= 0 && Long.compareUnsigned(from, last[i]) <= 0) {
        revoked = true;
        Backoff backoff = new Backoff();
        while (!released) {
          backoff.pause();
        }
        return;
      }
    }
  }
}
