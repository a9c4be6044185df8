package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.AddressSpace;
import aperture.guest.fake.Entropy;
import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakeModel;
import aperture.guest.fake.FakePlatform;
import aperture.guest.fake.RamDisk;
import aperture.virtio.DeviceStatus;
import aperture.virtio.DriverException;
import aperture.virtio.DriverKind;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import aperture.virtqueue.DescriptorChain;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DriverKindTest {

  private static final int MIB = 1 << 20;
  private static final DriverKind K1B = new UnawareDriverKind();
  private static final DriverKind K2 = new ModernDriverKind();

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

  private FakeDevice disk(Feature... features) {
    return new FakeDevice(platform, new RamDisk(MIB, 1), 1, 64, features);
  }

  private static IoReport read(GuestDriver driver) throws Exception {
    var job = driver.start(new IoPlan(Pattern.READ, 200, 4096, 8, 1));
    assertThat(job.await(Duration.ofSeconds(30))).isTrue();
    return job.report();
  }

  @Test
  void modern_driver_accepts_bit_33_and_posts_addresses_of_the_bus() throws Exception {
    try (FakeDevice device = disk(Feature.VERSION_1, Feature.ACCESS_PLATFORM).strict();
        GuestDriver driver = K2.probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.BOUND);
      assertThat(driver.status().kind()).isEqualTo("K2");
      assertThat(driver.status().addresses()).isEqualTo(AddressSpace.BUS);
      assertThat(driver.status().accepted().has(Feature.ACCESS_PLATFORM)).isTrue();
      assertThat(read(driver).clean()).isTrue();
      assertThat(platform.direct().maps()).isZero();
    }
  }

  @Test
  void modern_driver_posts_physical_addresses_when_bit_33_is_not_offered() throws Exception {
    try (FakeDevice device = disk(Feature.VERSION_1);
        GuestDriver driver = K2.probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.BOUND);
      assertThat(driver.status().addresses()).isEqualTo(AddressSpace.PHYSICAL);
      assertThat(read(driver).clean()).isTrue();
      assertThat(platform.bus().maps()).isZero();
    }
  }

  @Test
  void unaware_driver_never_accepts_bit_33_and_posts_physical_addresses() throws Exception {
    try (FakeDevice device = disk(Feature.VERSION_1, Feature.ACCESS_PLATFORM);
        GuestDriver driver = K1B.probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.BOUND);
      assertThat(driver.status().kind()).isEqualTo("K1b");
      assertThat(driver.status().addresses()).isEqualTo(AddressSpace.PHYSICAL);
      assertThat(driver.status().accepted().has(Feature.ACCESS_PLATFORM)).isFalse();
      assertThat(read(driver).clean()).isTrue();
      assertThat(platform.bus().maps()).isZero();
    }
  }

  @Test
  void strict_device_refuses_the_unaware_driver() throws Exception {
    try (FakeDevice device = disk(Feature.VERSION_1, Feature.ACCESS_PLATFORM).strict();
        GuestDriver driver = K1B.probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.REFUSED_BY_DEVICE);
      assertThat(driver.status().reason()).contains("refused FEATURES_OK");
      assertThat(device.status())
          .isEqualTo(DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER | DeviceStatus.FAILED);
      assertThatThrownBy(() -> driver.start(new IoPlan(Pattern.SCAN, 0, 4096, 1, 0)))
          .isInstanceOf(DriverException.class)
          .hasMessageContaining("not bound");
      assertThatThrownBy(driver::reset).hasMessageContaining("refused FEATURES_OK");
      // What a firmware could not do, the next driver can.
      try (GuestDriver next = K2.probe(platform, device)) {
        assertThat(next.status().state()).isEqualTo(State.BOUND);
      }
    }
  }

  @Test
  void only_known_features_are_accepted() throws Exception {
    try (FakeDevice device = disk(Feature.values());
        GuestDriver driver = K2.probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.BOUND);
      assertThat(device.accepted().bits()).containsExactly(28, 29, 32, 33, 36);
    }
  }

  @Test
  void a_device_without_version_1_is_declined() throws Exception {
    try (FakeDevice device = disk(Feature.INDIRECT_DESC);
        GuestDriver driver = K2.probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.DECLINED);
      assertThat(driver.status().reason()).contains("VERSION_1");
      assertThat(device.status() & DeviceStatus.FAILED).isNotZero();
    }
  }

  @Test
  void an_unknown_device_type_has_no_driver() {
    try (FakeDevice device = new FakeDevice(platform, new OtherType(), 1, 64, Feature.VERSION_1)) {
      assertThatThrownBy(() -> K2.probe(platform, device))
          .isInstanceOf(DriverException.class)
          .hasMessageContaining("no device type 1");
    }
  }

  @Test
  void a_queue_that_stays_disabled_fails_the_driver() throws Exception {
    try (FakeDevice device = disk(Feature.VERSION_1).withoutQueues();
        GuestDriver driver = K2.probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.FAILED);
      assertThat(driver.status().reason()).contains("queue 0 cannot be enabled");
      assertThat(device.status()).isEqualTo(DeviceStatus.FAILED);
    }
  }

  @Test
  void without_memory_for_the_rings_the_driver_fails_until_there_is_some() throws Exception {
    platform.bus().failBuffersAfter(0);
    try (FakeDevice device = disk(Feature.VERSION_1, Feature.ACCESS_PLATFORM);
        GuestDriver driver = K2.probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.FAILED);
      assertThat(driver.status().reason()).contains("used up");
      platform.bus().failBuffersAfter(1000);
      driver.reset();
      assertThat(driver.status().state()).isEqualTo(State.BOUND);
      assertThat(read(driver).clean()).isTrue();
    }
  }

  @Test
  void an_unbound_driver_stays_unbound() throws Exception {
    try (FakeDevice device = disk(Feature.VERSION_1, Feature.ACCESS_PLATFORM)) {
      GuestDriver driver = K2.probe(platform, device);
      driver.close();
      driver.close();
      assertThat(device.status()).isZero();
      assertThat(driver.status().reason()).contains("unbound");
      assertThatThrownBy(driver::reset).isInstanceOf(DriverException.class);
      assertThatThrownBy(() -> driver.start(new IoPlan(Pattern.SCAN, 0, 4096, 1, 0)))
          .isInstanceOf(DriverException.class);
    }
  }

  @Test
  void entropy_is_read_and_counted() throws Exception {
    try (FakeDevice device =
            new FakeDevice(
                platform, new Entropy(7, 100), 1, 8, Feature.VERSION_1, Feature.ACCESS_PLATFORM);
        GuestDriver driver = K2.probe(platform, device)) {
      IoReport report = read(driver);
      assertThat(report.clean()).isTrue();
      assertThat(report.completed()).isEqualTo(200);
      assertThat(report.bytesRead()).isEqualTo(200 * 100);
      assertThatThrownBy(() -> driver.start(new IoPlan(Pattern.SCAN, 0, 512, 1, 0)))
          .hasMessageContaining("take READ");
    }
  }

  @Test
  void entropy_of_zeroes_or_of_no_bytes_is_a_mismatch() throws Exception {
    for (Entropy bad : new Entropy[] {new Entropy(0, 100), new Entropy(7, 0)}) {
      try (FakeDevice device = new FakeDevice(platform, bad, 1, 8, Feature.VERSION_1);
          GuestDriver driver = K2.probe(platform, device)) {
        IoReport report = read(driver);
        assertThat(report.mismatches()).isEqualTo(200);
        assertThat(report.clean()).isFalse();
      }
    }
  }

  private static final class OtherType implements FakeModel {
    @Override
    public int deviceId() {
      return 1;
    }

    @Override
    public FeatureSet features() {
      return FeatureSet.NONE;
    }

    @Override
    public byte[] config() {
      return new byte[0];
    }

    @Override
    public void serve(DescriptorChain chain) {
      throw new IllegalStateException("no driver, no requests");
    }
  }
}
