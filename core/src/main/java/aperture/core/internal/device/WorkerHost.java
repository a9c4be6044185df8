package aperture.core.internal.device;

import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.QueueFault;

/** Whose queues the workers serve. Called by the workers, all at the same time. */
public interface WorkerHost {

  /** Name of the device, for thread names. */
  String id();

  /** Has the device serve a batch. */
  void process(int queue, ChainBatch batch);

  /** Tells the driver that chains of the queue were used. */
  void interrupt(int queue);

  /** The queue broke and its worker ends. */
  void broken(int queue, QueueFault fault);

  /** Something of the host's own failed in the queue's worker, which ends. */
  void hostFailure(int queue, Throwable cause);

  /** Whether the device waits for a reset. */
  boolean isBroken();
}
