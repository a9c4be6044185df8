package aperture.devices.blk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.block.BlockStore;
import aperture.block.BlockStoreType;
import aperture.block.StoreSettings;
import aperture.devices.Settings;
import aperture.devices.store.FileStoreType;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which store a device gets. */
class BlkStoresTest {

  private final VirtioDeviceType type = new BlkDeviceType();

  @Test
  void memory_makes_a_disk_of_the_size_asked_for() throws Exception {
    try (VirtioDevice device = type.create(Settings.of("store", "memory", "size", "64M"))) {
      ByteBuffer config = ByteBuffer.wrap(device.config()).order(ByteOrder.LITTLE_ENDIAN);
      assertThat(config.getLong(BlkConfigLayout.CAPACITY)).isEqualTo((64 << 20) / 512);
      assertThat(device.details())
          .containsEntry("store", "memory")
          .containsEntry("size", "67108864");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "store memry size 1M | unknown block store 'memry'; did you mean 'memory'?",
        "store memory | store memory needs --size: bytes of a disk in memory",
        "size 1M file x | store file has no --size, but store memory has: add --store memory",
        "store memory size 1M file x | store memory has no --file, but store file has: add --store"
            + " file",
        "store memory size 1M sizes 2M | unknown option of store memory '--sizes'; did you mean"
            + " '--size'?",
        "store memory size 1000 | memory of 1000 bytes has 1000 bytes, no multiple of 512: append"
            + " 24 bytes",
      })
  void a_wrong_choice_is_named_with_its_cure(String options, String message) {
    assertThatThrownBy(() -> type.create(Settings.of(options.trim().split(" "))))
        .isInstanceOf(DeviceConfigurationException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void the_options_of_every_store_are_offered_and_none_is_required_before_one_is_chosen() {
    assertThat(type.options())
        .extracting(DeviceOption::name)
        .containsSubsequence("store", "file", "size", "read-only", "queues");
    assertThat(type.options()).noneMatch(DeviceOption::required);
    assertThat(type.options().getFirst().values()).containsExactly("file", "memory");
  }

  @Test
  void two_stores_may_have_an_option_of_one_name_and_the_first_of_one_name_counts()
      throws Exception {
    Odd first = new Odd("odd", new DeviceOption("file", "one", true, false, List.of("a", "b")));
    Odd twin = new Odd("odd", new DeviceOption("other", "two", false, false, List.of()));
    VirtioDeviceType both = new BlkDeviceType(List.of(first, twin, new FileStoreType()));
    assertThat(both.options()).extracting(DeviceOption::name).doesNotHaveDuplicates();
    assertThat(both.options()).extracting(DeviceOption::name).doesNotContain("other");
    DeviceOption file =
        both.options().stream().filter(o -> o.name().equals("file")).findFirst().orElseThrow();
    assertThat(file.values()).isEmpty();
    assertThatThrownBy(() -> both.create(Settings.of("store", "odd", "file", "c")))
        .isInstanceOf(DeviceConfigurationException.class)
        .hasMessageContaining("unknown value of --file 'c'");
    assertThatThrownBy(() -> both.create(Settings.of("store", "odd", "file", "a", "queues", "2")))
        .hasMessage("opened for d0 with {file=a}");
  }

  /** A store that only says what it was asked. */
  private record Odd(String name, DeviceOption option) implements BlockStoreType {

    @Override
    public String summary() {
      return "odd";
    }

    @Override
    public List<DeviceOption> options() {
      return List.of(option);
    }

    @Override
    public BlockStore open(StoreSettings settings) throws DeviceConfigurationException {
      throw new DeviceConfigurationException(
          "opened for %s with %s".formatted(settings.user(), settings.options()));
    }
  }
}
