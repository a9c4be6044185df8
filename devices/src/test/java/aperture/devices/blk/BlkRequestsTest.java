package aperture.devices.blk;

import static aperture.devices.blk.BlkFixture.SECTOR;
import static aperture.devices.blk.BlkFixture.SECTORS;
import static aperture.devices.blk.BlkFixture.segment;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.devices.Requests.Request;
import aperture.virtio.FeatureSet;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlkRequestsTest {

  private static final byte OK = 0;
  private static final byte IOERR = 1;
  private static final byte UNSUPP = 2;
  private static final byte[] NOTHING = {};

  @TempDir Path folder;

  @Test
  void reads_and_writes_whatever_the_framing() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    try (BlkFixture disk = new BlkFixture(folder, seed)) {
      for (int i = 0; i < 500; i++) {
        int sectors = 1 + random.nextInt(32);
        int sector = random.nextInt(SECTORS - sectors);
        if (random.nextBoolean()) {
          byte[] data = new byte[sectors * SECTOR];
          random.nextBytes(data);
          System.arraycopy(data, 0, disk.image, sector * SECTOR, data.length);
          Request write = disk.write(sector, data);
          assertThat(write.written()).as("seed %d", seed).containsExactly(OK);
          assertThat(write.chain().usedLength()).isEqualTo(1);
        } else {
          Request read = disk.read(sector, sectors * SECTOR);
          assertThat(read.status()).as("seed %d", seed).isEqualTo(OK);
          assertThat(Arrays.copyOf(read.written(), sectors * SECTOR))
              .as("seed %d", seed)
              .isEqualTo(disk.piece(sector, sectors * SECTOR));
          assertThat(read.chain().usedLength()).isEqualTo(sectors * SECTOR + 1);
        }
      }
      assertThat(disk.content()).as("seed %d", seed).isEqualTo(disk.image);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "2048, 512",
    "2047, 1024",
    "-1, 512",
    "-1, 1024",
    "0x7fffffffffffffff, 512",
    "0x0080000000000000, 512",
    "0, 511",
    "0, 1"
  })
  void reading_outside_or_no_whole_sectors_is_an_error_that_leaks_nothing(String sector, int bytes)
      throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      Request read = disk.read(Long.decode(sector), bytes);
      assertThat(read.status()).isEqualTo(IOERR);
      assertThat(Arrays.copyOf(read.written(), bytes)).containsOnly(0);
      assertThat(read.chain().usedLength()).isEqualTo(bytes + 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"2048, 512", "2047, 1024", "-1, 512", "-1, 1024", "0, 513"})
  void writing_outside_or_no_whole_sectors_changes_nothing(long sector, int bytes)
      throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      assertThat(disk.write(sector, new byte[bytes]).written()).containsExactly(IOERR);
      assertThat(disk.content()).isEqualTo(disk.image);
    }
  }

  @Test
  void the_last_sector_can_be_read_and_a_request_may_carry_no_data() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      assertThat(disk.read(SECTORS - 1, SECTOR).status()).isEqualTo(OK);
      assertThat(disk.read(SECTORS, 0).written()).containsExactly(OK);
      assertThat(disk.write(0, NOTHING).written()).containsExactly(OK);
    }
  }

  @Test
  void a_read_only_device_writes_nothing() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7, "read-only", "true")) {
      assertThat(disk.device.features().has(BlkFeature.RO)).isTrue();
      assertThat(disk.device.features().has(BlkFeature.DISCARD)).isFalse();
      assertThat(disk.write(0, new byte[SECTOR]).written()).containsExactly(IOERR);
      byte[] segment = segment(0, 1, 0);
      assertThat(disk.serve(BlkRequestLayout.TYPE_WRITE_ZEROES, 0, segment, 1).written())
          .containsExactly(IOERR);
      assertThat(disk.serve(BlkRequestLayout.TYPE_FLUSH, 0, NOTHING, 1).written())
          .containsExactly(OK);
      assertThat(disk.read(3, SECTOR).status()).isEqualTo(OK);
      assertThat(disk.content()).isEqualTo(disk.image);
    }
  }

  @Test
  void a_chain_without_room_for_header_or_status_is_malformed() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      Request noHeader = disk.requests.add(new byte[15], 513);
      Request nothingReadable = disk.requests.add(NOTHING, 513);
      Request noStatus = disk.requests.add(new byte[16], 0);
      Request fine = disk.add(BlkRequestLayout.TYPE_IN, 0, NOTHING, 513);
      disk.process();
      assertThat(noHeader.chain().malformedReason()).contains("header");
      assertThat(nothingReadable.chain().malformedReason()).contains("header");
      assertThat(noStatus.chain().malformedReason()).contains("status");
      assertThat(noHeader.chain().isCompleted()).isFalse();
      assertThat(fine.chain().isCompleted()).isTrue();
      assertThat(fine.chain().malformedReason()).isEmpty();
      assertThat(disk.count("malformed")).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 7, 9, 10, 12, 14, 15, 16, 0x80000000, 0x80000001, -1})
  void other_types_are_unsupported_and_still_get_their_status(int type) throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      Request request = disk.serve(type, 0, new byte[SECTOR], 100);
      assertThat(request.status()).isEqualTo(UNSUPP);
      assertThat(Arrays.copyOf(request.written(), 99)).containsOnly(0);
      assertThat(request.chain().usedLength()).isEqualTo(100);
      assertThat(disk.content()).isEqualTo(disk.image);
    }
  }

  @Test
  void identification_is_the_serial_padded_and_not_terminated_when_full() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7, "serial", "exactly-20-bytes-abc")) {
      byte[] id = disk.serve(BlkRequestLayout.TYPE_GET_ID, 0, NOTHING, 21).written();
      assertThat(Arrays.copyOf(id, 20))
          .isEqualTo("exactly-20-bytes-abc".getBytes(StandardCharsets.US_ASCII));
      assertThat(id[20]).isEqualTo(OK);
    }
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      byte[] id = disk.serve(BlkRequestLayout.TYPE_GET_ID, 0, NOTHING, 31).written();
      assertThat(Arrays.copyOf(id, 2)).isEqualTo(new byte[] {'d', '0'});
      assertThat(Arrays.copyOfRange(id, 2, 31)).containsOnly(0);
      byte[] cut = disk.serve(BlkRequestLayout.TYPE_GET_ID, 0, NOTHING, 2).written();
      assertThat(cut).isEqualTo(new byte[] {'d', OK});
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {BlkRequestLayout.TYPE_DISCARD, BlkRequestLayout.TYPE_WRITE_ZEROES})
  void discard_and_write_zeroes_zero_every_segment_and_nothing_else(int type) throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      byte[] segments = concat(segment(3, 500, 0), segment(1000, 0, 0), segment(2047, 1, 0));
      assertThat(disk.serve(type, 0, segments, 1).written()).containsExactly(OK);
      Arrays.fill(disk.image, 3 * SECTOR, 503 * SECTOR, (byte) 0);
      Arrays.fill(disk.image, 2047 * SECTOR, 2048 * SECTOR, (byte) 0);
      assertThat(disk.content()).isEqualTo(disk.image);
    }
  }

  @Test
  void segments_out_of_range_too_many_or_cut_change_nothing() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      int type = BlkRequestLayout.TYPE_WRITE_ZEROES;
      byte[] tooMany = new byte[17 * 16];
      byte[] cut = Arrays.copyOf(segment(0, 8, 0), 31);
      assertThat(disk.serve(type, 0, tooMany, 1).written()).containsExactly(IOERR);
      assertThat(disk.serve(type, 0, cut, 1).written()).containsExactly(IOERR);
      assertThat(disk.serve(type, 0, NOTHING, 1).written()).containsExactly(IOERR);
      for (byte[] bad :
          new byte[][] {
            segment(2047, 2, 0), segment(-1, 1, 0), segment(0, -1, 0), segment(0, 8193, 0)
          }) {
        byte[] second = concat(segment(0, 8, 0), bad);
        assertThat(disk.serve(type, 0, second, 1).written()).containsExactly(IOERR);
      }
      assertThat(disk.content()).isEqualTo(disk.image);
    }
  }

  @Test
  void flags_are_known_or_unsupported() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      int discard = BlkRequestLayout.TYPE_DISCARD;
      int zeroes = BlkRequestLayout.TYPE_WRITE_ZEROES;
      assertThat(disk.serve(discard, 0, segment(0, 8, 1), 1).written()).containsExactly(UNSUPP);
      assertThat(disk.serve(zeroes, 0, segment(0, 8, 2), 1).written()).containsExactly(UNSUPP);
      assertThat(disk.content()).isEqualTo(disk.image);
      assertThat(disk.serve(zeroes, 0, segment(0, 8, 1), 1).written()).containsExactly(OK);
      assertThat(Arrays.copyOf(disk.content(), 8 * SECTOR)).containsOnly(0);
    }
  }

  @Test
  void what_was_not_accepted_is_unsupported() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      disk.accept(FeatureSet.NONE);
      byte[] segment = segment(0, 8, 0);
      assertThat(disk.serve(BlkRequestLayout.TYPE_DISCARD, 0, segment, 1).written())
          .containsExactly(UNSUPP);
      assertThat(disk.serve(BlkRequestLayout.TYPE_WRITE_ZEROES, 0, segment, 1).written())
          .containsExactly(UNSUPP);
      assertThat(disk.content()).isEqualTo(disk.image);
    }
  }

  @Test
  void an_image_that_became_shorter_gives_errors_and_zeroes() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      try (FileChannel channel = FileChannel.open(disk.file, StandardOpenOption.WRITE)) {
        channel.truncate(10 * SECTOR + 100);
      }
      Request read = disk.read(10, 2 * SECTOR);
      assertThat(read.status()).isEqualTo(IOERR);
      assertThat(Arrays.copyOf(read.written(), 100)).isEqualTo(disk.piece(10, 100));
      assertThat(Arrays.copyOfRange(read.written(), 100, 2 * SECTOR)).containsOnly(0);
      assertThat(disk.device.details().get("last-host-error")).contains("shorter");
    }
  }

  @Test
  void an_interrupted_worker_loses_no_request() throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      byte[] data = new byte[8 * SECTOR];
      Arrays.fill(data, (byte) 9);
      Thread.currentThread().interrupt();
      assertThat(disk.write(0, data).written()).containsExactly(OK);
      assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
      Thread.currentThread().interrupt();
      byte[] read = disk.read(0, data.length).written();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(Arrays.copyOf(read, data.length)).isEqualTo(data);
      assertThat(read[data.length]).isEqualTo(OK);
      Thread.currentThread().interrupt();
      assertThat(disk.serve(BlkRequestLayout.TYPE_FLUSH, 0, NOTHING, 1).written())
          .containsExactly(OK);
      assertThat(Thread.interrupted()).isTrue();
      Thread.currentThread().interrupt();
      byte[] segment = segment(0, 8, 0);
      assertThat(disk.serve(BlkRequestLayout.TYPE_WRITE_ZEROES, 0, segment, 1).written())
          .containsExactly(OK);
      assertThat(Thread.interrupted()).isTrue();
      assertThat(Arrays.copyOf(disk.content(), data.length)).containsOnly(0);
    }
  }

  @Test
  void an_interrupted_worker_never_writes_into_a_file_that_took_the_place_of_the_image()
      throws Exception {
    try (BlkFixture disk = new BlkFixture(folder, 7)) {
      Files.move(disk.file, folder.resolve("moved.img"));
      Files.write(disk.file, disk.image);
      Thread.currentThread().interrupt();
      byte[] status = disk.write(0, new byte[SECTOR]).written();
      assertThat(Thread.interrupted()).isTrue();
      assertThat(status).containsExactly(IOERR);
      assertThat(disk.content()).isEqualTo(disk.image);
      assertThat(disk.device.details().get("last-host-error")).contains("replaced");
    }
  }

  private static byte[] concat(byte[]... parts) {
    byte[] all = {};
    for (byte[] part : parts) {
      int at = all.length;
      all = Arrays.copyOf(all, at + part.length);
      System.arraycopy(part, 0, all, at, part.length);
    }
    return all;
  }
}
