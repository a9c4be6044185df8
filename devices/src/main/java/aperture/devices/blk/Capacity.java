package aperture.devices.blk;

import aperture.block.BlockStore;

/**
 * The size that a driver sees and requests are held to: whole blocks of what the store has, less
 * while it shrinks. Thread-safe; read without a lock.
 */
final class Capacity {

  private final BlockStore store;
  private final int blockSize;
  private long limit = Long.MAX_VALUE;
  private long announced;
  private volatile long sectors;

  Capacity(BlockStore store, int blockSize) {
    this.store = store;
    this.blockSize = blockSize;
    look();
    announced = sectors;
  }

  /** In sectors, by now. */
  long sectors() {
    return sectors;
  }

  /** Requests that begin from here on end before {@code bytes}, whatever the store has. */
  synchronized void limit(long bytes) {
    limit = bytes;
    look();
  }

  /** The store alone decides again. */
  synchronized void unlimit() {
    limit = Long.MAX_VALUE;
    look();
  }

  /**
   * Looks at the store.
   *
   * @return whether the size differs from what was announced last; it counts as announced then
   */
  synchronized boolean announce() {
    look();
    boolean news = sectors != announced;
    announced = sectors;
    return news;
  }

  private void look() {
    long blocks = Math.min(store.capacity(), limit) / blockSize;
    sectors = blocks * (blockSize / BlkRequestLayout.SECTOR_BYTES);
  }
}
