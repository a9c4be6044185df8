package aperture.core;

import static aperture.core.EchoGuest.ACCESS_PLATFORM;
import static aperture.core.EchoGuest.VERSION_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.Setting;
import aperture.access.Transport;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.AccessSettings;
import aperture.admin.ControlException;
import aperture.admin.MachineSpec;
import aperture.dma.UserDma;
import aperture.virtio.DeviceStatus;
import aperture.virtio.LegacyTransport;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How devices are wired to memory and to their drivers, and what follows for their addresses. */
class WiringTest {

  private static final AccessSettings NONE = AccessSettings.NONE;

  private final EchoRig rig = new EchoRig();

  @AfterEach
  void close() {
    rig.close();
  }

  private static AccessSettings hardware() {
    return new AccessSettings(
        Setting.OFF,
        Setting.UNSET,
        UnackedAddressing.PHYSICAL,
        Wiring.HARDWARE,
        Transport.PCI,
        Setting.UNSET,
        false,
        true,
        false);
  }

  private static AccessSettings on(Transport transport, Setting offer, Setting legacy) {
    return new AccessSettings(
        offer,
        Setting.UNSET,
        UnackedAddressing.PHYSICAL,
        Wiring.SOFTWARE,
        transport,
        legacy,
        false,
        true,
        false);
  }

  private static AccessSettings bypassed(Setting offer) {
    return new AccessSettings(
        offer,
        Setting.UNSET,
        UnackedAddressing.PHYSICAL,
        Wiring.SOFTWARE,
        Transport.PCI,
        Setting.UNSET,
        true,
        true,
        false);
  }

  private String path(String id) throws ControlException {
    return rig.aperture.devices().show(id).pathMode().substring(0, 1);
  }

  @Test
  void t4AFlagLessPhysicalDeviceFaultsOnPhysicalAddressesAndTheFaultNamesIt() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "pf", hardware());
    assertThat(guest.offered().has(ACCESS_PLATFORM)).isFalse();

    guest.startPhysical();
    guest.post(new byte[] {1});
    guest.publish();

    guest.awaitStatus(EchoGuest.BROKEN);
    var fault = rig.aperture.dma().faults().get(0);
    assertThat(fault.device()).isEqualTo("pf");
    assertThat(fault.endpoint()).isEqualTo("00:01.0");
    assertThat(fault.access()).isEqualTo("r");
    assertThat(path("pf")).isEqualTo("T");
  }

  @Test
  void aFlagLessPhysicalDeviceWorksForWhoeverUsesTheDmaApiAllTheSame() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "pf", hardware());

    guest.start(guest.platform.dmaApi(), VERSION_1);

    assertThat(guest.echo((byte) 4)).containsExactly(4);
    assertThat(rig.behavior.walks()).isPositive();
  }

  @Test
  void c8ABusThatTheIommuIsNotInFrontOfTakesTheOfferAndAddressesStayPhysical() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "by", bypassed(Setting.ON));
    assertThat(guest.platform.describesIommu()).isFalse();

    guest.startTranslated();

    assertThat(guest.echo((byte) 5)).containsExactly(5);
    assertThat(rig.behavior.walks()).isZero();
    assertThat(path("by")).isEqualTo("N");
    EchoGuest behind = rig.add("m", "behind");
    behind.startTranslated();
    assertThat(behind.echo((byte) 6)).containsExactly(6);
    assertThat(rig.behavior.walks()).isPositive();
  }

  @Test
  void theRootBusOfAMachineCanBeOutsideOfItsIommu() throws Exception {
    rig.aperture
        .machines()
        .create(
            new MachineSpec("m", EchoRig.OFFERING, EchoRig.MEMORY, Optional.empty(), false, true));

    EchoGuest guest = rig.add("m", "d", AccessSettings.of(Setting.OFF, Setting.UNSET, false));

    assertThat(guest.platform.describesIommu()).isFalse();
    guest.startPhysical();
    assertThat(guest.echo((byte) 7)).containsExactly(7);
    assertThat(path("d")).isEqualTo("N");
  }

  @Test
  void aSlotThatWasOutsideTheIommuMayBeBehindItLater() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    rig.add("m", "first", bypassed(Setting.UNSET));
    rig.aperture.drivers().unbind("first");
    rig.aperture.devices().remove("first");

    EchoGuest guest = rig.add("m", "second").startTranslated();

    assertThat(guest.echo((byte) 8)).containsExactly(8);
    assertThat(rig.behavior.walks()).isPositive();
  }

  @Test
  void aMemoryMappedDeviceIsInFrontOfTheIommu() throws Exception {
    rig.machine("m", EchoRig.OFFERING);

    EchoGuest guest = rig.add("m", "mm", on(Transport.MMIO, Setting.ON, Setting.UNSET));

    guest.startTranslated();
    assertThat(guest.echo((byte) 9)).containsExactly(9);
    assertThat(rig.behavior.walks()).isZero();
    assertThat(path("mm")).isEqualTo("N");
  }

  @Test
  void anEndpointWithTheIdentityGoesThroughTheIommuAtPhysicalAddresses() throws Exception {
    rig.machine("m", EchoRig.OFFERING, Optional.of("flat-test,domain=identity"));
    EchoGuest guest = rig.add("m", "id");
    assertThat(guest.platform.describesIommu()).isTrue();

    guest.startTranslated();

    assertThat(guest.echo((byte) 1)).containsExactly(1);
    assertThat(rig.behavior.walks()).isPositive();
    assertThat(path("id")).isEqualTo("I");
  }

  @Test
  void aProgramThatTakesADeviceGetsTranslationWhereTheKernelHadTheIdentity() throws Exception {
    rig.machine("m", EchoRig.OFFERING, Optional.of("flat-test,domain=identity"));
    EchoGuest guest = rig.add("m", "id");

    UserDma user = guest.platform.takeForUser().orElseThrow();
    guest.start(user, VERSION_1, ACCESS_PLATFORM);

    assertThat(guest.echo((byte) 2)).containsExactly(2);
    assertThat(path("id")).isEqualTo("T");
    assertThat(user.translated()).isTrue();
  }

  @Test
  void withoutAnIommuThereIsNoGroupToTake() throws Exception {
    rig.machine("m", EchoRig.OFFERING, Optional.of("none"));
    EchoGuest guest = rig.add("m", "d");

    assertThat(guest.platform.takeForUser()).isEmpty();
  }

  @Test
  void anUnknownDomainIsNamed() {
    assertThatThrownBy(
            () -> rig.machine("m", EchoRig.OFFERING, Optional.of("flat-test,domain=identiy")))
        .isInstanceOf(ControlException.class)
        .hasMessageContaining("identity");
  }

  @Test
  void notStrictAndTranslatedADriverWithoutTheBitStillPostsBusAddresses() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest =
        rig.add(
            "m",
            "tr",
            new AccessSettings(
                Setting.ON,
                Setting.OFF,
                UnackedAddressing.TRANSLATED,
                Wiring.SOFTWARE,
                Transport.PCI,
                Setting.UNSET,
                false,
                true,
                false));

    guest.startPhysical();
    guest.post(new byte[] {1});
    guest.publish();

    guest.awaitStatus(EchoGuest.BROKEN);
    assertThat(rig.aperture.dma().faults()).isNotEmpty();
  }

  @Test
  void t17ADriverThatDoesNotAcceptVersion1IsLetThroughOnlyWhereThatIsSaid() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest refused = rig.add("m", "yes", NONE);
    assertThat(refused.negotiate()).isEqualTo(EchoGuest.DRIVER);
    AccessSettings lax =
        new AccessSettings(
            Setting.ON,
            Setting.ON,
            UnackedAddressing.PHYSICAL,
            Wiring.SOFTWARE,
            Transport.PCI,
            Setting.UNSET,
            false,
            false,
            false);

    EchoGuest guest = rig.add("m", "no", lax);

    assertThat(guest.negotiate()).isEqualTo(EchoGuest.FEATURES);
    assertThat(rig.aperture.devices().show("no").addresses()).isEqualTo("bus");
  }

  @Test
  void aLegacyDriverFindsItsQueueByPageAndNeedsNoFeaturesOk() throws Exception {
    rig.machine("m", EchoRig.SILENT, Optional.of("none"));
    EchoGuest guest = rig.add("m", "old", on(Transport.PCI, Setting.UNSET, Setting.ON));
    LegacyTransport legacy = guest.transport.legacy().orElseThrow();

    legacy.writeStatus(0);
    legacy.writeStatus(DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER);
    legacy.driverFeatures(legacy.deviceFeatures() & ~(1 << 28 | 1 << 29));
    guest.makeLegacyQueue(legacy, guest.platform.physical());
    legacy.writeStatus(DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER | DeviceStatus.DRIVER_OK);

    assertThat(guest.echo((byte) 3)).containsExactly(3);
    assertThat(legacy.status() & DeviceStatus.FEATURES_OK).isZero();
    assertThat(rig.aperture.devices().show("old").addresses()).isEqualTo("physical");
    assertThat(rig.aperture.devices().show("old").accepted()).isEqualTo("no");
  }

  @Test
  void aLegacyDeviceHasNoModernRegistersAndAnOfferTakesTheLegacyOnesAway() throws Exception {
    rig.machine("m", EchoRig.SILENT, Optional.of("none"));
    EchoGuest only = rig.add("m", "v1", on(Transport.MMIO_LEGACY, Setting.UNSET, Setting.UNSET));
    EchoGuest offering = rig.add("m", "on", on(Transport.PCI, Setting.ON, Setting.UNSET));

    assertThat(only.offered().isEmpty()).isTrue();
    assertThat(only.transport.legacy()).isPresent();
    assertThat(only.negotiate(VERSION_1)).isEqualTo(EchoGuest.DRIVER);
    assertThat(offering.transport.legacy()).isEmpty();
  }

  @Test
  void aDomainDoesNotChangeUnderLiveMappings() throws Exception {
    rig.machine("m", EchoRig.OFFERING, Optional.of("flat-test,domain=identity"));
    EchoGuest guest = rig.add("m", "id");
    guest.platform.takeForUser().orElseThrow().allocateCoherent(4096);

    assertThatThrownBy(() -> rig.aperture.drivers().unbind("id"))
        .hasMessageContaining("live mappings");
  }
}
