package aperture.guest.blk;

import aperture.guest.io.Tally;
import aperture.guest.io.Tally.Count;
import java.util.SplittableRandom;

/** Reads at random; a block must read the same every time. */
final class ReadPattern implements BlockPattern {

  private final BlockSpan span;
  private final int queue;
  private final SplittableRandom random;
  private final int blocks;
  private final Checksums checksums;
  private final byte[] data;

  ReadPattern(BlockSpan span, int queue, long seed) {
    this.span = span;
    this.queue = queue;
    this.random = new SplittableRandom(seed + queue);
    this.blocks = span.remembered(queue);
    this.checksums = new Checksums(blocks);
    this.data = new byte[span.blockBytes()];
  }

  @Override
  public Choice choose(BlockSlot slot) {
    if (blocks == 0) {
      return Choice.END;
    }
    slot.type = BlkRequestLayout.TYPE_IN;
    slot.own = random.nextInt(blocks);
    span.aim(slot, span.rememberedBlock(queue, slot.own));
    return Choice.READY;
  }

  @Override
  public Next finished(BlockSlot slot, boolean succeeded, Tally tally) {
    if (succeeded) {
      slot.read(data);
      if (!checksums.matches(slot.own, data, slot.length)) {
        tally.increment(Count.MISMATCHES);
      }
    }
    return Next.FREE;
  }
}
