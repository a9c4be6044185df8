package aperture.virtqueue;

import aperture.dma.DmaRanges;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The device half of a virtqueue. Belongs to one worker thread, which calls it between {@code
 * begin} and {@code end} of its DMA session: {@link #poll}, hold, work, {@link #publish}.
 */
@ProviderType
public interface DeviceQueue {

  int size();

  /**
   * Takes available chains, checks them and translates their elements. Takes as many as the batch
   * holds at most; on anything but {@link PollResult#CHAINS} nothing is taken. A malformed chain is
   * never taken: the good ones before it are, and the next poll fails.
   */
  PollResult poll(ChainBatch batch);

  /**
   * Uses every completed chain of the batch, in the order of the batch, and shows them to the
   * driver at once. The queue breaks when a chain is malformed, or was left unfinished.
   *
   * @return whether the driver wants an interrupt
   */
  boolean publish(ChainBatch batch);

  /**
   * Asks the driver to notify, and looks again. For the end of a batch that found nothing.
   *
   * @return true when chains became available meanwhile: poll instead of sleeping
   */
  boolean enableNotifications();

  /** Asks the driver not to notify while the worker polls anyway. */
  void disableNotifications();

  /** Why the queue is broken. */
  Optional<QueueFault> fault();

  /** Marks the queue broken for a reason that the device found. */
  void breakQueue(QueueFault fault);

  /** The used index published last, 16 bits. For the worker. */
  int usedIndex();

  /**
   * Where the used ring lies in the host, as it was found for the batch under way. For the worker,
   * which does not keep it.
   */
  DmaRanges usedRing();

  QueueState state();
}
