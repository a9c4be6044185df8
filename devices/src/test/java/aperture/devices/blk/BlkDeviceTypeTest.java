package aperture.devices.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import aperture.devices.Settings;
import aperture.machine.RowProperty;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceSettings;
import aperture.virtio.NamedFeature;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlkDeviceTypeTest {

  @TempDir Path folder;
  private final VirtioDeviceType type = new BlkDeviceType();
  private Path file;

  @BeforeEach
  void image() throws IOException {
    file = folder.resolve("disk.img");
    Files.write(file, new byte[1 << 20]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "queues | 0 | --queues 0 is out of range",
        "queues | many | --queues many is no number",
        "queue-size | 100 | --queue-size 100 is no power of two: take 64",
        "queue-size | 2 | --queue-size 2 is out of range",
        "block-size | 1024 | --block-size 1024 is not possible: take 512 or 4096",
        "discard | maybe | --discard maybe is not possible: take on or off",
        "serial | a-serial-number-too-long | at most 20"
      })
  void a_wrong_option_is_named_with_its_cure(String name, String value, String message) {
    assertThatThrownBy(() -> type.create(Settings.of("file", file.toString(), name, value)))
        .isInstanceOf(DeviceConfigurationException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
    assertFree();
  }

  @ParameterizedTest
  @CsvSource({"off,1", "on,4"})
  void every_bit_it_offers_has_a_name(String readOnly, String queues) throws Exception {
    VirtioDevice device =
        type.create(Settings.of("file", file.toString(), "read-only", readOnly, "queues", queues));
    try (device) {
      assertThat(device.features().bits())
          .isNotEmpty()
          .allSatisfy(bit -> {
            NamedFeature feature = NamedFeature.of(bit, device);
            assertThat(feature.name()).doesNotContain("bit");
            assertThat(feature.meaning()).isNotEmpty();
          });
    }
    assertThat(NamedFeature.of(20, device).name()).isEqualTo("bit 20");
  }

  @Test
  void a_file_that_is_missing_or_no_file_is_named() {
    assertRefused(Settings.of(), "store file needs --file");
    assertRefused(Settings.of("file", ""), "--file is missing");
    assertRefused(file("no-such.img"), "no-such.img does not exist");
    assertRefused(Settings.of("file", folder.toString()), folder + " is a directory");
    assertRefused(Settings.of("file", "a\0b"), "is no path");
    assertRefused(Settings.of("file", "/dev/null"), "/dev/null is no regular file");
  }

  @Test
  void a_size_that_is_no_multiple_of_the_block_is_refused_with_what_is_missing()
      throws IOException {
    Files.write(file, new byte[1000]);
    assertRefused(file("disk.img"), "has 1000 bytes, no multiple of 512: append 24 bytes");
    Files.write(file, new byte[512]);
    assertRefused(
        Settings.of("file", file.toString(), "block-size", "4096"), "no multiple of 4096");
    Files.write(file, new byte[0]);
    assertRefused(file("disk.img"), "is empty");
  }

  @Test
  void permissions_are_explained() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
    assumeThat(Files.isWritable(file)).as("a user who may write anything").isFalse();
    assertRefused(
        file("disk.img"), "may not be written: check its permissions, or add --read-only");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    assertRefused(Settings.of("file", file.toString(), "read-only", "true"), "may not be read");
  }

  @Test
  void one_image_serves_one_writer_or_several_readers() throws Exception {
    Path sameFile = Files.createLink(folder.resolve("link.img"), file);
    try (VirtioDevice writer = type.create(file("disk.img"))) {
      assertThat(writer.details()).containsEntry("read-only", "false");
      assertRefused(file("link.img"), sameFile + " is in use by device d0");
      assertRefused(readOnly(), "in use by device d0");
    }
    VirtioDevice first = type.create(readOnly());
    try (VirtioDevice second = type.create(readOnly())) {
      first.close();
      first.close();
      assertRefused(file("disk.img"), "in use by device d0 for reading");
      assertThat(second.details()).containsEntry("read-only", "true");
    }
    assertFree();
  }

  @Test
  void an_image_locked_elsewhere_is_refused_and_a_device_locks_its_own() throws Exception {
    try (FileChannel other = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = other.lock()) {
      assertThat(lock.isValid()).isTrue();
      assertRefused(file("disk.img"), "in use by another program");
    }
    // A second type is as a second program, as far as one process can tell.
    try (VirtioDevice device = type.create(file("disk.img"))) {
      assertThat(device.queues()).isEqualTo(1);
      assertThatThrownBy(() -> new BlkDeviceType().create(file("disk.img")))
          .hasMessageContaining("in use by another program");
    }
    assertFree();
  }

  @Test
  void defaults_come_from_the_machine_row_and_options_beat_them() throws Exception {
    Map<String, String> row =
        Map.of(
            RowProperty.BLK_QUEUE_SIZE, "128",
            RowProperty.BLK_QUEUES, "4",
            RowProperty.BLK_DISCARD, "off",
            RowProperty.BLK_WRITE_ZEROES, "off");
    try (VirtioDevice device = type.create(Settings.on(row, "file", file.toString()))) {
      assertThat(device.queues()).isEqualTo(4);
      assertThat(device.maxQueueSize(3)).isEqualTo(128);
      assertThat(device.features().has(BlkFeature.MQ)).isTrue();
      assertThat(device.features().has(BlkFeature.DISCARD)).isFalse();
      assertThat(device.features().has(BlkFeature.WRITE_ZEROES)).isFalse();
    }
    try (VirtioDevice device =
        type.create(
            Settings.on(
                row,
                "file",
                file.toString(),
                "queues",
                "1",
                "queue-size",
                "512",
                "discard",
                "on"))) {
      assertThat(device.queues()).isEqualTo(1);
      assertThat(device.maxQueueSize(0)).isEqualTo(512);
      assertThat(device.features().has(BlkFeature.MQ)).isFalse();
      assertThat(device.features().has(BlkFeature.DISCARD)).isTrue();
    }
  }

  @Test
  void the_configuration_space_says_what_was_asked_for() throws Exception {
    try (VirtioDevice device =
        type.create(Settings.of("file", file.toString(), "block-size", "4096", "queues", "3"))) {
      ByteBuffer config = ByteBuffer.wrap(device.config()).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(config.capacity()).isEqualTo(96);
      assertThat(config.getLong(0)).as("capacity").isEqualTo(2048);
      assertThat(config.getInt(8)).as("size_max").isZero();
      assertThat(config.getInt(12)).as("seg_max").isEqualTo(254);
      assertThat(config.getInt(20)).as("blk_size").isEqualTo(4096);
      assertThat(config.get(24)).as("physical_block_exp").isZero();
      assertThat(config.getShort(26)).as("min_io_size").isEqualTo((short) 1);
      assertThat(config.get(32)).as("writeback").isEqualTo((byte) 1);
      assertThat(config.get(33)).as("padding").isZero();
      assertThat(config.getShort(34)).as("num_queues").isEqualTo((short) 3);
      assertThat(config.getInt(36)).as("max_discard_sectors").isEqualTo(8192);
      assertThat(config.getInt(40)).as("max_discard_seg").isEqualTo(16);
      assertThat(config.getInt(44)).as("discard_sector_alignment").isEqualTo(8);
      assertThat(config.getInt(48)).as("max_write_zeroes_sectors").isEqualTo(8192);
      assertThat(config.getInt(52)).as("max_write_zeroes_seg").isEqualTo(16);
      assertThat(config.get(56)).as("write_zeroes_may_unmap").isZero();
    }
  }

  @Test
  void the_service_names_itself() {
    assertThat(type.name()).isEqualTo("blk");
    assertThat(type.deviceId()).isEqualTo(2);
    assertThat(type.options()).extracting("name").contains("file", "read-only", "queue-size");
  }

  private DeviceSettings file(String name) {
    return Settings.of("file", folder.resolve(name).toString());
  }

  private DeviceSettings readOnly() {
    return Settings.of("file", file.toString(), "read-only", "true");
  }

  private void assertRefused(DeviceSettings settings, String message) {
    assertThatThrownBy(() -> type.create(settings))
        .isInstanceOf(DeviceConfigurationException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  /** Nothing is left behind: the image can be opened for writing. */
  private void assertFree() {
    try (VirtioDevice device = type.create(file("disk.img"))) {
      assertThat(device.queues()).isEqualTo(1);
    } catch (DeviceConfigurationException e) {
      throw new AssertionError(e);
    }
  }
}
