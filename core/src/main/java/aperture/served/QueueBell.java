package aperture.served;

import org.osgi.annotation.versioning.ConsumerType;

/** How the worker of one queue hears of new chains. */
@ConsumerType
public interface QueueBell {

  /**
   * Waits until the bell was rung, or {@link #wake} was called, since the last return. May return
   * for nothing. Called by the queue's worker, which holds no translation meanwhile.
   */
  void await() throws InterruptedException;

  /** Ends a wait that is under way, or the next one. Called by any thread. */
  void wake();
}
