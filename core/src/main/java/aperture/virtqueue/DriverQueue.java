package aperture.virtqueue;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The driver half of a virtqueue. Tokens name chains: a small number below {@link #size()} that
 * {@link #add} returns and {@link #take} gives back. Belongs to one thread at a time.
 */
@ProviderType
public interface DriverQueue {

  /** What {@link #add} returns when the ring is full, and {@link #take} when nothing is used. */
  int NONE = -1;

  int size();

  /** Addresses to write into the device's registers. */
  QueueAddresses addresses();

  /**
   * Makes a chain available; the device sees it after {@link #publish}.
   *
   * @param elements readable elements first, at least one
   * @return token, or {@link #NONE} when there is no room; with more elements than {@link #size}
   *     there never is
   * @throws IllegalArgumentException when there is no element, or more than 2^32 - 1 bytes
   */
  int add(ChainElements elements);

  /**
   * Publishes everything added.
   *
   * @return whether the device wants a notification
   */
  boolean publish();

  /**
   * Takes a used chain.
   *
   * @return its token, or {@link #NONE}; also when {@link #fault} says that the device misbehaved
   */
  int take();

  /** Bytes that the device says it wrote into the chain taken last. */
  long takenLength();

  /**
   * Asks for an interrupt at the next used chain, and looks again.
   *
   * @return true when chains were used meanwhile
   */
  boolean enableInterrupts();

  void disableInterrupts();

  /** Descriptors free. */
  int free();

  /** Chains added and not yet taken. */
  int inFlight();

  /** Why the queue is broken: the device used what it must not. */
  Optional<QueueFault> fault();

  /** Gives the rings back; the device must have been reset. */
  void release();
}
