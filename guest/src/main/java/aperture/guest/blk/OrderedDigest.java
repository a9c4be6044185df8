package aperture.guest.blk;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Digests a whole device in order, while queues read it out of order. Thread-safe.
 *
 * <p>Blocks are issued in order, each in a slot that stays taken until the block is digested. So
 * the blocks issued and not yet digested are a row, no longer than there are slots.
 */
final class OrderedDigest {

  private final BlockSpan span;
  private final MessageDigest sha;
  private final byte[] data;
  private final @Nullable BlockSlot[] waiting;
  private final Runnable onProgress;
  private final AtomicLong issued = new AtomicLong();
  private volatile long next;
  private boolean complete = true;

  /**
   * @param slots of all queues together
   * @param onProgress run when slots of other queues may have become free
   */
  OrderedDigest(BlockSpan span, int slots, Runnable onProgress) {
    this.span = span;
    this.waiting = new BlockSlot[slots];
    this.onProgress = onProgress;
    this.data = new byte[span.blockBytes()];
    try {
      this.sha = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** The next block to read; past the end when all are issued. */
  long issue() {
    return issued.getAndIncrement();
  }

  /** A block is read, or could not be. */
  void offer(BlockSlot slot, boolean readable) {
    int digested = 0;
    synchronized (this) {
      complete &= readable;
      waiting[at(slot.block)] = slot;
      BlockSlot first;
      while ((first = waiting[at(next)]) != null) {
        waiting[at(next)] = null;
        if (complete) {
          first.read(data);
          sha.update(data, 0, first.length);
        }
        digested++;
        next = first.block + 1;
      }
    }
    // The caller sees what it freed of its own; others may wait for theirs.
    if (digested > 1 && span.queues() > 1) {
      onProgress.run();
    }
  }

  private int at(long block) {
    return (int) (block % waiting.length);
  }

  /** Whether a block needs its slot no more. */
  boolean isDigested(long block) {
    return block < next;
  }

  /** The digest in hexadecimal, once everything is read. */
  synchronized Optional<String> result() {
    if (!complete || next < span.blocks()) {
      return Optional.empty();
    }
    try {
      MessageDigest copy = (MessageDigest) sha.clone();
      return Optional.of(HexFormat.of().formatHex(copy.digest()));
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException("SHA-256 of this platform cannot be copied", e);
    }
  }
}
