package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.access.AddressSpace;
import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakePlatform;
import aperture.guest.fake.RamDisk;
import aperture.virtio.DriverStatus;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A machine and a device that the test has in its hands, and what drivers are asked. */
abstract class OnFakes {

  static final Feature[] OFFERING = {
    Feature.VERSION_1, Feature.ACCESS_PLATFORM, Feature.INDIRECT_DESC, Feature.EVENT_IDX
  };
  static final Feature[] SILENT = {Feature.VERSION_1, Feature.INDIRECT_DESC, Feature.EVENT_IDX};

  FakePlatform platform;

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

  final FakeDevice disk(Feature... features) {
    return new FakeDevice(platform, new RamDisk(1 << 20, 1, 2), 1, 64, features);
  }

  static IoReport verify(GuestDriver driver) throws Exception {
    var job = driver.start(new IoPlan(Pattern.VERIFY, 300, 4096, 8, 1));
    assertThat(job.await(Duration.ofSeconds(30))).isTrue();
    return job.report();
  }

  static void assertWorks(GuestDriver driver, AddressSpace addresses) throws Exception {
    DriverStatus status = driver.status();
    assertThat(status.reason()).isEmpty();
    assertThat(status.state()).isEqualTo(State.BOUND);
    assertThat(status.addresses()).isEqualTo(addresses);
    IoReport report = verify(driver);
    assertThat(report.clean()).as(report.toString()).isTrue();
  }

  /** The device cannot reach the rings; it may find out before its driver has seen it live. */
  static void assertBreaks(GuestDriver driver) {
    await()
        .until(() ->
            driver.status().state() == State.NEEDS_RESET
                || driver.status().reason().contains("did not go live"));
  }

  static void assertDeclines(GuestDriver driver, String why) {
    assertThat(driver.status().state()).isEqualTo(State.DECLINED);
    assertThat(driver.status().reason()).contains(why);
  }
}
