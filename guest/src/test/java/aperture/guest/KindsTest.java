package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import aperture.access.AddressSpace;
import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakePlatform;
import aperture.guest.fake.RamDisk;
import aperture.virtio.DeviceStatus;
import aperture.virtio.DriverKind;
import aperture.virtio.DriverStatus;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What each kind accepts, declines and posts, on devices that the test has in its hands. */
class KindsTest {

  private static final Feature[] OFFERING = {
    Feature.VERSION_1, Feature.ACCESS_PLATFORM, Feature.INDIRECT_DESC, Feature.EVENT_IDX
  };
  private static final Feature[] SILENT = {
    Feature.VERSION_1, Feature.INDIRECT_DESC, Feature.EVENT_IDX
  };

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

  static Stream<DriverKind> all() {
    return Stream.concat(Stream.of(new LegacyDriverKind()), modern());
  }

  static Stream<DriverKind> modern() {
    return Stream.of(
        new UnawareDriverKind(),
        new EarlyDriverKind(),
        new ModernDriverKind(),
        new CautiousDriverKind(),
        new ConfidentialDriverKind(),
        new WhitelistDriverKind(),
        new XenDriverKind(),
        new GrantDriverKind(),
        new PseudoPhysicalDriverKind(),
        new UserDriverKind());
  }

  private static DriverKind kind(String name) {
    return all().filter(kind -> kind.name().equals(name)).findAny().orElseThrow();
  }

  private FakeDevice disk(Feature... features) {
    return new FakeDevice(platform, new RamDisk(1 << 20, 1, 2), 1, 64, features);
  }

  private static IoReport verify(GuestDriver driver) throws Exception {
    var job = driver.start(new IoPlan(Pattern.VERIFY, 300, 4096, 8, 1));
    assertThat(job.await(Duration.ofSeconds(30))).isTrue();
    return job.report();
  }

  private static void assertWorks(GuestDriver driver, AddressSpace addresses) throws Exception {
    DriverStatus status = driver.status();
    assertThat(status.reason()).isEmpty();
    assertThat(status.state()).isEqualTo(State.BOUND);
    assertThat(status.addresses()).isEqualTo(addresses);
    IoReport report = verify(driver);
    assertThat(report.clean()).as(report.toString()).isTrue();
  }

  /** The device cannot reach the rings; it may find out before its driver has seen it live. */
  private static void assertBreaks(GuestDriver driver) {
    await()
        .until(() ->
            driver.status().state() == State.NEEDS_RESET
                || driver.status().reason().contains("did not go live"));
  }

  private static void assertDeclines(GuestDriver driver, String why) {
    assertThat(driver.status().state()).isEqualTo(State.DECLINED);
    assertThat(driver.status().reason()).contains(why);
  }

  @Test
  void names_differ_and_summaries_are_one_line() {
    assertThat(all().map(DriverKind::name))
        .containsExactly("K1a", "K1b", "K1c", "K2", "K3a", "K3b", "K4", "K5", "K5g", "K5old", "K6");
    assertThat(all().map(DriverKind::summary)).allMatch(line -> line.length() < 90);
    assertThat(all().map(DriverKind::summary)).doesNotHaveDuplicates();
  }

  // ---- K1a, and devices with one register interface ----

  @Test
  void a_legacy_driver_needs_no_features_ok_and_places_its_queue_by_page() throws Exception {
    try (FakeDevice device = disk(Feature.values()).transitional();
        GuestDriver driver = kind("K1a").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(device.accepted().bits()).containsExactly(2, 28, 29);
      assertThat(device.written()).noneMatch(status -> (status & DeviceStatus.FEATURES_OK) != 0);
      assertThat(device.placed(0).descriptors() % 4096).isZero();
      assertThat(device.placed(0).device() % 4096).isZero();
      assertThat(platform.bus().maps()).isZero();
      driver.reset();
      assertWorks(driver, AddressSpace.PHYSICAL);
    }
  }

  @Test
  void a_legacy_driver_never_sees_a_device_without_legacy_registers() throws Exception {
    try (FakeDevice device = disk(OFFERING)) {
      GuestDriver driver = kind("K1a").probe(platform, device);
      assertThat(driver.status().state()).isEqualTo(State.UNMATCHED);
      assertThat(driver.status().reason()).isEqualTo("the device has no legacy register interface");
      assertThatThrownBy(driver::reset).hasMessageContaining("no legacy register interface");
      driver.close();
      assertThat(device.written()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("modern")
  void other_drivers_never_see_a_device_without_modern_registers(DriverKind kind) throws Exception {
    platform.option("no-iommu", "on");
    try (FakeDevice device = disk(OFFERING).legacyOnly()) {
      GuestDriver driver = kind.probe(platform, device);
      assertThat(driver.status().state()).isEqualTo(State.UNMATCHED);
      assertThat(driver.status().reason()).isEqualTo("the device has no modern register interface");
      driver.close();
      assertThat(device.written()).isEmpty();
      assertThat(platform.taken()).isFalse();
    }
  }

  @Test
  void a_legacy_queue_that_is_not_taken_fails_the_driver() throws Exception {
    try (FakeDevice device = disk(SILENT).transitional().withoutQueues();
        GuestDriver driver = kind("K1a").probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.FAILED);
      assertThat(driver.status().reason()).contains("queue 0 cannot be enabled");
    }
  }

  // ---- who accepts bit 33 ----

  @ParameterizedTest
  @CsvSource({"K1b", "K1c", "K5old"})
  void drivers_that_do_not_know_bit_33_are_refused_by_a_strict_device(String name)
      throws Exception {
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = kind(name).probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.REFUSED_BY_DEVICE);
      assertThat(driver.status().accepted().has(Feature.ACCESS_PLATFORM)).isFalse();
      assertThat(driver.status().addresses()).isEqualTo(AddressSpace.PHYSICAL);
    }
  }

  @ParameterizedTest
  @CsvSource({"K2", "K3a", "K3b", "K4", "K6"})
  void drivers_that_accept_bit_33_post_addresses_of_the_bus(String name) throws Exception {
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = kind(name).probe(platform, device)) {
      assertThat(device.accepted().has(Feature.ACCESS_PLATFORM)).isTrue();
      assertWorks(driver, AddressSpace.BUS);
      assertThat(platform.direct().maps()).isZero();
      driver.reset();
      assertWorks(driver, AddressSpace.BUS);
    }
  }

  @Test
  void an_early_driver_accepts_nothing_above_bit_31() throws Exception {
    try (FakeDevice device = disk(Feature.values());
        GuestDriver driver = kind("K1c").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(device.accepted().bits()).containsExactly(2, 28, 29);
    }
  }

  @ParameterizedTest
  @CsvSource({"K1b", "K1c", "K2", "K5"})
  void drivers_that_believe_the_specification_post_physical_addresses_without_the_offer(String name)
      throws Exception {
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind(name).probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(platform.bus().maps()).isZero();
    }
  }

  // ---- K3a, K3b, K4 ----

  @ParameterizedTest
  @CsvSource({"K3a", "K4"})
  void cautious_drivers_decline_when_the_iommu_changes_addresses_and_say_both(String name)
      throws Exception {
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind(name).probe(platform, device)) {
      assertDeclines(driver, "0x10000000000 for 0x1000");
      assertThat(device.status() & DeviceStatus.FAILED).isNotZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"K3a", "K4"})
  void cautious_drivers_go_on_where_addresses_are_what_they_seem(String name) throws Exception {
    platform.identity();
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind(name).probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
    }
    platform.withoutIommu();
    long maps = platform.bus().maps();
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind(name).probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(platform.bus().maps()).as("no IOMMU, no question").isEqualTo(maps);
    }
  }

  @Test
  void a_cautious_driver_without_memory_to_compare_declines() throws Exception {
    platform.bus().failBuffersAfter(0);
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind("K3a").probe(platform, device)) {
      assertDeclines(driver, "no common buffer");
    }
  }

  @Test
  void a_listed_device_is_driven_by_the_dma_api_behind_an_iommu_only() throws Exception {
    platform.option("whitelist", "yes");
    try (FakeDevice device = disk(SILENT).onBus();
        GuestDriver driver = kind("K4").probe(platform, device)) {
      assertWorks(driver, AddressSpace.BUS);
      assertThat(device.accepted().has(Feature.ACCESS_PLATFORM)).isFalse();
      assertThat(platform.direct().maps()).isZero();
    }
    platform.withoutIommu();
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind("K4").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
    }
  }

  @ParameterizedTest
  @CsvSource({"K3b", "K5g"})
  void guests_of_restricted_memory_decline_devices_that_do_not_offer_the_bit(String name)
      throws Exception {
    for (FakePlatform machine : List.of(platform, platform.identity(), platform.withoutIommu())) {
      try (FakeDevice device = disk(SILENT);
          GuestDriver driver = kind(name).probe(machine, device)) {
        assertDeclines(driver, "must offer bit 33");
      }
      try (FakeDevice device = disk(Feature.ACCESS_PLATFORM);
          GuestDriver driver = kind(name).probe(machine, device)) {
        assertDeclines(driver, "must offer VERSION_1");
      }
    }
  }

  @Test
  void a_confidential_guest_shows_the_device_one_mapping_and_nothing_else() throws Exception {
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = kind("K3b").probe(platform, device)) {
      assertWorks(driver, AddressSpace.BUS);
      assertThat(platform.bus().maps()).as("the pool").isEqualTo(1);
      assertThat(platform.direct().maps()).isZero();
    }
  }

  @Test
  void a_confidential_guest_without_room_for_its_pool_fails_and_says_so() throws Exception {
    platform.bus().failBuffersAfter(0);
    try (FakeDevice device = disk(OFFERING);
        GuestDriver driver = kind("K3b").probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.FAILED);
      assertThat(driver.status().reason()).contains("used up");
      platform.bus().failBuffersAfter(1000);
      driver.reset();
      assertWorks(driver, AddressSpace.BUS);
    }
  }

  @Test
  void a_pool_that_is_too_small_for_a_plan_ends_the_job_and_not_the_driver() throws Exception {
    try (FakeDevice device =
            new FakeDevice(platform, new RamDisk(12 << 20, 1, 2), 1, 64, OFFERING);
        GuestDriver driver = kind("K3b").probe(platform, device)) {
      var job = driver.start(new IoPlan(Pattern.READ, 100, 1 << 20, 10, 1));
      assertThat(job.await(Duration.ofSeconds(30))).isTrue();
      assertThat(job.report().reason()).contains("bounce pool");
      assertWorks(driver, AddressSpace.BUS);
    }
  }

  // ---- Xen ----

  @Test
  void a_xen_driver_domain_accepts_the_bit_and_posts_machine_addresses_all_the_same()
      throws Exception {
    platform.withoutIommu();
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = kind("K5").probe(platform, device)) {
      assertThat(device.accepted().has(Feature.ACCESS_PLATFORM)).isTrue();
      assertWorks(driver, AddressSpace.PHYSICAL);
    }
  }

  @Test
  void a_xen_driver_domain_cannot_program_an_iommu_and_breaks_the_device_behind_it()
      throws Exception {
    try (FakeDevice device = disk(OFFERING);
        GuestDriver driver = kind("K5").probe(platform, device)) {
      assertBreaks(driver);
      assertThat(platform.bus().maps()).isZero();
    }
  }

  @Test
  void what_xen_maps_one_to_one_is_reached_through_the_iommu() throws Exception {
    platform.option("map", "identity");
    try (FakeDevice device = disk(OFFERING);
        GuestDriver driver = kind("K5").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(platform.bus().maps()).isPositive();
      assertThat(platform.bus().mapped()).isPositive();
    }
  }

  @Test
  void grants_mean_nothing_to_a_device_that_does_not_map_them() throws Exception {
    for (FakePlatform machine : List.of(platform, platform.identity(), platform.withoutIommu())) {
      try (FakeDevice device = disk(OFFERING).strict();
          GuestDriver driver = kind("K5g").probe(machine, device)) {
        assertThat(device.placed(0).descriptors()).isEqualTo(Long.MIN_VALUE + (8L << 12));
        assertBreaks(driver);
        assertThat(driver.status().addresses()).isEqualTo(AddressSpace.BUS);
      }
    }
  }

  @Test
  void page_numbers_of_a_domain_corrupt_data_and_nobody_reports_it() throws Exception {
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind("K5old").probe(platform, device)) {
      IoReport report = verify(driver);
      assertThat(report.completed()).isEqualTo(300);
      assertThat(report.failed()).isZero();
      assertThat(report.mismatches()).isPositive();
      assertThat(driver.status().state()).isEqualTo(State.BOUND);
    }
  }

  // ---- K6 ----

  @Test
  void a_program_declines_a_device_without_a_group_unless_it_is_told_to_do_without()
      throws Exception {
    platform.withoutIommu();
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind("K6").probe(platform, device)) {
      assertDeclines(driver, "no IOMMU group");
    }
    platform.option("no-iommu", "on");
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = kind("K6").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(platform.taken()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"va", "pa"})
  void a_program_takes_the_device_and_maps_its_memory_once(String iova) throws Exception {
    platform.identity().option("iova", iova);
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = kind("K6").probe(platform, device)) {
      assertThat(platform.taken()).isTrue();
      assertWorks(driver, AddressSpace.BUS);
      boolean outside = Long.compareUnsigned(device.placed(0).descriptors(), 64 << 20) >= 0;
      assertThat(outside).isEqualTo("va".equals(iova));
      long maps = platform.bus().maps();
      assertThat(maps).as("a ring, frames, and a buffer for each slot").isEqualTo(1 + 1 + 8);
    }
  }

  @Test
  void a_program_that_does_not_accept_the_bit_still_posts_what_it_mapped() throws Exception {
    platform.option("ack", "no");
    try (FakeDevice device = disk(OFFERING).onBus();
        GuestDriver driver = kind("K6").probe(platform, device)) {
      assertThat(device.accepted().has(Feature.ACCESS_PLATFORM)).isFalse();
      assertWorks(driver, AddressSpace.BUS);
    }
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = kind("K6").probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.REFUSED_BY_DEVICE);
    }
  }

  @Test
  void a_program_does_not_get_a_device_that_the_kernel_still_uses() throws Exception {
    var held = platform.bus().allocateCoherent(4096);
    try (FakeDevice device = disk(OFFERING);
        GuestDriver driver = kind("K6").probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.FAILED);
      assertThat(driver.status().reason()).contains("mappings left");
      platform.bus().freeCoherent(held);
      driver.reset();
      assertWorks(driver, AddressSpace.BUS);
    }
  }
}
