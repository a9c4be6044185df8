package aperture.served;

import aperture.dma.DmaRanges;
import aperture.virtqueue.ChainBatch;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Told by a queue's worker about each batch, so that others can learn which requests are under way
 * and which memory was written. A batch goes through the three calls in this order; a batch that is
 * given up before {@link #taken} goes through none.
 */
@ConsumerType
public interface QueueJournal {

  /** Keeps nothing. */
  QueueJournal NONE =
      new QueueJournal() {
        @Override
        public void taken(ChainBatch batch) {}

        @Override
        public void finished(ChainBatch batch, int usedIndex) {}

        @Override
        public void published() {}
      };

  /** These chains were taken; nothing was done for them yet. */
  void taken(ChainBatch batch);

  /**
   * What could be done is done, and nothing is shown to the driver yet.
   *
   * @param usedIndex the used index that will be published once the completed chains are used, 16
   *     bits
   */
  void finished(ChainBatch batch, int usedIndex);

  /**
   * The used ring was written: chains were used, or a notification was asked for. Called before
   * {@link #published}, and outside of batches too.
   *
   * @param where it lies in the host, not to be kept or changed
   */
  default void usedRingWritten(DmaRanges where) {}

  /** The used index was published. */
  void published();
}
