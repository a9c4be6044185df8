package aperture.devices.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.block.BlockStore;
import aperture.block.StoreSettings;
import aperture.devices.Requests;
import aperture.virtio.DeviceConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is particular to files and to memory. */
class StoreDetailsTest {

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "512, 512",
    "1K, 1024",
    "2k, 2048",
    "64M, 67108864",
    "1GiB, 1073741824",
    "256G, 274877906944"
  })
  void a_size_is_read_as_people_write_it(String text, long bytes) throws Exception {
    assertThat(ByteSize.parse("size", text, MemoryStore.LARGEST)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "0, out of range",
    "257G, out of range: take 1 to 256GiB",
    "999999999999999999T, out of range",
    "-1, is no size",
    "M, is no size",
    "1.5G, is no size",
    "12X, is no size"
  })
  void a_size_that_is_none_is_named(String text, String message) {
    assertThatThrownBy(() -> ByteSize.parse("size", text, MemoryStore.LARGEST))
        .isInstanceOf(DeviceConfigurationException.class)
        .hasMessageContaining("--size " + text)
        .hasMessageContaining(message);
  }

  @Test
  void memory_takes_only_what_was_written_and_gives_back_what_is_discarded() throws Exception {
    try (BlockStore store = new MemoryStore(1L << 40 >> 4, false);
        Requests requests = new Requests(4, 0)) {
      assertThat(store.details()).containsEntry("memory", "0");
      write(store, requests, 10L << 30);
      assertThat(store.details()).containsEntry("memory", "262144");
      store.discard((10L << 30) - 1024, 262144 + 2048);
      assertThat(store.details()).containsEntry("memory", "0");
      write(store, requests, 10L << 30);
      store.resize(10L << 30);
      assertThat(store.details()).containsEntry("memory", "0");
      assertThatThrownBy(() -> store.resize(MemoryStore.LARGEST + 1))
          .isInstanceOf(DeviceConfigurationException.class)
          .hasMessage("memory disks have at most 256GiB");
    }
  }

  private static void write(BlockStore store, Requests requests, long at) throws Exception {
    requests.clear();
    store.write(requests.add(new byte[512], 0).chain().reader(), at, 512);
  }

  @Test
  void a_file_that_others_made_longer_or_shorter_is_seen_when_looked_at() throws Exception {
    Path file = Files.write(folder.resolve("disk.img"), new byte[4096]);
    FileStoreType type = new FileStoreType();
    StoreSettings settings = new StoreSettings("d", true, Map.of("file", file.toString()));
    AtomicInteger told = new AtomicInteger();
    AtomicInteger neighbourTold = new AtomicInteger();
    try (BlockStore store = type.open(settings)) {
      store.onResize(told::incrementAndGet);
      try (BlockStore neighbour = type.open(settings)) {
        neighbour.onResize(neighbourTold::incrementAndGet);
        Files.write(file, new byte[8192]);
        assertThat(store.capacity()).isEqualTo(4096);
        store.refresh();
        assertThat(store.capacity()).isEqualTo(8192);
        assertThat(neighbour.capacity()).isEqualTo(8192);
        assertThat(told).hasValue(1);
        assertThat(neighbourTold).as("they share the file").hasValue(1);
      }
      assertThatThrownBy(() -> store.resize(4096))
          .isInstanceOf(DeviceConfigurationException.class)
          .hasMessageContaining("reading only");
      Files.write(file, new byte[512]);
      store.refresh();
      assertThat(store.capacity()).isEqualTo(512);
      assertThat(neighbourTold).as("it is gone").hasValue(1);
    }
  }
}
