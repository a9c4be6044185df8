package aperture.guest.io;

import aperture.dma.DmaException;
import aperture.virtqueue.ChainElements;

/**
 * Makes the requests of one queue and checks what came back. Belongs to the queue's pump until the
 * pump has ended.
 *
 * <p>A request lives in a slot, named by a small number: {@link #prepare}, then {@link #used} once
 * the device has used it, or {@link #abandon} when it never will.
 */
public interface RequestSource extends AutoCloseable {

  /** No request now; later, when another one has been used. */
  int LATER = -1;

  /** No request any more. */
  int END = -2;

  /** Most elements of a request. */
  int mostElements();

  /**
   * Makes the next request: its memory is mapped, its elements are put into the cleared list.
   *
   * @return its slot, {@link #LATER}, or {@link #END}
   * @throws DmaException when memory cannot be mapped; nothing stays mapped then
   */
  int prepare(ChainElements elements) throws DmaException;

  /**
   * Makes a request that ends the job, outside the plan: called when nothing is in flight any more.
   *
   * @return its slot, or {@link #END} when none is needed
   */
  int conclude(ChainElements elements);

  /**
   * The device has used a request: its memory is unmapped, the result checked and counted.
   *
   * @param written bytes that the device says it wrote
   * @throws DmaException when memory cannot be unmapped
   */
  void used(int slot, long written, Tally tally) throws DmaException;

  /** The device will not touch the request any more, and has not used it: it is unmapped. */
  void abandon(int slot) throws DmaException;

  /** Gives all memory back; nothing is mapped any more. */
  @Override
  void close();
}
