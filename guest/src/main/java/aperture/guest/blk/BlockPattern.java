package aperture.guest.blk;

import aperture.guest.io.Tally;

/** Chooses the requests of one queue, and judges their data. Belongs to the queue's pump. */
interface BlockPattern {

  /** What {@link #choose} found. */
  enum Choice {
    /** The slot says what to do. */
    READY,
    /** Nothing now. */
    LATER,
    /** Nothing any more. */
    END
  }

  /** What becomes of a slot after its request. */
  enum Next {
    /** It may take any request. */
    FREE,
    /** It is needed until {@link #isReleased}. */
    HELD,
    /** It says what to do next, with the data that it has. */
    AGAIN
  }

  /** Fills a free slot: what to do, where, and the data for a write. */
  Choice choose(BlockSlot slot);

  /** The slot's request has been used; its memory is unmapped. */
  Next finished(BlockSlot slot, boolean succeeded, Tally tally);

  /** The slot's request will not be made, or not be finished. */
  default void abandoned(BlockSlot slot) {}

  /** Whether a slot that was held is free. */
  default boolean isReleased(BlockSlot slot) {
    return true;
  }
}
