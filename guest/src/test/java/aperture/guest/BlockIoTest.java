package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakePlatform;
import aperture.guest.fake.RamDisk;
import aperture.guest.fake.RamDisk.Mischief;
import aperture.virtio.DriverException;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class BlockIoTest {

  private static final int SIZE = (2 << 20) + 3 * 512;
  private static final int SIZE_MAX = 1;
  private static final int SEG_MAX = 2;
  private static final int RO = 5;
  private static final int FLUSH = 9;
  private static final int MQ = 12;
  private static final Feature[] RING = {
    Feature.VERSION_1, Feature.ACCESS_PLATFORM, Feature.INDIRECT_DESC, Feature.EVENT_IDX
  };
  private static final Feature[] PLAIN = {Feature.VERSION_1, Feature.ACCESS_PLATFORM};

  private FakePlatform platform;

  @BeforeEach
  void machine() throws IOException {
    platform = new FakePlatform();
  }

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(platform.bytesInUse()).isZero();
    assertThat(platform.bus().mapped()).isZero();
    platform.close();
  }

  private FakeDevice device(RamDisk disk, int queues, int size, Feature... ring) {
    return new FakeDevice(platform, disk, queues, size, ring);
  }

  private static IoReport run(GuestDriver driver, IoPlan plan) throws Exception {
    IoJob job = driver.start(plan);
    assertThat(job.await(Duration.ofSeconds(60))).isTrue();
    IoReport report = job.report();
    assertThat(report.running()).isFalse();
    return report;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 64, 512, 1",
    "1, 64, 4096, 16",
    "1, 16, 65536, 64",
    "3, 64, 4096, 8",
    "4, 256, 512, 32",
    "2, 64, 1048576, 2"
  })
  void a_scan_digests_the_whole_disk_in_order(int queues, int size, int block, int depth)
      throws Exception {
    RamDisk disk = new RamDisk(SIZE, queues, MQ, SEG_MAX);
    String sha =
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(disk.content()));
    for (Feature[] ring : new Feature[][] {RING, PLAIN}) {
      try (FakeDevice device = device(disk, queues, size, ring);
          GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
        IoReport report = run(driver, new IoPlan(Pattern.SCAN, 0, block, depth, 0));
        assertThat(report.clean()).as(report.toString()).isTrue();
        assertThat(report.sha256()).contains(sha);
        assertThat(report.bytesRead()).isEqualTo(SIZE);
        assertThat(report.completed()).isEqualTo((SIZE + block - 1) / block);
        assertThat(report.submitted()).isEqualTo(report.completed());
      }
    }
  }

  @Test
  void a_scan_can_be_stopped() throws Exception {
    RamDisk disk = new RamDisk(SIZE, 1, SEG_MAX);
    try (FakeDevice device = device(disk, 1, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      device.hold();
      IoJob job = driver.start(new IoPlan(Pattern.SCAN, 0, 4096, 4, 0));
      await().until(() -> job.report().submitted() == 4);
      job.stop();
      device.proceed();
      assertThat(job.await(Duration.ofSeconds(30))).isTrue();
      assertThat(job.report().completed()).isEqualTo(4);
      assertThat(job.report().sha256()).isEmpty();
      assertThat(job.report().clean()).isTrue();
    }
  }

  @Test
  void a_scan_that_is_cut_short_or_fails_has_no_digest() throws Exception {
    RamDisk disk = new RamDisk(SIZE, 1, SEG_MAX);
    try (FakeDevice device = device(disk, 1, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      IoReport some = run(driver, new IoPlan(Pattern.SCAN, 10, 4096, 4, 0));
      assertThat(some.sha256()).isEmpty();
      assertThat(some.completed()).isEqualTo(10);
      disk.misbehave(Mischief.FAIL_READS);
      IoReport failed = run(driver, new IoPlan(Pattern.SCAN, 0, 65536, 4, 0));
      assertThat(failed.sha256()).isEmpty();
      assertThat(failed.failed()).isEqualTo(failed.completed()).isEqualTo(33);
      assertThat(failed.bytesRead()).isZero();
      assertThat(failed.clean()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Pattern.class,
      names = {"READ", "VERIFY", "REWRITE"})
  void a_number_of_requests_is_made_and_all_are_accounted_for(Pattern pattern) throws Exception {
    RamDisk disk = new RamDisk(SIZE, 2, MQ, SEG_MAX, FLUSH);
    byte[] before = disk.content().clone();
    try (FakeDevice device = device(disk, 2, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      IoReport report = run(driver, new IoPlan(pattern, 5000, 4096, 16, 42));
      assertThat(report.clean()).as(report.toString()).isTrue();
      assertThat(report.submitted()).isEqualTo(5000);
      assertThat(report.completed()).isEqualTo(5000);
      assertThat(disk.reads() + disk.writes()).isEqualTo(5000);
      assertThat(report.sha256()).isEmpty();
      switch (pattern) {
        case VERIFY -> assertThat(disk.content()).isNotEqualTo(before);
        default -> assertThat(disk.content()).isEqualTo(before);
      }
      boolean writes = pattern != Pattern.READ;
      assertThat(report.bytesWritten() > 0).isEqualTo(writes);
      assertThat(disk.writes() > 0).isEqualTo(writes);
      assertThat(disk.flushes())
          .as("a flush at the end of each queue that wrote")
          .isBetween(writes ? 1L : 0L, writes ? 2L : 0L);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "VERIFY, FORGET_WRITES",
    "VERIFY, MISDIRECT_WRITES",
    "VERIFY, CHANGE_READS",
    "READ, CHANGE_READS",
    "REWRITE, CHANGE_READS"
  })
  void wrong_data_is_found(Pattern pattern, Mischief mischief) throws Exception {
    RamDisk disk = new RamDisk(1 << 18, 1, SEG_MAX);
    disk.misbehave(mischief);
    try (FakeDevice device = device(disk, 1, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      IoReport report = run(driver, new IoPlan(pattern, 2000, 4096, 8, 3));
      assertThat(report.mismatches()).as(report.toString()).isPositive();
      assertThat(report.clean()).isFalse();
      assertThat(report.failed()).isZero();
    }
  }

  @Test
  void a_status_that_was_not_written_is_a_failure() throws Exception {
    RamDisk disk = new RamDisk(SIZE, 1, SEG_MAX);
    disk.misbehave(Mischief.NO_STATUS);
    try (FakeDevice device = device(disk, 1, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      IoReport report = run(driver, new IoPlan(Pattern.READ, 100, 512, 8, 3));
      assertThat(report.failed()).isEqualTo(100);
    }
  }

  @Test
  void segments_respect_what_the_device_allows() throws Exception {
    // The disk allows 30 segments of 1000 bytes, or without the features one of any size.
    RamDisk disk = new RamDisk(SIZE, 1, SEG_MAX, SIZE_MAX);
    try (FakeDevice device = device(disk, 1, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      assertThat(run(driver, new IoPlan(Pattern.VERIFY, 500, 29696, 4, 3)).clean()).isTrue();
      assertThatThrownBy(() -> driver.start(new IoPlan(Pattern.VERIFY, 500, 30208, 4, 3)))
          .isInstanceOf(DriverException.class)
          .hasMessageContaining("30 segments of 1000 bytes");
    }
    try (FakeDevice device = device(new RamDisk(SIZE, 1), 1, 4, PLAIN);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      assertThat(run(driver, new IoPlan(Pattern.VERIFY, 500, 65536, 4, 3)).clean()).isTrue();
    }
  }

  @Test
  void a_request_that_can_never_fit_the_ring_ends_the_job() throws Exception {
    RamDisk disk = new RamDisk(SIZE, 1, SEG_MAX);
    try (FakeDevice device = device(disk, 1, 4, PLAIN);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      IoReport report = run(driver, new IoPlan(Pattern.READ, 0, 65536, 4, 3));
      assertThat(report.reason()).contains("no room");
      assertThat(report.submitted()).isZero();
    }
  }

  @Test
  void plans_that_do_not_fit_are_refused_with_what_would() throws Exception {
    try (FakeDevice device = device(new RamDisk(SIZE, 1, RO), 1, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      assertRefused(driver, new IoPlan(Pattern.VERIFY, 1, 512, 1, 0), "read-only");
      assertRefused(driver, new IoPlan(Pattern.REWRITE, 1, 512, 1, 0), "read-only");
      assertRefused(driver, new IoPlan(Pattern.READ, 1, 1000, 1, 0), "multiple of 512");
      assertRefused(driver, new IoPlan(Pattern.READ, 1, 0, 1, 0), "multiple of 512");
      assertRefused(driver, new IoPlan(Pattern.READ, 1, 512, 0, 0), "depth");
      assertRefused(driver, new IoPlan(Pattern.READ, 1, 16 << 20, 64, 0), "do not fit");
      assertThat(run(driver, new IoPlan(Pattern.READ, 9, 512, 1, 0)).clean()).isTrue();
    }
  }

  private static void assertRefused(GuestDriver driver, IoPlan plan, String why) {
    assertThatThrownBy(() -> driver.start(plan))
        .isInstanceOf(DriverException.class)
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @EnumSource(value = Pattern.class, mode = EnumSource.Mode.EXCLUDE, names = "SCAN")
  void io_in_the_background_goes_on_until_stopped(Pattern pattern) throws Exception {
    RamDisk disk = new RamDisk(32 << 20, 2, MQ, SEG_MAX, FLUSH);
    try (FakeDevice device = device(disk, 2, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      IoJob job = driver.start(new IoPlan(pattern, 0, 4096, 16, 42));
      await().until(() -> job.report().completed() > 3000);
      assertThat(job.done()).isFalse();
      assertThat(job.report().running()).isTrue();
      assertThatThrownBy(() -> driver.start(new IoPlan(Pattern.READ, 1, 512, 1, 0)))
          .hasMessageContaining("running already");
      job.stop();
      assertThat(job.await(Duration.ofSeconds(30))).isTrue();
      IoReport report = job.report();
      assertThat(report.clean()).as(report.toString()).isTrue();
      assertThat(report.submitted()).isEqualTo(report.completed());
      assertThat(run(driver, new IoPlan(Pattern.READ, 100, 512, 1, 0)).clean()).isTrue();
    }
  }

  @Test
  void a_stall_shows_while_it_lasts_and_afterwards() throws Exception {
    RamDisk disk = new RamDisk(SIZE, 1, SEG_MAX);
    try (FakeDevice device = device(disk, 1, 64, RING);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      IoJob job = driver.start(new IoPlan(Pattern.READ, 0, 4096, 8, 42));
      await().until(() -> job.report().completed() > 100);
      device.hold();
      Duration stall = Duration.ofMillis(150);
      await().until(() -> job.report().longestStall().compareTo(stall) > 0);
      device.proceed();
      job.stop();
      assertThat(job.await(Duration.ofSeconds(30))).isTrue();
      assertThat(job.report().longestStall()).isGreaterThan(stall);
      assertThat(job.report().clean()).isTrue();
    }
  }
}
