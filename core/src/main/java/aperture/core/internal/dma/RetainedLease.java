package aperture.core.internal.dma;

import aperture.dma.Lease;

/** A lease that outlived its batch. */
final class RetainedLease implements Lease {

  private final EndpointDma face;
  private final long[] ranges;
  private volatile boolean revoked;
  private volatile boolean released;

  /**
   * @param ranges first and last address of each range, in pairs
   */
  RetainedLease(EndpointDma face, long[] ranges) {
    this.face = face;
    this.ranges = ranges;
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
    if (Ranges.overlap(ranges, from, to)) {
      revoked = true;
      for (int round = 0; !released; round++) {
        Backoff.pause(round);
      }
    }
  }
}
