package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.AddressSpace;
import aperture.guest.fake.FakeDevice;
import aperture.virtio.DeviceStatus;
import aperture.virtio.DriverKind;
import aperture.virtio.DriverStatus.State;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Which registers each kind knows, and who accepts bit 33. */
class KindsTest extends OnFakes {

  @Test
  void names_differ_and_summaries_are_one_line() {
    assertThat(Kinds.all().map(DriverKind::name))
        .containsExactly("K1a", "K1b", "K1c", "K2", "K3a", "K3b", "K4", "K5", "K5g", "K5old", "K6");
    assertThat(Kinds.all().map(DriverKind::summary)).allMatch(line -> line.length() < 90);
    assertThat(Kinds.all().map(DriverKind::summary)).doesNotHaveDuplicates();
  }

  @Test
  void a_legacy_driver_needs_no_features_ok_and_places_its_queue_by_page() throws Exception {
    try (FakeDevice device = disk(Feature.values()).transitional();
        GuestDriver driver = Kinds.kind("K1a").probe(platform, device)) {
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
      GuestDriver driver = Kinds.kind("K1a").probe(platform, device);
      assertThat(driver.status().state()).isEqualTo(State.UNMATCHED);
      assertThat(driver.status().reason()).isEqualTo("the device has no legacy register interface");
      assertThatThrownBy(driver::reset).hasMessageContaining("no legacy register interface");
      driver.close();
      assertThat(device.written()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("aperture.guest.Kinds#modern")
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
        GuestDriver driver = Kinds.kind("K1a").probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.FAILED);
      assertThat(driver.status().reason()).contains("queue 0 cannot be enabled");
    }
  }

  @ParameterizedTest
  @CsvSource({"K1b", "K1c", "K5old"})
  void drivers_that_do_not_know_bit_33_are_refused_by_a_strict_device(String name)
      throws Exception {
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = Kinds.kind(name).probe(platform, device)) {
      assertThat(driver.status().state()).isEqualTo(State.REFUSED_BY_DEVICE);
      assertThat(driver.status().accepted().has(Feature.ACCESS_PLATFORM)).isFalse();
      assertThat(driver.status().addresses()).isEqualTo(AddressSpace.PHYSICAL);
    }
  }

  @ParameterizedTest
  @CsvSource({"K2", "K3a", "K3b", "K4", "K6"})
  void drivers_that_accept_bit_33_post_addresses_of_the_bus(String name) throws Exception {
    try (FakeDevice device = disk(OFFERING).strict();
        GuestDriver driver = Kinds.kind(name).probe(platform, device)) {
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
        GuestDriver driver = Kinds.kind("K1c").probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(device.accepted().bits()).containsExactly(2, 28, 29);
    }
  }

  @ParameterizedTest
  @CsvSource({"K1b", "K1c", "K2", "K5"})
  void drivers_that_believe_the_specification_post_physical_addresses_without_the_offer(String name)
      throws Exception {
    try (FakeDevice device = disk(SILENT);
        GuestDriver driver = Kinds.kind(name).probe(platform, device)) {
      assertWorks(driver, AddressSpace.PHYSICAL);
      assertThat(platform.bus().maps()).isZero();
    }
  }
}
