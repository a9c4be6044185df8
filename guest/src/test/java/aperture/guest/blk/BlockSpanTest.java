package aperture.guest.blk;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BlockSpanTest {

  @Test
  void queues_share_all_blocks_and_each_belongs_to_one() {
    BlockSpan span = new BlockSpan(10 * 512 + 100, 512, 3);
    assertThat(span.blocks()).isEqualTo(11);
    boolean[] seen = new boolean[11];
    for (int queue = 0; queue < 3; queue++) {
      for (int own = 0; own < span.ownBlocks(queue); own++) {
        int block = (int) span.block(queue, own);
        assertThat(seen[block]).isFalse();
        seen[block] = true;
      }
    }
    assertThat(seen).doesNotContain(false);
  }

  @Test
  void a_queue_may_have_no_block() {
    BlockSpan span = new BlockSpan(512, 512, 2);
    assertThat(span.ownBlocks(0)).isEqualTo(1);
    assertThat(span.ownBlocks(1)).isZero();
    assertThat(span.remembered(1)).isZero();
  }

  @Test
  void of_a_large_device_blocks_at_even_distances_are_remembered() {
    long blocks = 10L * BlockSpan.REMEMBERED + 7;
    BlockSpan span = new BlockSpan(blocks * 512, 512, 4);
    int remembered = span.remembered(3);
    assertThat(remembered).isEqualTo(BlockSpan.REMEMBERED / 4);
    assertThat(span.rememberedBlock(3, 0)).isEqualTo(3);
    assertThat(span.rememberedBlock(3, 1)).isEqualTo(3 + 4 * 10);
    assertThat(span.rememberedBlock(3, remembered - 1)).isLessThan(blocks);
  }
}
