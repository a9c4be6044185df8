package aperture.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import aperture.access.Setting;
import aperture.access.Transport;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.AccessSettings;
import aperture.admin.ControlException;
import aperture.admin.DeviceSpec;
import aperture.admin.DriverInfo;
import aperture.admin.MachineSpec;
import aperture.core.Aperture;
import aperture.guest.fake.RamDiskType;
import aperture.testkit.FlatBehavior;
import aperture.testkit.FlatRow;
import aperture.testkit.HookedBehavior;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoReport;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every kind on the real engine, with the test IOMMU, on devices wired in every way: what becomes
 * of it, told from what it reached and how.
 */
class KindsOnEngineTest {

  /** What becomes of a driver and its I/O. */
  enum Outcome {
    /** All data is right, and the IOMMU was asked. */
    THROUGH,
    /** All data is right, and no IOMMU was asked. */
    PHYSICAL,
    UNMATCHED,
    DECLINED,
    REFUSED,
    /** The device could not reach what it was given. */
    FAULT,
    /** All requests were answered, and the data is wrong. */
    CORRUPT
  }

  private static final Set<Outcome> WORKING =
      EnumSet.of(Outcome.THROUGH, Outcome.PHYSICAL, Outcome.CORRUPT);

  /** How the device is wired. */
  enum Wired {
    /** Does not offer the bit; a program of the host. */
    SOFTWARE,
    /** Does not offer the bit; a physical function on the bus. */
    REAL,
    /** Offers it and insists on it. */
    STRICT,
    /** Offers it; without it addresses are physical. */
    LAX_PHYSICAL,
    /** Offers it; without it addresses are those of the bus all the same. */
    LAX_BUS,
    /** Offers it, insists on it, and lets drivers through that do not accept VERSION_1. */
    WITH_THE_HOLE
  }

  private final HookedBehavior iommu = new HookedBehavior();
  private Aperture aperture;

  @BeforeEach
  void engine() {
    aperture = Aperture.standalone();
    aperture.behavior(iommu).family(new FlatRow(), FlatRow.ARCH).deviceType(new RamDiskType());
    Kinds.all().forEach(aperture::driverKind);
  }

  @AfterEach
  void close() {
    aperture.close();
  }

  private static AccessSettings settings(Wired wired) {
    boolean offers = wired != Wired.SOFTWARE && wired != Wired.REAL;
    boolean lax = wired == Wired.LAX_PHYSICAL || wired == Wired.LAX_BUS;
    return new AccessSettings(
        offers ? Setting.ON : Setting.OFF,
        lax ? Setting.OFF : Setting.ON,
        wired == Wired.LAX_BUS ? UnackedAddressing.TRANSLATED : UnackedAddressing.PHYSICAL,
        wired == Wired.REAL ? Wiring.HARDWARE : Wiring.SOFTWARE,
        Transport.PCI,
        offers ? Setting.UNSET : Setting.ON,
        false,
        wired != Wired.WITH_THE_HOLE,
        wired == Wired.SOFTWARE);
  }

  private void device(String iommuKind, Wired wired) throws ControlException {
    aperture.machines().create(new MachineSpec("m", "flat-2.0", 64 << 20, Optional.of(iommuKind)));
    aperture
        .devices()
        .add(new DeviceSpec("m", RamDiskType.NAME, Optional.of("d"), settings(wired), Map.of()));
  }

  private static String iommuKind(char mode) {
    return switch (mode) {
      case 'N' -> "none";
      case 'I' -> FlatBehavior.KIND + ",domain=identity";
      default -> FlatBehavior.KIND;
    };
  }

  private static Map<String, String> options(String text) {
    Map<String, String> options = new HashMap<>();
    Matcher pairs = Pattern.compile("(\\S+)=(\\S+)").matcher(text);
    while (pairs.find()) {
      options.put(pairs.group(1), pairs.group(2));
    }
    return options;
  }

  private Outcome outcome(DriverInfo info) throws Exception {
    return switch (info.state()) {
      case "unmatched" -> Outcome.UNMATCHED;
      case "declined" -> Outcome.DECLINED;
      case "refused_by_device" -> Outcome.REFUSED;
      default -> outcomeOfIo();
    };
  }

  private Outcome outcomeOfIo() throws Exception {
    long before = iommu.walks();
    Optional<IoReport> report = verify();
    if (report.isEmpty()) {
      return Outcome.FAULT;
    }
    assertThat(report.get().completed()).isEqualTo(200);
    if (!report.get().clean()) {
      return Outcome.CORRUPT;
    }
    return iommu.walks() > before ? Outcome.THROUGH : Outcome.PHYSICAL;
  }

  /** Does verified I/O; empty when the device cannot go on. */
  private Optional<IoReport> verify() throws Exception {
    IoJob job;
    try {
      job = aperture.drivers().io("d", new IoPlan(IoPlan.Pattern.VERIFY, 200, 4096, 8, 1));
    } catch (ControlException e) {
      assertThat(e).hasMessageMatching("(?s).*(asked for a reset|did not go live).*");
      return Optional.empty();
    }
    assertThat(job.await(Duration.ofSeconds(30))).isTrue();
    if (job.report().reason().isEmpty()) {
      return Optional.of(job.report());
    }
    await().until(() -> aperture.drivers().show("d").state().equals("needs_reset"));
    return Optional.empty();
  }

  @ParameterizedTest(name = "{0} {1} {2} {3}")
  @CsvSource({
    // No IOMMU: everything is physical, and only the bit matters.
    "N, SOFTWARE,     K1a,   '',                   PHYSICAL",
    "N, SOFTWARE,     K1b,   '',                   PHYSICAL",
    "N, SOFTWARE,     K1c,   '',                   REFUSED",
    "N, SOFTWARE,     K2,    '',                   PHYSICAL",
    "N, SOFTWARE,     K3a,   '',                   PHYSICAL",
    "N, SOFTWARE,     K3b,   '',                   DECLINED",
    "N, SOFTWARE,     K4,    '',                   PHYSICAL",
    "N, SOFTWARE,     K4,    whitelist=yes,        PHYSICAL",
    "N, SOFTWARE,     K5,    '',                   PHYSICAL",
    "N, SOFTWARE,     K5,    map=identity,         PHYSICAL",
    "N, SOFTWARE,     K5g,   '',                   DECLINED",
    "N, SOFTWARE,     K5old, '',                   CORRUPT",
    "N, SOFTWARE,     K6,    '',                   DECLINED",
    "N, SOFTWARE,     K6,    no-iommu=on,          PHYSICAL",
    "N, STRICT,       K1a,   '',                   UNMATCHED",
    "N, STRICT,       K1b,   '',                   REFUSED",
    "N, STRICT,       K2,    '',                   PHYSICAL",
    "N, STRICT,       K3a,   '',                   PHYSICAL",
    "N, STRICT,       K3b,   '',                   PHYSICAL",
    "N, STRICT,       K4,    '',                   PHYSICAL",
    "N, STRICT,       K5,    '',                   PHYSICAL",
    "N, STRICT,       K5g,   '',                   FAULT",
    "N, STRICT,       K5old, '',                   REFUSED",
    "N, STRICT,       K6,    no-iommu=on,          PHYSICAL",
    "N, STRICT,       K6,    no-iommu=on ack=no,   REFUSED",
    "N, LAX_PHYSICAL, K1b,   '',                   PHYSICAL",
    "N, WITH_THE_HOLE, K1c,  '',                   PHYSICAL",
    // The identity: the IOMMU is asked, and changes nothing.
    "I, REAL,         K1a,   '',                   THROUGH",
    "I, REAL,         K1b,   '',                   THROUGH",
    "I, REAL,         K2,    '',                   THROUGH",
    "I, REAL,         K3a,   '',                   THROUGH",
    "I, REAL,         K3b,   '',                   DECLINED",
    "I, REAL,         K4,    '',                   THROUGH",
    "I, REAL,         K5,    '',                   THROUGH",
    "I, REAL,         K6,    '',                   THROUGH",
    "I, STRICT,       K1b,   '',                   REFUSED",
    "I, STRICT,       K2,    '',                   THROUGH",
    "I, STRICT,       K3b,   '',                   THROUGH",
    "I, STRICT,       K5,    '',                   THROUGH",
    "I, STRICT,       K5g,   '',                   FAULT",
    "I, STRICT,       K6,    '',                   THROUGH",
    "I, LAX_PHYSICAL, K1b,   '',                   PHYSICAL",
    "I, LAX_BUS,      K1b,   '',                   THROUGH",
    // Translation.
    "T, REAL,         K1a,   '',                   FAULT",
    "T, REAL,         K1b,   '',                   FAULT",
    "T, REAL,         K2,    '',                   FAULT",
    "T, REAL,         K3a,   '',                   DECLINED",
    "T, REAL,         K3b,   '',                   DECLINED",
    "T, REAL,         K4,    '',                   DECLINED",
    "T, REAL,         K4,    whitelist=yes,        THROUGH",
    "T, REAL,         K5,    '',                   FAULT",
    "T, REAL,         K5,    map=identity,         THROUGH",
    "T, REAL,         K6,    '',                   THROUGH",
    "T, REAL,         K6,    iova=pa,              THROUGH",
    "T, STRICT,       K1a,   '',                   UNMATCHED",
    "T, STRICT,       K1b,   '',                   REFUSED",
    "T, STRICT,       K2,    '',                   THROUGH",
    "T, STRICT,       K3a,   '',                   THROUGH",
    "T, STRICT,       K3b,   '',                   THROUGH",
    "T, STRICT,       K4,    '',                   THROUGH",
    "T, STRICT,       K5,    '',                   FAULT",
    "T, STRICT,       K5,    map=identity,         THROUGH",
    "T, STRICT,       K5g,   '',                   FAULT",
    "T, STRICT,       K5old, '',                   REFUSED",
    "T, STRICT,       K6,    '',                   THROUGH",
    "T, STRICT,       K6,    ack=no,               REFUSED",
    "T, LAX_PHYSICAL, K1b,   '',                   PHYSICAL",
    "T, LAX_PHYSICAL, K5old, '',                   CORRUPT",
    "T, LAX_PHYSICAL, K6,    ack=no iova=pa,       PHYSICAL",
    "T, LAX_BUS,      K1b,   '',                   FAULT",
    "T, LAX_BUS,      K6,    ack=no,               THROUGH",
    "T, WITH_THE_HOLE, K1c,  '',                   FAULT",
    // The platform describes an IOMMU that the device goes round.
    "B, SOFTWARE,     K1a,   '',                   PHYSICAL",
    "B, SOFTWARE,     K1b,   '',                   PHYSICAL",
    "B, SOFTWARE,     K2,    '',                   PHYSICAL",
    "B, SOFTWARE,     K3a,   '',                   DECLINED",
    "B, SOFTWARE,     K3b,   '',                   DECLINED",
    "B, SOFTWARE,     K4,    '',                   DECLINED",
    "B, SOFTWARE,     K5,    '',                   PHYSICAL",
    "B, SOFTWARE,     K5old, '',                   CORRUPT",
    "B, SOFTWARE,     K6,    iova=pa,              PHYSICAL"
  })
  void becomes(char mode, Wired wired, String kind, String options, Outcome expected)
      throws Exception {
    device(iommuKind(mode), wired);
    DriverInfo info = aperture.drivers().bind("d", kind, options(options));
    assertThat(outcome(info)).as(info.toString()).isEqualTo(expected);
    if (WORKING.contains(expected)) {
      assertThat(aperture.drivers().reset("d").state()).isEqualTo("bound");
    }
    aperture.drivers().unbind("d");
  }

  @Test
  void after_a_program_the_kernel_has_the_identity_back_and_its_driver_works() throws Exception {
    device(iommuKind('I'), Wired.STRICT);
    aperture.drivers().bind("d", "K6");
    assertThat(verify().orElseThrow().clean()).isTrue();
    assertThat(aperture.devices().show("d").pathMode()).startsWith("T");
    aperture.drivers().unbind("d");
    assertThat(aperture.devices().show("d").pathMode()).startsWith("I");
    aperture.drivers().bind("d", "K2");
    assertThat(verify().orElseThrow().clean()).isTrue();
  }

  @Test
  void firmware_then_system_negotiate_each_in_their_own_way() throws Exception {
    device(iommuKind('T'), Wired.LAX_PHYSICAL);
    assertThat(outcome(aperture.drivers().bind("d", "K1b"))).isEqualTo(Outcome.PHYSICAL);
    aperture.drivers().unbind("d");
    assertThat(outcome(aperture.drivers().bind("d", "K3b"))).isEqualTo(Outcome.THROUGH);
  }

  @Test
  void the_pool_of_a_confidential_guest_is_all_that_its_device_can_reach() throws Exception {
    aperture
        .machines()
        .create(
            new MachineSpec(
                "m", "flat-2.0", 64 << 20, Optional.of(FlatBehavior.KIND), true, false));
    aperture
        .devices()
        .add(
            new DeviceSpec("m", RamDiskType.NAME, Optional.of("d"), AccessSettings.NONE, Map.of()));
    aperture.drivers().bind("d", "K3b");
    IoJob job = aperture.drivers().io("d", new IoPlan(IoPlan.Pattern.VERIFY, 0, 4096, 8, 1));
    await().until(() -> job.report().completed() > 100);
    assertThat(aperture.dma().mappings()).as("while requests are in flight").hasSize(1);
    job.stop();
    assertThat(job.await(Duration.ofSeconds(30))).isTrue();
    assertThat(job.report().clean()).isTrue();
    aperture.drivers().unbind("d");
    assertThat(aperture.dma().mappings()).isEmpty();
  }

  @Test
  void the_reason_of_a_cautious_driver_gives_both_addresses() throws Exception {
    device(iommuKind('T'), Wired.REAL);
    assertThat(aperture.drivers().bind("d", "K3a").reason())
        .matches(".*does not offer bit 33.* 0x[0-9a-f]+ for 0x[0-9a-f]+");
  }
}
