package aperture.devices.blk;

import static aperture.devices.blk.BlkFixture.SECTOR;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.devices.Requests.Request;
import aperture.virtio.FeatureSet;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlkDurabilityTest {

  private static final int WRITEBACK = 32;
  private static final byte[] DATA = new byte[SECTOR];

  @TempDir Path folder;

  @Test
  void with_flush_accepted_only_a_flush_makes_durable() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 0)) {
      disk.accept(FeatureSet.of(BlkFeature.FLUSH));
      disk.write(0, DATA);
      assertThat(disk.count("host-flushes")).isZero();
      disk.serve(BlkRequestLayout.TYPE_FLUSH, 0, new byte[0], 1);
      assertThat(disk.count("host-flushes")).isEqualTo(1);
    }
  }

  @Test
  void with_neither_accepted_every_write_is_durable_and_a_batch_shares_one_flush()
      throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 0)) {
      disk.accept(FeatureSet.NONE);
      Request first = disk.add(BlkRequestLayout.TYPE_OUT, 0, DATA, 1);
      Request read = disk.add(BlkRequestLayout.TYPE_IN, 5, new byte[0], SECTOR + 1);
      Request second = disk.add(BlkRequestLayout.TYPE_OUT, 1, DATA, 1);
      disk.process();
      assertThat(disk.count("host-flushes")).isEqualTo(1);
      assertThat(first.written()).containsExactly(0);
      assertThat(second.written()).containsExactly(0);
      assertThat(read.status()).isZero();
      disk.read(0, SECTOR);
      assertThat(disk.count("host-flushes")).isEqualTo(1);
    }
  }

  @Test
  void a_refused_write_waits_for_no_flush() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 0)) {
      disk.accept(FeatureSet.NONE);
      assertThat(disk.write(-1, DATA).written()).containsExactly(1);
      assertThat(disk.count("host-flushes")).isZero();
    }
  }

  @Test
  void the_writeback_field_decides_when_accepted() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 0)) {
      disk.accept(FeatureSet.of(BlkFeature.FLUSH, BlkFeature.CONFIG_WCE));
      assertThat(disk.device.config()[WRITEBACK]).isEqualTo((byte) 1);
      disk.write(0, DATA);
      assertThat(disk.count("host-flushes")).isZero();
      disk.device.writeConfig(WRITEBACK, (byte) 0);
      assertThat(disk.device.config()[WRITEBACK]).isZero();
      disk.write(0, DATA);
      assertThat(disk.count("host-flushes")).isEqualTo(1);
      disk.device.writeConfig(WRITEBACK, (byte) 1);
      disk.write(0, DATA);
      assertThat(disk.count("host-flushes")).isEqualTo(1);
    }
  }

  @Test
  void without_flush_the_writeback_field_starts_off() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 0)) {
      disk.accept(FeatureSet.of(BlkFeature.CONFIG_WCE));
      assertThat(disk.device.config()[WRITEBACK]).isZero();
      disk.write(0, DATA);
      assertThat(disk.count("host-flushes")).isEqualTo(1);
    }
  }

  @Test
  void the_writeback_field_is_not_writable_unless_accepted_and_returns_at_reset() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 0)) {
      disk.accept(FeatureSet.of(BlkFeature.FLUSH));
      disk.device.writeConfig(WRITEBACK, (byte) 0);
      disk.device.writeConfig(0, (byte) 0);
      assertThat(disk.device.config()[WRITEBACK]).isEqualTo((byte) 1);
      assertThat(disk.device.details()).containsEntry("cache", "write-back");
      disk.accept(FeatureSet.NONE);
      assertThat(disk.device.details()).containsEntry("cache", "write-through");
      disk.device.reset();
      assertThat(disk.device.config()[WRITEBACK]).isEqualTo((byte) 1);
    }
  }
}
