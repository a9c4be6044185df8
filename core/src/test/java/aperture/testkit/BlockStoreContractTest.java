package aperture.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.block.BlockStore;
import aperture.block.BlockStoreType;
import aperture.block.StoreSettings;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceOption;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store must keep. */
public abstract class BlockStoreContractTest {

  private static final int SECTOR = 512;
  private static final int CAPACITY = 3 << 20;
  private static final int LONGEST = 300 * SECTOR;
  private static final int QUEUES = 4;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);
  private StoreRequests requests;
  private BlockStore store;

  /** A fresh type. */
  protected abstract BlockStoreType type();

  /** Options for a store of this many bytes, which reads as zeroes. */
  protected abstract Map<String, String> options(long capacity) throws IOException;

  /** Whether the store can be given another size. */
  protected abstract boolean resizable();

  @BeforeEach
  void open() throws Exception {
    requests = new StoreRequests(seed);
    store = open(false);
  }

  private BlockStore open(boolean readOnly) throws IOException, DeviceConfigurationException {
    return type().open(new StoreSettings("disk", readOnly, options(CAPACITY)));
  }

  @AfterEach
  void close() {
    store.close();
    requests.close();
  }

  @Test
  void itSaysWhatItIs() {
    BlockStoreType type = type();
    assertThat(type.name()).matches("[a-z][a-z0-9-]*");
    assertThat(type.summary()).isNotBlank().doesNotContain("\n");
    assertThat(type.options())
        .extracting(DeviceOption::name)
        .doesNotHaveDuplicates()
        .doesNotContain("read-only", "queues", "queue-size", "serial", "block-size", "store");
    assertThat(store.describe()).isNotBlank().doesNotContain("\n");
    assertThat(store.capacity()).isEqualTo(CAPACITY);
    assertThat(store.readOnly()).isFalse();
  }

  @Test
  void aRequiredOptionThatIsMissingIsNamed() {
    for (DeviceOption option : type().options()) {
      if (option.required()) {
        assertThatThrownBy(() -> type().open(new StoreSettings("disk", false, Map.of())))
            .isInstanceOf(DeviceConfigurationException.class)
            .hasMessageContaining("--" + option.name())
            .hasMessageNotContaining("\n");
      }
    }
  }

  @Test
  void itReadsZeroesAtFirstAndAlwaysWhatWasWrittenLast() throws Exception {
    byte[] model = new byte[CAPACITY];
    for (int i = 0; i < 400; i++) {
      int at = random.nextInt(CAPACITY / SECTOR - LONGEST / SECTOR) * SECTOR;
      int length = (1 + random.nextInt(LONGEST / SECTOR)) * SECTOR;
      switch (random.nextInt(5)) {
        case 0, 1 -> {
          byte[] data = new byte[length];
          random.nextBytes(data);
          write(store, requests, data, at);
          System.arraycopy(data, 0, model, at, length);
        }
        case 2 -> {
          store.writeZeroes(at, length);
          Arrays.fill(model, at, at + length, (byte) 0);
        }
        case 3 -> {
          store.discard(at, length);
          byte[] now = read(store, requests, at, length);
          byte[] before = Arrays.copyOfRange(model, at, at + length);
          assertThat(zeroOrAsBefore(now, before)).as("seed %d", seed).isTrue();
          System.arraycopy(now, 0, model, at, length);
        }
        default ->
            assertThat(read(store, requests, at, length))
                .as("seed %d", seed)
                .isEqualTo(Arrays.copyOfRange(model, at, at + length));
      }
      if (i % 50 == 0) {
        store.flush();
      }
    }
    assertThat(read(store, requests, 0, CAPACITY)).as("seed %d", seed).isEqualTo(model);
  }

  private static boolean zeroOrAsBefore(byte[] now, byte[] before) {
    for (int i = 0; i < now.length; i++) {
      if (now[i] != 0 && now[i] != before[i]) {
        return false;
      }
    }
    return true;
  }

  @Test
  void theLastSectorIsAsGoodAsTheFirst() throws Exception {
    byte[] data = new byte[SECTOR];
    Arrays.fill(data, (byte) 7);
    write(store, requests, data, CAPACITY - SECTOR);
    assertThat(read(store, requests, CAPACITY - SECTOR, SECTOR)).containsOnly(7);
    store.writeZeroes(CAPACITY - SECTOR, SECTOR);
    assertThat(read(store, requests, CAPACITY - SECTOR, SECTOR)).containsOnly(0);
    assertThat(store.capacity()).isEqualTo(CAPACITY);
  }

  @Test
  void queuesWorkAtTheSameTime() throws Exception {
    List<Worker> workers = new ArrayList<>();
    List<Future<Boolean>> ends = new ArrayList<>();
    for (int q = 0; q < QUEUES; q++) {
      Worker worker = new Worker("queue-" + q);
      workers.add(worker);
      int number = q;
      ends.add(worker.start(() -> interleave(number)));
    }
    for (Future<Boolean> end : ends) {
      assertThat(Worker.get(end)).isTrue();
    }
    workers.forEach(Worker::close);
  }

  /** Every fourth sector is this queue's; neighbours are others'. */
  private boolean interleave(int queue) throws Exception {
    SplittableRandom mine = new SplittableRandom(seed + queue);
    int sectors = CAPACITY / SECTOR / QUEUES;
    byte[] last = new byte[sectors];
    try (StoreRequests own = new StoreRequests(seed + queue)) {
      for (int i = 0; i < 2000; i++) {
        int sector = mine.nextInt(sectors);
        long at = ((long) sector * QUEUES + queue) * SECTOR;
        int what = mine.nextInt(8);
        if (what == 0) {
          store.writeZeroes(at, SECTOR);
          last[sector] = 0;
        } else if (what < 5) {
          byte[] data = new byte[SECTOR];
          last[sector] = (byte) mine.nextInt();
          Arrays.fill(data, last[sector]);
          write(store, own, data, at);
        } else {
          assertThat(read(store, own, at, SECTOR)).as("seed %d", seed).containsOnly(last[sector]);
        }
      }
    }
    return true;
  }

  @Test
  void anInterruptedQueueDoesNotDisturbTheOthers() throws Exception {
    byte[] data = new byte[SECTOR];
    Arrays.fill(data, (byte) 9);
    try (Worker other = new Worker("interrupted")) {
      other.call(() -> {
        Thread.currentThread().interrupt();
        try {
          write(store, requests, data, 0);
        } catch (IOException e) {
          assertThat(e).as("its own request may fail").isNotNull();
        }
        return Thread.interrupted();
      });
    }
    write(store, requests, data, SECTOR);
    assertThat(read(store, requests, SECTOR, SECTOR)).containsOnly(9);
  }

  @Test
  void aStoreForReadingOnlyRefusesToBeChanged() throws Exception {
    store.close();
    store = open(true);
    assertThat(store.readOnly()).isTrue();
    assertThatThrownBy(() -> write(store, requests, new byte[SECTOR], 0))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> store.writeZeroes(0, SECTOR)).isInstanceOf(IOException.class);
    store.flush();
    assertThat(read(store, requests, 0, SECTOR)).containsOnly(0);
  }

  @Test
  void aStoreWithoutAnotherSizeSaysSo() throws Exception {
    if (!resizable()) {
      assertThatThrownBy(() -> store.resize(2 * CAPACITY))
          .isInstanceOf(DeviceConfigurationException.class)
          .hasMessageContaining(store.describe());
      store.refresh();
      assertThat(store.capacity()).isEqualTo(CAPACITY);
    }
  }

  @Test
  void aResizeIsToldOnceKeepsWhatStaysAndBringsNothingBack() throws Exception {
    if (!resizable()) {
      return;
    }
    AtomicInteger told = new AtomicInteger();
    store.onResize(told::incrementAndGet);
    byte[] ones = new byte[CAPACITY];
    Arrays.fill(ones, (byte) 1);
    write(store, requests, ones, 0);
    int shorter = CAPACITY - 7 * SECTOR;

    store.resize(shorter);
    assertThat(told).hasValue(1);
    assertThat(store.capacity()).isEqualTo(shorter);
    assertThat(store.read(requests.taking(2 * SECTOR), shorter - SECTOR, 2 * SECTOR))
        .as("it ends where it ends")
        .isEqualTo(SECTOR);
    store.resize(shorter);
    assertThat(told).as("nothing changed").hasValue(1);

    store.resize(CAPACITY + SECTOR);
    assertThat(told).hasValue(2);
    assertThat(read(store, requests, 0, shorter)).containsOnly(1);
    assertThat(read(store, requests, shorter, 8 * SECTOR)).containsOnly(0);
    write(store, requests, new byte[] {5}, CAPACITY + SECTOR - 1);
    assertThat(store.capacity()).isEqualTo(CAPACITY + SECTOR);
  }

  @Test
  void aStoreThatIsClosedFailsAndClosingAgainDoesNothing() {
    store.close();
    store.close();
    assertThatThrownBy(() -> read(store, requests, 0, SECTOR)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> write(store, requests, new byte[SECTOR], 0))
        .isInstanceOf(IOException.class);
  }

  private static void write(BlockStore store, StoreRequests requests, byte[] data, long at)
      throws IOException {
    store.write(requests.giving(data), at, data.length);
  }

  private static byte[] read(BlockStore store, StoreRequests requests, long at, int length)
      throws IOException {
    assertThat(store.read(requests.taking(length), at, length)).isEqualTo(length);
    return requests.taken();
  }
}
