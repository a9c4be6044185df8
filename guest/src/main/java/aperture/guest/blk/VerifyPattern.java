package aperture.guest.blk;

import aperture.guest.io.Tally;
import aperture.guest.io.Tally.Count;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.SplittableRandom;

/**
 * Overwrites at random and reads back what was written last. Every eight bytes of a block depend on
 * the seed, the block, the version and the place, so that old, misdirected and torn data show.
 */
final class VerifyPattern implements BlockPattern {

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long UNKNOWN = 0;

  /** Tries to find a block that is not in flight. */
  private static final int TRIES = 8;

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final BlockSpan span;
  private final int queue;
  private final long seed;
  private final SplittableRandom random;
  private final int blocks;

  /** What each block holds; {@link #UNKNOWN} until written, and after a write that failed. */
  private final long[] versions;

  /** Two requests in flight for one block have no order, so there is never more than one. */
  private final BitSet busy;

  private final byte[] data;
  private final byte[] expected;
  private long lastVersion;

  VerifyPattern(BlockSpan span, int queue, long seed) {
    this.span = span;
    this.queue = queue;
    this.seed = seed;
    this.random = new SplittableRandom(seed + queue);
    this.blocks = span.remembered(queue);
    this.versions = new long[blocks];
    this.busy = new BitSet(blocks);
    this.data = new byte[span.blockBytes()];
    this.expected = new byte[span.blockBytes()];
  }

  @Override
  public Choice choose(BlockSlot slot) {
    if (blocks == 0) {
      return Choice.END;
    }
    int own = random.nextInt(blocks);
    for (int i = 1; i < TRIES && busy.get(own); i++) {
      own = random.nextInt(blocks);
    }
    if (busy.get(own)) {
      return Choice.LATER;
    }
    busy.set(own);
    slot.own = own;
    span.aim(slot, span.rememberedBlock(queue, own));
    boolean write = versions[own] == UNKNOWN || random.nextBoolean();
    slot.type = write ? BlkRequestLayout.TYPE_OUT : BlkRequestLayout.TYPE_IN;
    if (write) {
      slot.version = ++lastVersion;
      fill(data, slot.block, slot.version, slot.length);
      slot.write(data);
    }
    return Choice.READY;
  }

  @Override
  public Next finished(BlockSlot slot, boolean succeeded, Tally tally) {
    busy.clear(slot.own);
    if (slot.type == BlkRequestLayout.TYPE_OUT) {
      versions[slot.own] = succeeded ? slot.version : UNKNOWN;
    } else if (succeeded) {
      slot.read(data);
      fill(expected, slot.block, versions[slot.own], slot.length);
      if (!Arrays.equals(data, 0, slot.length, expected, 0, slot.length)) {
        tally.increment(Count.MISMATCHES);
      }
    }
    return Next.FREE;
  }

  @Override
  public void abandoned(BlockSlot slot) {
    busy.clear(slot.own);
  }

  /** Every word is the mixed number of its place: SplitMix64, as in Steele et al., OOPSLA 2014. */
  private void fill(byte[] target, long block, long version, int length) {
    long state = mix(seed + mix(block + mix(version)));
    for (int at = 0; at < length; at += Long.BYTES) {
      state += GOLDEN;
      LONGS.set(target, at, mix(state));
    }
  }

  private static long mix(long value) {
    long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }
}
