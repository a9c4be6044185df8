package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.AddressSpace;
import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakePlatform;
import aperture.guest.fake.RamDisk;
import aperture.virtio.DeviceStatus;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Drivers that do not take every device: K3a, K3b and K4. */
class CautiousKindsTest extends OnFakes {

  @ParameterizedTest
  @CsvSource({"K3a", "K4"})
  void cautious_drivers_decline_when_the_iommu_changes_addresses_and_say_both(String name)
      throws Exception {
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind(name).probe(platform, device)) {
      assertDeclines(driver, "0x10000000000 for 0x1000");
      assertThat(device.status() & DeviceStatus.FAILED).isNotZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"K3a", "K4"})
  void cautious_drivers_go_on_where_addresses_are_what_they_seem(String name) throws Exception {
    platform.identity();
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind(name).probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
    }
    platform.withoutIommu();
    long maps = platform.bus().maps();
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind(name).probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(platform.bus().maps()).as("no IOMMU, no question").isEqualTo(maps);
    }
  }

  @Test
  void a_cautious_driver_without_memory_to_compare_declines() throws Exception {
    platform.bus().failBuffersAfter(0);
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind("K3a").probe(platform, device)) {
      assertDeclines(driver, "no common buffer");
    }
  }

  @Test
  void a_listed_device_is_driven_by_the_dma_api_behind_an_iommu_only() throws Exception {
    platform.option("whitelist", "yes");
    try (FakeDevice device = disk(SILENT).onBus();
        GuestDriver driver = Kinds.kind("K4").probe(platform, device)) {
      assertWorks(driver, AddressSpace.BUS);
      assertThat(device.accepted().has(Feature.ACCESS_PLATFORM)).isFalse();
      assertThat(platform.direct().maps()).isZero();
    }
    platform.withoutIommu();
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind("K4").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
    }
  }

  @ParameterizedTest
  @CsvSource({"K3b", "K5g"})
  void guests_of_restricted_memory_decline_devices_that_do_not_offer_the_bit(String name)
      throws Exception {
    for (FakePlatform machine : List.of(platform, platform.identity(), platform.withoutIommu())) {
      try (FakeDevice device = disk(SILENT);
          GuestDriver driver = Kinds.kind(name).probe(machine, device)) {
        assertDeclines(driver, "must offer bit 33");
      }
      try (FakeDevice device = disk(Feature.ACCESS_PLATFORM);
          GuestDriver driver = Kinds.kind(name).probe(machine, device)) {
        assertDeclines(driver, "must offer VERSION_1");
      }
    }
  }

  @Test
  void a_confidential_guest_shows_the_device_one_mapping_and_nothing_else() throws Exception {
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = Kinds.kind("K3b").probe(platform, device)) {
      assertWorks(driver, AddressSpace.BUS);
      assertThat(platform.bus().maps()).as("the pool").isEqualTo(1);
      assertThat(platform.direct().maps()).isZero();
    }
  }

  @Test
  void a_confidential_guest_without_room_for_its_pool_fails_and_says_so() throws Exception {
    platform.bus().failBuffersAfter(0);
    try (FakeDevice device = disk(OFFERING);
        GuestDriver driver = Kinds.kind("K3b").probe(platform, device)) {
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
        GuestDriver driver = Kinds.kind("K3b").probe(platform, device)) {
      var job = driver.start(new IoPlan(Pattern.READ, 100, 1 << 20, 10, 1));
      assertThat(job.await(Duration.ofSeconds(30))).isTrue();
      assertThat(job.report().reason()).contains("bounce pool");
      assertWorks(driver, AddressSpace.BUS);
    }
  }
}
