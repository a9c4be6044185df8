package aperture.guest.blk;

/**
 * The device in blocks of the plan's size, the last one possibly shorter, dealt out to queues in
 * turn.
 *
 * @param deviceBytes capacity
 * @param blockBytes size of a block
 * @param queues number of queues
 */
record BlockSpan(long deviceBytes, int blockBytes, int queues) {

  /**
   * Blocks that are remembered, over all queues: 8 MiB of what was seen. Of a larger device, blocks
   * at even distances are.
   */
  static final int REMEMBERED = 1 << 20;

  long blocks() {
    return (deviceBytes + blockBytes - 1) / blockBytes;
  }

  /** Points a slot at a block. */
  void aim(BlockSlot slot, long block) {
    slot.block = block;
    slot.position = block * blockBytes;
    slot.length = (int) Math.min(blockBytes, deviceBytes - slot.position);
  }

  /** Blocks that belong to a queue. */
  long ownBlocks(int queue) {
    return (blocks() - queue + queues - 1) / queues;
  }

  /** The block that a queue calls {@code own}. */
  long block(int queue, long own) {
    return queue + own * queues;
  }

  /** How many of its blocks a queue remembers. */
  int remembered(int queue) {
    return (int) Math.min(ownBlocks(queue), Math.max(1, REMEMBERED / queues));
  }

  /** The block that a queue remembers under a number below {@link #remembered}. */
  long rememberedBlock(int queue, int number) {
    return block(queue, number * (ownBlocks(queue) / remembered(queue)));
  }
}
