package aperture.guest.blk;

import aperture.guest.io.Tally;

/** Reads everything once, in order, together with the other queues. */
final class ScanPattern implements BlockPattern {

  private final BlockSpan span;
  private final OrderedDigest digest;

  ScanPattern(BlockSpan span, OrderedDigest digest) {
    this.span = span;
    this.digest = digest;
  }

  @Override
  public Choice choose(BlockSlot slot) {
    long block = digest.issue();
    if (block >= span.blocks()) {
      return Choice.END;
    }
    slot.type = BlkRequestLayout.TYPE_IN;
    span.aim(slot, block);
    return Choice.READY;
  }

  @Override
  public Next finished(BlockSlot slot, boolean succeeded, Tally tally) {
    digest.offer(slot, succeeded);
    return digest.isDigested(slot.block) ? Next.FREE : Next.HELD;
  }

  @Override
  public boolean isReleased(BlockSlot slot) {
    return digest.isDigested(slot.block);
  }
}
