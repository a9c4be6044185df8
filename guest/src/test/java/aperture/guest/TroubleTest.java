package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakePlatform;
import aperture.guest.fake.RamDisk;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** I/O that does not end as planned: it ends all the same, with what it did. */
class TroubleTest {

  private static final int SIZE = 8 << 20;
  private static final int SEG_MAX = 2;
  private static final int FLUSH = 9;
  private static final int MQ = 12;
  private static final int DEPTH = 16;
  private static final int QUEUES = 2;
  private static final IoPlan CHECK = new IoPlan(Pattern.VERIFY, 500, 4096, 8, 9);

  private FakePlatform platform;
  private FakeDevice device;
  private GuestDriver driver;

  @BeforeEach
  void machine() throws Exception {
    platform = new FakePlatform();
    RamDisk disk = new RamDisk(SIZE, QUEUES, MQ, SEG_MAX, FLUSH);
    device =
        new FakeDevice(
            platform,
            disk,
            QUEUES,
            64,
            Feature.VERSION_1,
            Feature.ACCESS_PLATFORM,
            Feature.INDIRECT_DESC,
            Feature.EVENT_IDX);
    driver = new ModernDriverKind().probe(platform, device);
  }

  @AfterEach
  void nothingIsLeftBehind() throws IOException {
    driver.close();
    device.close();
    assertThat(platform.bytesInUse()).isZero();
    assertThat(platform.bus().mapped()).isZero();
    platform.close();
  }

  private IoJob background(Pattern pattern) throws Exception {
    IoJob job = driver.start(new IoPlan(pattern, 0, 4096, DEPTH, 42));
    await().until(() -> job.report().completed() > 200);
    return job;
  }

  private IoReport run(IoPlan plan) throws Exception {
    IoJob job = driver.start(plan);
    assertThat(job.await(Duration.ofSeconds(30))).isTrue();
    return job.report();
  }

  /** Holds the device until every queue is full of requests that are not answered. */
  private void fill(IoJob job) {
    device.hold();
    await().until(() -> job.report().submitted() - job.report().completed() == DEPTH * QUEUES);
  }

  @ParameterizedTest
  @EnumSource(Pattern.class)
  void a_reset_cancels_what_is_in_flight_and_loses_nothing(Pattern pattern) throws Exception {
    IoJob job =
        pattern == Pattern.SCAN
            ? driver.start(new IoPlan(pattern, 0, 512, DEPTH, 1))
            : background(pattern);
    device.hold();
    if (pattern != Pattern.SCAN) {
      fill(job);
    }
    driver.reset();
    assertThat(job.done()).isTrue();
    IoReport report = job.report();
    assertThat(report.lost()).isZero();
    assertThat(report.repeated()).isZero();
    assertThat(report.mismatches()).isZero();
    if (pattern != Pattern.SCAN) {
      assertThat(report.reason())
          .isEqualTo("the driver was reset; 32 requests in flight were cancelled");
    }
    device.proceed();
    assertThat(driver.status().state()).isEqualTo(State.BOUND);
    assertThat(run(CHECK).clean()).isTrue();
  }

  @Test
  void resets_under_load_leave_no_memory_behind() throws Exception {
    long idle = platform.bytesInUse();
    for (int i = 0; i < 20; i++) {
      IoJob job = driver.start(new IoPlan(Pattern.VERIFY, 0, 4096, DEPTH, i));
      driver.reset();
      assertThat(job.done()).isTrue();
      assertThat(job.report().lost()).isZero();
      assertThat(platform.bytesInUse()).isEqualTo(idle);
    }
    assertThat(device.resets()).isEqualTo(1 + 20 * 2);
  }

  @Test
  void a_device_that_needs_a_reset_ends_the_job_and_a_reset_revives_it() throws Exception {
    IoJob job = background(Pattern.VERIFY);
    fill(job);
    device.breakDown();
    assertThat(job.await(Duration.ofSeconds(30))).isTrue();
    IoReport report = job.report();
    assertThat(report.lost()).isEqualTo(DEPTH * QUEUES);
    assertThat(report.submitted()).isEqualTo(report.completed() + report.lost());
    assertThat(report.reason())
        .isEqualTo("the device needs a reset; 32 requests in flight will not complete");
    assertThat(driver.status().state()).isEqualTo(State.NEEDS_RESET);
    assertThatThrownBy(() -> driver.start(CHECK)).hasMessageContaining("asked for a reset");
    device.proceed();
    driver.reset();
    assertThat(driver.status().state()).isEqualTo(State.BOUND);
    assertThat(run(CHECK).clean()).isTrue();
  }

  @Test
  void a_stopped_job_whose_device_never_answers_ends_when_it_needs_a_reset() throws Exception {
    IoJob job = background(Pattern.READ);
    fill(job);
    job.stop();
    assertThat(job.await(Duration.ofMillis(200))).isFalse();
    device.breakDown();
    assertThat(job.await(Duration.ofSeconds(30))).isTrue();
    assertThat(job.report().lost()).isEqualTo(DEPTH * QUEUES);
    device.proceed();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 1001, 1002, 1003})
  void a_mapping_that_fails_ends_the_job_with_what_it_did(long after) throws Exception {
    IoJob before = driver.start(new IoPlan(Pattern.READ, 1, 512, 1, 1));
    assertThat(before.await(Duration.ofSeconds(30))).isTrue();
    // Two coherent buffers are mapped first, one for each queue.
    platform.bus().failMapsAfter(QUEUES + after);
    IoReport report = run(new IoPlan(Pattern.VERIFY, 0, 4096, DEPTH, 1));
    assertThat(report.reason()).contains("no address is left");
    assertThat(report.lost()).isZero();
    assertThat(report.failed()).isZero();
    assertThat(report.mismatches()).isZero();
    assertThat(report.submitted()).isEqualTo(report.completed());
    platform.bus().failMapsAfter(Long.MAX_VALUE);
    assertThat(driver.status().state()).isEqualTo(State.BOUND);
    assertThat(run(CHECK).clean()).isTrue();
  }

  @Test
  void memory_that_is_used_up_refuses_the_plan_and_holds_nothing() throws Exception {
    long idle = platform.bytesInUse();
    platform.bus().failBuffersAfter(DEPTH + 5);
    assertThatThrownBy(() -> driver.start(new IoPlan(Pattern.READ, 0, 4096, DEPTH, 1)))
        .hasMessageContaining("used up");
    assertThat(platform.bytesInUse()).isEqualTo(idle);
    platform.bus().failBuffersAfter(Long.MAX_VALUE);
    assertThat(run(CHECK).clean()).isTrue();
  }

  @Test
  void unbinding_under_load_ends_the_job() throws Exception {
    IoJob job = background(Pattern.REWRITE);
    fill(job);
    driver.close();
    assertThat(job.done()).isTrue();
    assertThat(job.report().reason()).contains("unbound; 32 requests");
    assertThat(job.report().lost()).isZero();
    device.proceed();
  }
}
