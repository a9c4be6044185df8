package aperture.guest.blk;

import aperture.guest.io.Tally;
import aperture.guest.io.Tally.Count;

/**
 * Reads every block and writes it back as it was read, again and again, in order. A block that
 * reads differently than before is not written back.
 */
final class RewritePattern implements BlockPattern {

  private final BlockSpan span;
  private final int queue;
  private final long blocks;
  private final Checksums checksums;
  private final int remembered;
  private final byte[] data;
  private long cursor;

  RewritePattern(BlockSpan span, int queue) {
    this.span = span;
    this.queue = queue;
    this.blocks = span.ownBlocks(queue);
    this.remembered = span.remembered(queue);
    this.checksums = new Checksums(remembered);
    this.data = new byte[span.blockBytes()];
  }

  @Override
  public Choice choose(BlockSlot slot) {
    if (blocks == 0) {
      return Choice.END;
    }
    slot.type = BlkRequestLayout.TYPE_IN;
    slot.own = (int) Math.min(cursor, Integer.MAX_VALUE);
    span.aim(slot, span.block(queue, cursor));
    cursor = (cursor + 1) % blocks;
    return Choice.READY;
  }

  @Override
  public Next finished(BlockSlot slot, boolean succeeded, Tally tally) {
    if (!succeeded || slot.type == BlkRequestLayout.TYPE_OUT) {
      return Next.FREE;
    }
    if (slot.own < remembered) {
      slot.read(data);
      if (!checksums.matches(slot.own, data, slot.length)) {
        tally.increment(Count.MISMATCHES);
        return Next.FREE;
      }
    }
    slot.type = BlkRequestLayout.TYPE_OUT;
    return Next.AGAIN;
  }
}
