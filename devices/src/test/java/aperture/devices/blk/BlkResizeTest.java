package aperture.devices.blk;

import static aperture.devices.blk.BlkFixture.SECTOR;
import static aperture.devices.blk.BlkFixture.SECTORS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.devices.Requests;
import aperture.devices.Settings;
import aperture.testkit.Worker;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.VirtioDevice;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlkResizeTest {

  private static final byte OK = 0;
  private static final byte IOERR = 1;

  @TempDir Path folder;
  private final AtomicInteger told = new AtomicInteger();

  @Test
  void a_file_that_grew_is_seen_on_demand_and_its_driver_is_told_once() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 3)) {
      disk.device.onConfigChange(told::incrementAndGet);
      assertThat(disk.read(SECTORS, SECTOR).status()).isEqualTo(IOERR);

      assertThat(disk.device.resize(OptionalLong.of(SECTOR * (SECTORS + 10L))))
          .isEqualTo(SECTOR * (SECTORS + 10L));

      assertThat(told).hasValue(1);
      assertThat(capacity(disk)).isEqualTo(SECTORS + 10);
      assertThat(disk.read(SECTORS + 9, SECTOR).status()).isEqualTo(OK);
      assertThat(disk.write(SECTORS + 9, new byte[SECTOR]).written()).containsExactly(OK);
      assertThat(disk.read(SECTORS + 10, SECTOR).status()).isEqualTo(IOERR);
      assertThat(disk.device.resize(OptionalLong.empty())).isEqualTo(SECTOR * (SECTORS + 10L));
      assertThat(told).as("nothing changed").hasValue(1);
    }
  }

  @Test
  void what_lies_beyond_a_shorter_end_fails_and_the_file_stays_short() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 3)) {
      disk.device.onConfigChange(told::incrementAndGet);
      disk.device.resize(OptionalLong.of(100L * SECTOR));

      assertThat(told).hasValue(1);
      assertThat(Files.size(disk.file)).isEqualTo(100L * SECTOR);
      assertThat(disk.write(100, new byte[SECTOR]).written()).containsExactly(IOERR);
      assertThat(disk.write(99, new byte[2 * SECTOR]).written()).containsExactly(IOERR);
      assertThat(
              disk.serve(BlkRequestLayout.TYPE_WRITE_ZEROES, 0, BlkFixture.segment(99, 2, 0), 1)
                  .written())
          .containsExactly(IOERR);
      assertThat(disk.write(99, new byte[SECTOR]).written()).containsExactly(OK);
      assertThat(Files.size(disk.file)).isEqualTo(100L * SECTOR);
    }
  }

  @Test
  void a_size_of_no_whole_blocks_is_refused_or_rounded_down() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 3, "block-size", "4096", "read-only", "on")) {
      assertThatThrownBy(() -> disk.device.resize(OptionalLong.of(4096 + 512)))
          .isInstanceOf(DeviceConfigurationException.class)
          .hasMessage("4608 bytes are no multiple of the block size 4096");
      assertThatThrownBy(() -> disk.device.resize(OptionalLong.of(4096)))
          .isInstanceOf(DeviceConfigurationException.class)
          .hasMessageContaining("reading only");
      assertThat(capacity(disk)).as("as before").isEqualTo(SECTORS);
      Files.write(disk.file, new byte[3 * 4096 + 512]);
      assertThat(disk.device.resize(OptionalLong.empty())).isEqualTo(3 * 4096);
      assertThat(capacity(disk)).isEqualTo(24);
    }
  }

  /** A write that was under way must not make a file longer after it was cut. */
  @Test
  void a_shrink_waits_for_what_is_under_way() throws Exception {
    for (int round = 0; round < 50; round++) {
      try (BlkFixture disk = new BlkFixture(folder, 0)) {
        AtomicBoolean cut = new AtomicBoolean();
        try (Worker queue = new Worker("queue")) {
          Future<Boolean> writing =
              queue.start(() -> {
                while (!cut.get()) {
                  disk.write(SECTORS - 64, new byte[64 * SECTOR]);
                }
                return true;
              });
          disk.device.resize(OptionalLong.of(1000L * SECTOR));
          long after = Files.size(disk.file);
          cut.set(true);
          assertThat(Worker.get(writing)).isTrue();
          assertThat(after).isEqualTo(1000L * SECTOR);
          assertThat(Files.size(disk.file)).isEqualTo(1000L * SECTOR);
        }
      }
    }
  }

  @Test
  void memory_can_be_given_another_size_too() throws Exception {
    try (VirtioDevice device =
            new BlkDeviceType().create(Settings.of("store", "memory", "size", "1M"));
        Requests requests = new Requests(4, 0)) {
      device.onConfigChange(told::incrementAndGet);
      device.activate(device.features());
      assertThat(device.resize(OptionalLong.of(2 << 20))).isEqualTo(2 << 20);
      assertThat(told).hasValue(1);
      ByteBuffer header = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(8, 4095);
      Requests.Request last = requests.add(header.array(), SECTOR + 1);
      device.process(0, requests.batch());
      assertThat(last.status()).isEqualTo(OK);
    }
  }

  private static long capacity(BlkFixture disk) {
    return ByteBuffer.wrap(disk.device.config())
        .order(ByteOrder.LITTLE_ENDIAN)
        .getLong(BlkConfigLayout.CAPACITY);
  }
}
