package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakePlatform;
import aperture.guest.fake.RamDisk;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AllocationTest {

  private static final long REQUESTS = 100_000;

  @ParameterizedTest
  @EnumSource(value = Pattern.class, mode = EnumSource.Mode.EXCLUDE, names = "SCAN")
  void making_requests_allocates_nothing(Pattern pattern) throws Exception {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    RamDisk disk = new RamDisk(1 << 20, 1, 2);
    try (FakePlatform platform = new FakePlatform();
        FakeDevice device =
            new FakeDevice(
                platform,
                disk,
                1,
                64,
                Feature.VERSION_1,
                Feature.INDIRECT_DESC,
                Feature.EVENT_IDX);
        GuestDriver driver = new ModernDriverKind().probe(platform, device)) {
      IoJob job = driver.start(new IoPlan(pattern, 0, 512, 32, 1));
      await().atMost(Duration.ofMinutes(1)).until(() -> job.report().completed() > REQUESTS);
      long pump = pump();
      long done = job.report().completed();
      long before = threads.getThreadAllocatedBytes(pump);
      await().atMost(Duration.ofMinutes(1)).until(() -> job.report().completed() > done + REQUESTS);
      long allocated = threads.getThreadAllocatedBytes(pump) - before;
      long requests = job.report().completed() - done;
      job.stop();
      assertThat(job.await(Duration.ofSeconds(30))).isTrue();
      assertThat(job.report().clean()).isTrue();
      // Far less than one object per request; the compiler's own work may show a little.
      assertThat((double) allocated / requests).as("bytes per request").isLessThan(8);
    }
  }

  private static long pump() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("d0-driver-0"))
        .findAny()
        .orElseThrow()
        .threadId();
  }
}
