package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.AddressSpace;
import aperture.guest.fake.FakeDevice;
import aperture.guest.fake.FakePlatform;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoReport;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Drivers of Xen domains: K5, K5g and K5old. */
class XenKindsTest extends OnFakes {

  @Test
  void a_xen_driver_domain_accepts_the_bit_and_posts_machine_addresses_all_the_same()
      throws Exception {
    platform.withoutIommu();
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = Kinds.kind("K5").probe(platform, device)) {
      assertThat(device.accepted().has(Feature.ACCESS_PLATFORM)).isTrue();
      assertWorks(driver, AddressSpace.PHYSICAL);
    }
  }

  @Test
  void a_xen_driver_domain_cannot_program_an_iommu_and_breaks_the_device_behind_it()
      throws Exception {
    try (FakeDevice device = disk(OFFERING);
        GuestDriver driver = Kinds.kind("K5").probe(platform, device)) {
      assertBreaks(driver);
      assertThat(platform.bus().maps()).isZero();
    }
  }

  @Test
  void what_xen_maps_one_to_one_is_reached_through_the_iommu() throws Exception {
    platform.option("map", "identity");
    try (FakeDevice device = disk(OFFERING);
        GuestDriver driver = Kinds.kind("K5").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(platform.bus().maps()).isPositive();
      assertThat(platform.bus().mapped()).isPositive();
    }
  }

  @Test
  void grants_mean_nothing_to_a_device_that_does_not_map_them() throws Exception {
    for (FakePlatform machine : List.of(platform, platform.identity(), platform.withoutIommu())) {
      try (FakeDevice device = disk(OFFERING).strict();
          GuestDriver driver = Kinds.kind("K5g").probe(machine, device)) {
        assertThat(device.placed(0).descriptors()).isEqualTo(Long.MIN_VALUE + (8L << 12));
        assertBreaks(driver);
        assertThat(driver.status().addresses()).isEqualTo(AddressSpace.BUS);
      }
    }
  }

  @Test
  void page_numbers_of_a_domain_corrupt_data_and_nobody_reports_it() throws Exception {
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind("K5old").probe(platform, device)) {
      IoReport report = verify(driver);
      assertThat(report.completed()).isEqualTo(300);
      assertThat(report.failed()).isZero();
      assertThat(report.mismatches()).isPositive();
      assertThat(driver.status().state()).isEqualTo(State.BOUND);
    }
  }
}
