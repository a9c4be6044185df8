package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.AddressSpace;
import aperture.guest.fake.FakeDevice;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A program outside the kernel: K6. */
class UserKindTest extends OnFakes {

  @Test
  void a_program_declines_a_device_without_a_group_unless_it_is_told_to_do_without()
      throws Exception {
    platform.withoutIommu();
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind("K6").probe(platform, device)) {
      assertDeclines(driver, "no IOMMU group");
    }
    platform.option("no-iommu", "on");
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind("K6").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(platform.taken()).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"va", "pa"})
  void a_program_takes_the_device_and_maps_its_memory_once(String iova) throws Exception {
    platform.identity().option("iova", iova);
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = Kinds.kind("K6").probe(platform, device)) {
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
        GuestDriver driver = Kinds.kind("K6").probe(platform, device)) {
      assertThat(device.accepted().has(Feature.ACCESS_PLATFORM)).isFalse();
      assertWorks(driver, AddressSpace.BUS);
    }
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = Kinds.kind("K6").probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.REFUSED_BY_DEVICE);
    }
  }

  @Test
  void a_program_does_not_get_a_device_that_the_kernel_still_uses() throws Exception {
    var held = platform.bus().allocateCoherent(4096);
    try (FakeDevice device = disk(OFFERING);
        GuestDriver driver = Kinds.kind("K6").probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.FAILED);
      assertThat(driver.status().reason()).contains("mappings left");
      platform.bus().freeCoherent(held);
      driver.reset();
      assertWorks(driver, AddressSpace.BUS);
    }
  }
}
