package aperture.guest.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.dma.CoherentBuffer;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.guest.fake.FakePlatform;
import aperture.iommu.Access;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every driver face keeps, whatever it does with addresses. */
abstract class OwnDmaContract {

  static final int BUFFER = 3 * 4096;

  /** Not on a page, and across the end of one. */
  private static final int FROM = 1000;

  private static final int LENGTH = 5000;

  FakePlatform platform;
  OwnDma dma;

  /** Opens the face to be tested. */
  abstract OwnDma open(FakePlatform on) throws DmaException;

  /** Where in guest memory a device that takes addresses as they are meant gets; -1 for nowhere. */
  abstract long place(long address, int length, Access access);

  /** The same for a ring. */
  long placeOfRing(long address, int length, Access access) {
    return place(address, length, access);
  }

  /** Whether a mapping ends when it is unmapped, rather than when its memory is freed. */
  abstract boolean mapsEachTime();

  @BeforeEach
  void openOne() throws IOException, DmaException {
    platform = new FakePlatform();
    dma = open(platform);
  }

  @AfterEach
  void nothingIsLeftBehind() {
    dma.close();
    assertThat(platform.bytesInUse()).isZero();
    assertThat(platform.bus().mapped()).isZero();
    platform.close();
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  private GuestBuffer filled(byte[] content) throws DmaException {
    GuestBuffer buffer = dma.allocate(BUFFER);
    buffer.write(0, content, 0, content.length);
    return buffer;
  }

  private static byte[] content(GuestBuffer buffer, int from, int length) {
    byte[] bytes = new byte[length];
    buffer.read(from, bytes, 0, length);
    return bytes;
  }

  private byte[] deviceReads(long address, int length) {
    long place = place(address, length, Access.READ);
    assertThat(place).as("0x%x is reachable", address).isNotNegative();
    return platform.read(place, length);
  }

  private void deviceWrites(long address, byte[] bytes) {
    long place = place(address, bytes.length, Access.WRITE);
    assertThat(place).as("0x%x is reachable", address).isNotNegative();
    platform.write(place, bytes);
  }

  /** What the driver finds where it looks; a face that gets addresses wrong finds less. */
  void assertFound(byte[] found, byte[] written, byte[] before) {
    assertThat(found).isEqualTo(written);
  }

  /** What a device finds at a mapped address. */
  void assertSeen(byte[] seen, byte[] meant) {
    assertThat(seen).isEqualTo(meant);
  }

  private static byte[] part(byte[] whole, int from, int length) {
    return java.util.Arrays.copyOfRange(whole, from, from + length);
  }

  @Test
  void what_the_processor_wrote_is_what_the_device_reads() throws Exception {
    byte[] data = random(BUFFER, 1);
    GuestBuffer buffer = filled(data);
    long address = dma.map(buffer.gpa() + FROM, LENGTH, Direction.TO_DEVICE);
    assertSeen(deviceReads(address, LENGTH), part(data, FROM, LENGTH));
    dma.unmap(address, LENGTH);
    assertThat(content(buffer, 0, BUFFER)).isEqualTo(data);
    dma.free(buffer);
  }

  @Test
  void what_the_device_wrote_is_there_after_unmapping_and_nothing_else_changed() throws Exception {
    byte[] before = random(BUFFER, 2);
    byte[] written = random(LENGTH - 100, 3);
    GuestBuffer buffer = filled(before);
    long address = dma.map(buffer.gpa() + FROM, LENGTH, Direction.FROM_DEVICE);
    deviceWrites(address, written);
    dma.unmap(address, LENGTH);
    int end = FROM + written.length;
    assertFound(content(buffer, FROM, written.length), written, part(before, FROM, written.length));
    assertThat(content(buffer, 0, FROM)).isEqualTo(part(before, 0, FROM));
    assertThat(content(buffer, end, BUFFER - end)).isEqualTo(part(before, end, BUFFER - end));
    dma.free(buffer);
  }

  @Test
  void syncs_show_what_changed_while_the_mapping_stays() throws Exception {
    byte[] before = random(BUFFER, 4);
    GuestBuffer buffer = filled(before);
    long address = dma.map(buffer.gpa(), BUFFER, Direction.BIDIRECTIONAL);
    byte[] written = random(3000, 5);
    deviceWrites(address + 3000, written);
    dma.syncForCpu(address + 3000, 3000);
    assertFound(content(buffer, 3000, 3000), written, part(before, 3000, 3000));
    byte[] next = random(3000, 6);
    buffer.write(6000, next, 0, 3000);
    dma.syncForDevice(address + 6000, 3000);
    assertSeen(deviceReads(address + 6000, 3000), next);
    dma.unmap(address, BUFFER);
    dma.free(buffer);
  }

  @Test
  void a_list_is_mapped_and_unmapped_as_a_whole() throws Exception {
    byte[] data = random(BUFFER, 7);
    GuestBuffer one = filled(data);
    GuestBuffer two = filled(data);
    ScatterList list = new ScatterList(5);
    list.add(one.gpa(), 2048);
    list.add(one.gpa() + 2048, 4096);
    list.add(two.gpa() + 192, 300);
    list.add(two.gpa() + 4096, 4096);
    list.add(one.gpa() + 8192, 100);
    for (int round = 0; round < 3; round++) {
      dma.mapAll(list, Direction.TO_DEVICE);
      byte[] seen = new byte[2048 + 4096 + 300 + 4096 + 100];
      int at = 0;
      for (int i = 0; i < list.mapped(); i++) {
        int length = (int) list.mappedLength(i);
        // A mapping ends where the next begins, though the two may touch.
        for (int done = 0; done < length; done += 4) {
          System.arraycopy(deviceReads(list.address(i) + done, 4), 0, seen, at + done, 4);
        }
        at += length;
      }
      byte[] meant = new byte[seen.length];
      System.arraycopy(data, 0, meant, 0, 6144);
      System.arraycopy(data, 192, meant, 6144, 300);
      System.arraycopy(data, 4096, meant, 6444, 4096);
      System.arraycopy(data, 8192, meant, 10540, 100);
      assertThat(at).isEqualTo(seen.length);
      assertSeen(seen, meant);
      dma.unmapAll(list);
      assertThat(list.mapped()).isZero();
    }
    dma.free(one);
    dma.free(two);
  }

  @Test
  void of_a_list_that_does_not_fit_nothing_stays_mapped() throws Exception {
    GuestBuffer buffer = dma.allocate(BUFFER);
    ScatterList list = new ScatterList(3);
    list.add(buffer.gpa(), 4096);
    list.add(buffer.gpa() + 4096, 4096);
    list.add(48 << 20, 4096);
    int mapped = platform.bus().mapped();
    assertThatThrownBy(() -> dma.mapAll(list, Direction.TO_DEVICE))
        .isInstanceOf(DmaException.class);
    assertThat(list.mapped()).isZero();
    assertThat(platform.bus().mapped()).isEqualTo(mapped);
    dma.free(buffer);
  }

  @Test
  void memory_that_was_not_allocated_here_is_not_mapped() throws Exception {
    GuestBuffer buffer = dma.allocate(BUFFER);
    for (long gpa : new long[] {0, buffer.gpa() - 1, 48 << 20, -4096}) {
      assertThatThrownBy(() -> dma.map(gpa, 100, Direction.TO_DEVICE))
          .isInstanceOf(DmaException.class)
          .hasMessageContaining("not allocated here");
    }
    for (long length : new long[] {BUFFER + 1, 0, -1}) {
      assertThatThrownBy(() -> dma.map(buffer.gpa(), length, Direction.TO_DEVICE))
          .isInstanceOf(DmaException.class);
    }
    dma.free(buffer);
    assertThatThrownBy(() -> dma.free(buffer)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void what_is_not_mapped_is_not_unmapped_and_what_is_mapped_stays() throws Exception {
    GuestBuffer buffer = dma.allocate(BUFFER);
    long address = dma.map(buffer.gpa(), LENGTH, Direction.TO_DEVICE);
    if (mapsEachTime()) {
      for (long wrong : new long[] {address + 1, address + 4096, 0, -1, Long.MIN_VALUE}) {
        assertThatThrownBy(() -> dma.unmap(wrong, LENGTH)).isInstanceOf(DmaException.class);
      }
      assertThatThrownBy(() -> dma.unmap(address, LENGTH - 1)).isInstanceOf(DmaException.class);
    }
    assertThat(place(address, LENGTH, Access.READ)).isNotNegative();
    dma.unmap(address, LENGTH);
    if (mapsEachTime()) {
      assertThatThrownBy(() -> dma.unmap(address, LENGTH)).isInstanceOf(DmaException.class);
    }
    dma.free(buffer);
  }

  @Test
  void a_ring_is_zero_starts_on_a_page_and_is_seen_by_both_at_once() throws Exception {
    List<CoherentBuffer> rings = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      CoherentBuffer ring = dma.allocateCoherent(5000);
      rings.add(ring);
      assertThat(ring.memory().gpa() % 4096).isZero();
      assertThat(ring.address() % 4096).isZero();
      assertThat(ring.memory().size()).isGreaterThanOrEqualTo(5000);
      assertThat(content(ring.memory(), 0, 5000)).containsOnly(0);
      ring.memory().put32(4000, 0x01020304);
      ring.memory().storeRelease16(100, (short) 7);
      assertThat(platform.read(placeOfRing(ring.address() + 4000, 4, Access.READ), 4))
          .containsExactly(4, 3, 2, 1);
      platform.write(placeOfRing(ring.address() + 200, 2, Access.WRITE), new byte[] {9, 0});
      assertThat(ring.memory().loadAcquire16(200)).isEqualTo((short) 9);
    }
    rings.forEach(dma::freeCoherent);
    CoherentBuffer again = dma.allocateCoherent(5000);
    assertThat(content(again.memory(), 0, 5000)).containsOnly(0);
    dma.freeCoherent(again);
  }

  @Test
  void what_a_driver_forgets_is_given_back_when_the_face_is_closed() throws Exception {
    dma.allocate(BUFFER);
    dma.allocate(100);
  }

  @Test
  void a_size_that_cannot_be_is_refused() {
    assertThatThrownBy(() -> dma.allocateCoherent(1L << 40)).isInstanceOf(DmaException.class);
    assertThatThrownBy(() -> dma.allocate(1L << 40)).isInstanceOf(DmaException.class);
  }

  @Test
  void mapping_allocates_nothing() throws Exception {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    GuestBuffer buffer = dma.allocate(BUFFER);
    dma.allocate(BUFFER);
    ScatterList list = new ScatterList(2);
    list.add(buffer.gpa() + FROM, 512);
    list.add(buffer.gpa() + 8192, 512);
    long allocated = 0;
    int rounds = 5000;
    // The second time counts: the first loads and compiles.
    for (int time = 0; time < 2; time++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < rounds; i++) {
        mapOnce(list);
      }
      allocated = threads.getCurrentThreadAllocatedBytes() - before;
    }
    assertThat((double) allocated / rounds).as("bytes per mapping").isLessThan(overhead());
  }

  /** Bytes that the face beneath allocates in this test, and the compiler now and then. */
  double overhead() {
    return 8;
  }

  private void mapOnce(ScatterList list) throws DmaException {
    dma.mapAll(list, Direction.BIDIRECTIONAL);
    dma.unmapAll(list);
  }

  @Test
  void threads_do_not_get_into_each_others_way() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      List<Future<Boolean>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        long seed = thread;
        Callable<Boolean> work = () -> mapAndLook(seed);
        all.add(pool.submit(work));
      }
      for (Future<Boolean> each : all) {
        assertThat(each.get()).isTrue();
      }
    }
  }

  private boolean mapAndLook(long seed) throws DmaException {
    byte[] data = random(BUFFER, seed);
    for (int i = 0; i < 200; i++) {
      GuestBuffer buffer = filled(data);
      long address = dma.map(buffer.gpa() + FROM, LENGTH, Direction.BIDIRECTIONAL);
      assertSeen(deviceReads(address, LENGTH), part(data, FROM, LENGTH));
      dma.unmap(address, LENGTH);
      assertThat(content(buffer, 0, BUFFER)).isEqualTo(data);
      dma.free(buffer);
    }
    return true;
  }
}
