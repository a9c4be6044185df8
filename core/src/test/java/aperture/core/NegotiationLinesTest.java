package aperture.core;

import static aperture.core.EchoGuest.ACCESS_PLATFORM;
import static aperture.core.EchoGuest.DRIVER;
import static aperture.core.EchoGuest.FEATURES;
import static aperture.core.EchoGuest.LIVE;
import static aperture.core.EchoGuest.VERSION_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.ConfigurationError;
import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.Diagnosis;
import aperture.dma.Direction;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.virtio.FeatureSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether bit 33 is offered, accepted, refused, and where addresses then lead. */
class NegotiationLinesTest {

  private final EchoRig rig = new EchoRig();

  @AfterEach
  void close() {
    rig.close();
  }

  private DeviceInfo info(String id) throws ControlException {
    return rig.aperture.devices().show(id);
  }

  @Test
  void t1WithoutAnIommuAndWithoutTheBitModernDriversWorkPhysically() throws Exception {
    rig.machine("m", EchoRig.SILENT, Optional.of("none"));
    EchoGuest unaware = rig.add("m", "k1b").startPhysical();
    EchoGuest honouring = rig.add("m", "k2");
    honouring.start(honouring.platform.dmaApi(), VERSION_1);

    assertThat(unaware.offered().has(ACCESS_PLATFORM)).isFalse();
    assertThat(unaware.echo((byte) 1, (byte) 2)).containsExactly(1, 2);
    assertThat(honouring.echo((byte) 3)).containsExactly(3);
    assertThat(info("k2").addresses()).isEqualTo("physical");
    assertThat(info("k2").pathMode()).startsWith("N");
    assertThat(rig.behavior.walks()).isZero();
  }

  @Test
  void t1ALegacyDriverFindsNoInterfaceThatItKnows() throws Exception {
    rig.machine("m", EchoRig.SILENT, Optional.of("none"));
    EchoGuest legacy = rig.add("m", "k1a");

    assertThat(legacy.negotiate()).isEqualTo(DRIVER);
    legacy.transport.writeStatus(DRIVER | 4);
    assertThat(legacy.transport.status()).as("no DRIVER_OK without FEATURES_OK").isEqualTo(DRIVER);
  }

  @Test
  void t2AStrictDeviceRefusesADriverThatDoesNotAcceptTheBitEvenWithoutAnIommu() throws Exception {
    rig.machine("m", EchoRig.OFFERING, Optional.of("none"));
    EchoGuest unaware = rig.add("m", "k1b");

    assertThat(unaware.offered().has(ACCESS_PLATFORM)).isTrue();
    assertThat(unaware.negotiate(VERSION_1)).as("the status is what it was").isEqualTo(DRIVER);
    Diagnosis why = rig.aperture.devices().why("k1b");
    assertThat(why.healthy()).isFalse();
    assertThat(why.findings().toString()).contains("ACCESS_PLATFORM").contains("row flat-2.0");
  }

  @Test
  void t3AcceptedBehindATranslatingIommuAddressesAreIovasAndNeverPhysical() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "k2").startTranslated();
    Poisoned poisoned = poison(guest);

    guest.add(poisoned.iova(), poisoned.answer(), 8);
    guest.publish();
    guest.awaitUsed();

    byte[] answer = new byte[8];
    poisoned.answerBuffer().read(0, answer, 0, 8);
    assertThat(answer).as("the text, not the poison").containsExactly(7, 7, 7, 7, 7, 7, 7, 7);
    assertThat(info("k2").addresses()).isEqualTo("bus");
    assertThat(info("k2").accepted()).isEqualTo("yes");
    assertThat(info("k2").pathMode()).startsWith("T");
    assertThat(rig.behavior.walks()).isPositive();
    assertThat(rig.aperture.devices().stats("k2").iotlbMisses()).isPositive();
  }

  /** A text whose IOVA is a number at which, as a physical address, there is poison. */
  private record Poisoned(long iova, long answer, GuestBuffer answerBuffer, GuestBuffer pool) {}

  private static Poisoned poison(EchoGuest guest) throws Exception {
    DriverDma dma = guest.platform.dmaApi();
    GuestBuffer pool = guest.platform.physical().allocate(16 << 20);
    pool.fill(0, pool.size(), (byte) 0x66);
    long page = 4096;
    long target = pool.size() - page;
    // IOVAs grow from the bottom: go on until one is also a physical address of the pool.
    long iova = dma.map(pool.gpa() + target, page, Direction.TO_DEVICE);
    while (iova < pool.gpa() + page) {
      iova = dma.map(pool.gpa() + target, page, Direction.TO_DEVICE);
    }
    assertThat(iova).isBetween(pool.gpa(), pool.gpa() + target - page);
    pool.fill(target, 8, (byte) 7);
    GuestBuffer answer = dma.allocate(page);
    return new Poisoned(iova, dma.map(answer.gpa(), page, Direction.FROM_DEVICE), answer, pool);
  }

  @Test
  void t5GoingRoundTheIommuByTheRowWorksPhysicallyWithoutASingleLookUp() throws Exception {
    rig.machine("m", EchoRig.SILENT);
    EchoGuest guest = rig.add("m", "k2");
    assertThat(guest.offered().has(ACCESS_PLATFORM)).isFalse();
    assertThat(guest.platform.describesIommu()).isTrue();

    guest.startPhysical();

    assertThat(guest.echo((byte) 9)).containsExactly(9);
    assertThat(rig.behavior.walks()).isZero();
    assertThat(rig.aperture.devices().stats("k2").iotlbMisses()).isZero();
    assertThat(info("k2").pathMode()).startsWith("B");
    assertThat(rig.aperture.devices().why("k2").findings().toString()).contains("warning");
  }

  @Test
  void t6NotStrictAnUnawareDriverWorksPhysicallyAndIsWarnedAbout() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "k1b", Setting.UNSET, Setting.OFF).startPhysical();

    assertThat(guest.echo((byte) 5)).containsExactly(5);
    assertThat(rig.behavior.walks()).isZero();
    assertThat(info("k1b").addresses()).isEqualTo("physical");
    assertThat(info("k1b").pathMode()).startsWith("B");
    assertThat(rig.aperture.devices().why("k1b").findings().toString())
        .contains("warning")
        .contains("not accept ACCESS_PLATFORM")
        .contains("device setting");
  }

  @ParameterizedTest(name = "T7 strict {0}: accepts {1}")
  @CsvSource({
    "true,none,false",
    "true,33,false",
    "true,32,false",
    "true,32 33,true",
    "true,32 33 5,false",
    "true,32 33 34,false",
    "true,32 33 100,false",
    "false,none,false",
    "false,33,false",
    "false,32,true",
    "false,32 33,true",
    "false,32 5,false"
  })
  void t7OnlyAValidSubsetWithVersionOneIsAccepted(boolean strict, String bits, boolean accepted)
      throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "dev", Setting.UNSET, Setting.of(strict));
    int[] set =
        bits.equals("none")
            ? new int[0]
            : java.util.Arrays.stream(bits.split(" ")).mapToInt(Integer::parseInt).toArray();

    assertThat(guest.negotiate(set)).isEqualTo(accepted ? FEATURES : DRIVER);

    guest.accept(FeatureSet.of(VERSION_1, ACCESS_PLATFORM));
    guest.transport.writeStatus(FEATURES);
    assertThat(guest.transport.status()).as("a second try is possible").isEqualTo(FEATURES);
  }

  @Test
  void t12NotStrictFirmwareWorksPhysicallyAndTheSystemAfterwardsTranslated() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "disk", Setting.UNSET, Setting.OFF);
    guest.startPhysical();
    assertThat(guest.echo((byte) 1)).containsExactly(1);
    assertThat(rig.behavior.walks()).isZero();

    guest.startTranslated();

    assertThat(guest.echo((byte) 2)).containsExactly(2);
    assertThat(rig.behavior.walks()).isPositive();
    long walks = rig.behavior.walks();
    guest.startPhysical();
    assertThat(guest.echo((byte) 3)).containsExactly(3);
    assertThat(rig.behavior.walks()).as("and back again").isEqualTo(walks);
  }

  @Test
  void t12StrictFirmwareIsRefusedAndTheSystemAfterwardsWorks() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "disk");

    assertThat(guest.negotiate(VERSION_1)).isEqualTo(DRIVER);
    guest.startTranslated();

    assertThat(guest.transport.status()).isEqualTo(LIVE);
    assertThat(guest.echo((byte) 2)).containsExactly(2);
  }

  @Test
  void t14TwoMachinesOfOneArchitectureHaveDefaultsOfTheirOwn() throws Exception {
    rig.machine("old", EchoRig.SILENT).machine("new", EchoRig.OFFERING);
    rig.add("old", "o");
    rig.add("new", "n");

    assertThat(info("o").offer()).isEqualTo("off");
    assertThat(info("n").offer()).isEqualTo("on");
    assertThat(rig.aperture.machines().show("old").arch())
        .isEqualTo(rig.aperture.machines().show("new").arch());
    assertThat(rig.aperture.policies().explain("o").offerProvenance()).contains(EchoRig.SILENT);
    assertThat(rig.aperture.policies().explain("n").offerProvenance()).contains(EchoRig.OFFERING);
  }

  @Test
  void c5TurningTheOfferOffBehindAnIommuIsRefusedUnlessItIsSaidToBeUnsafe() throws Exception {
    rig.machine("m", EchoRig.OFFERING);

    assertThatThrownBy(() -> rig.add("m", "dev", Setting.OFF, Setting.UNSET))
        .isInstanceOfSatisfying(
            ControlException.class,
            e -> {
              assertThat(e.configurationError()).contains(ConfigurationError.GOES_ROUND_IOMMU);
              assertThat(e.line()).isEqualTo("C5: " + e.getMessage());
            })
        .hasMessageContaining("device setting");
    rig.aperture.policies().globalOffer(Setting.OFF);
    assertThatThrownBy(() -> rig.add("m", "dev"))
        .isInstanceOfSatisfying(
            ControlException.class,
            e -> assertThat(e.configurationError()).contains(ConfigurationError.GOES_ROUND_IOMMU))
        .hasMessageContaining("global setting");
    assertThat(rig.add("m", "on", Setting.ON, Setting.UNSET).offered().has(ACCESS_PLATFORM))
        .isTrue();
    DeviceSpec unsafe =
        new DeviceSpec(
            "m", "echo", Optional.of("unsafe"), Setting.OFF, Setting.UNSET, true, Map.of());
    assertThat(rig.aperture.devices().add(unsafe).offer()).isEqualTo("off");
  }

  @Test
  void aGlobalSettingDoesNotMoveADeviceThatLives() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "dev");

    rig.aperture.policies().globalStrict(Setting.OFF);

    assertThat(guest.negotiate(VERSION_1)).isEqualTo(DRIVER);
    assertThat(rig.add("m", "later").negotiate(VERSION_1)).isEqualTo(FEATURES);
  }

  @Test
  void thePrerequisitesOfADeviceTypeAreChecked() throws Exception {
    rig.machine("m", EchoRig.OFFERING);
    EchoGuest guest = rig.add("m", "dev");

    assertThat(guest.negotiate(VERSION_1, ACCESS_PLATFORM, EchoDevice.FEATURE)).isEqualTo(DRIVER);
    assertThat(rig.aperture.devices().why("dev").findings().toString()).contains("needs bit 4");
    assertThat(guest.negotiate(VERSION_1, ACCESS_PLATFORM, EchoDevice.FEATURE, EchoDevice.NEEDED))
        .isEqualTo(FEATURES);
  }
}
