package aperture.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.console.command.CommandFailure;
import aperture.console.control.EngineControls;
import aperture.console.reference.Suppliers;
import aperture.core.Aperture;
import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code device:why} and {@code policy:explain} on the real engine: what is wrong, what to do. */
class WhyTest {

  private static final String DISK = " blk --id d0 --store memory --size 256K ";

  private static Suppliers suppliers;

  @TempDir private Path folder;
  private Aperture engine;
  private ShellRig shell;

  @BeforeAll
  static void readTheBundles() {
    suppliers = Suppliers.onClassPath();
  }

  @AfterAll
  static void forgetThem() {
    suppliers = null;
  }

  @BeforeEach
  void start() {
    engine = suppliers.engine();
    shell = new ShellRig(folder, Optional.of(new EngineControls(engine)));
  }

  @AfterEach
  void stop() {
    shell.close();
    engine.close();
  }

  private JsonObject why(String machine, String device, String driver) throws Exception {
    shell.run("machine:create m0 " + machine, "device:add m0" + DISK + device);
    if (!driver.isEmpty()) {
      shell.run("driver:bind d0 " + driver);
    }
    return shell.json("device:why d0 --json").asJsonObject();
  }

  /** Does I/O that fails, and returns when it did. */
  private void io() {
    assertThatThrownBy(() -> shell.run("driver:io d0 --pattern verify --requests 64"))
        .isInstanceOf(CommandFailure.class);
  }

  private static String findings(JsonObject why) {
    return why.getJsonArray("findings").stream()
        .map(Object::toString)
        .collect(Collectors.joining("\n"));
  }

  @ParameterizedTest(name = "{0}: {1} {2} {3}")
  @CsvSource(
      delimiter = '|',
      value = {
        "nobody drives it | pc-q35-7.2 | '' | '' | no driver is bound",
        "a refusal | pc-q35-7.2 --iommu intel-vtd | --access-platform on | K1b | did not accept"
            + " ACCESS_PLATFORM and the device is strict",
        "a refusal | pc-q35-7.2 | --legacy off | K1c | did not accept VERSION_1",
        "a decline | pc-q35-7.2 --iommu intel-vtd | '' | K3a | the IOMMU changes addresses",
        "a decline | pc-q35-7.2 | '' | K3b | memory is restricted",
        "a decline | pc-q35-7.2 | --access-platform on | K6 | no IOMMU group",
        "no registers | pc-q35-7.2 | --access-platform on | K1a | no legacy register interface",
        "a fault | pc-q35-7.2 --iommu intel-vtd | --wiring hardware | K2 | UNMAPPED",
        "a fault | pseries-7.2 | --access-platform on --strict off --unacked translated | K1b |"
            + " UNMAPPED",
      })
  void whatIsWrongIsNamedWithOneActionToTake(
      String what, String machine, String device, String driver, String finding) throws Exception {
    var _ = why(machine, device, driver);
    if (what.equals("a fault")) {
      io();
    }

    JsonObject why = shell.json("device:why d0 --json").asJsonObject();

    assertThat(why.getBoolean("healthy")).as(what).isFalse();
    assertThat(findings(why)).as(what).contains(finding);
    assertThat(why.getString("action"))
        .as(what)
        .isNotEqualTo("none needed")
        .isNotBlank()
        .doesNotContain("\n");
  }

  @ParameterizedTest(name = "{2} on {0} {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "pc-q35-7.2 | '' | '' | driver:bind d0 K2",
        "pc-q35-7.2 | --access-platform on | K1b | bind a driver that accepts the bit, or add the"
            + " device with --strict off",
        "pc-q35-7.2 | --legacy off | K1c | driver:bind d0 K2",
        "pc-q35-7.2 --iommu intel-vtd | '' | K3a | add the device with --access-platform on",
        "pc-q35-7.2 | '' | K3b | add the device with --access-platform on",
        "pc-q35-7.2 | --access-platform on | K6 | a machine with an IOMMU",
        "pc-q35-7.2 | --access-platform on | K1a | driver:bind d0 K2",
        "pc-q35-7.2 --iommu intel-vtd | '' | K6 | device:remove d0, and add it with"
            + " --access-platform on",
        "pc-q35-7.2 --iommu intel-vtd | --access-platform on --strict off | K1b | add the device"
            + " with --strict on",
        "pc-q35-7.2 --iommu intel-vtd | '' | K2 | add the device with --access-platform on",
      })
  void theActionFitsWhatIsWrong(String machine, String device, String driver, String action)
      throws Exception {
    assertThat(why(machine, device, driver).getString("action")).contains(action);
  }

  @Test
  void corruptionThatNobodyReportsIsFoundWhereADeviceGoesRound() throws Exception {
    JsonObject why = why("pc-q35-7.2 --iommu intel-vtd", "", "K4 --whitelist yes");

    assertThat(why.getBoolean("healthy")).isFalse();
    assertThat(findings(why)).contains("driver K4 posts addresses of the bus", "not meant");
  }

  @Test
  void corruptionIsFoundByWhatIoReads() throws Exception {
    var _ = why("xenfv", "", "K5old");
    io();

    JsonObject why = shell.json("device:why d0 --json").asJsonObject();

    assertThat(why.getBoolean("healthy")).isFalse();
    assertThat(findings(why)).contains("blocks other than they were written");
    assertThat(why.getString("action")).contains("driver:unbind d0", "K2");
  }

  @Test
  void howTheDeviceIsWiredIsExplained() throws Exception {
    shell.run(
        "machine:create m0 pc-q35-7.2 --iommu intel-vtd",
        "device:add m0"
            + DISK
            + "--access-platform on --strict off --unacked translated --wiring hardware");

    JsonObject explained = shell.json("policy:explain d0 --json").asJsonObject();

    assertThat(explained.getString("unacked")).isEqualTo("translated");
    assertThat(explained.getString("wiring")).isEqualTo("hardware");
    assertThat(explained.getString("interfaces")).isEqualTo("modern registers");
    assertThat(explained.getJsonArray("outcome").getString(1)).contains("fault");
    assertThat(explained.getJsonArray("changes").toString())
        .contains("--unacked physical", "--bus-bypass");
  }

  @Test
  void aFaultIsNamedByRequesterAddressAndAccess() throws Exception {
    var _ = why("pc-q35-7.2 --iommu intel-vtd", "--wiring hardware", "K2");
    io();

    assertThat(findings(shell.json("device:why d0 --json").asJsonObject()))
        .containsPattern("NEEDS_RESET: queue 0: .*")
        .containsPattern("DMA fault, \\d+ times: 00:01\\.0 read of 0x[0-9a-f]+: UNMAPPED");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pc-q35-7.2 --iommu intel-vtd | '' | K2 | goes round the IOMMU in front of it",
        "pseries-7.2 | '' | K1b | goes round the IOMMU in front of it",
        "pc-q35-7.2 --iommu intel-vtd | --access-platform on --strict off | K1b | did not accept"
            + " ACCESS_PLATFORM and the device is not strict",
        "pc-q35-7.2 --iommu intel-vtd | --access-platform off --unsafe | K6 | goes round the IOMMU",
      })
  void whatWorksWithoutProtectionIsWarnedAbout(
      String machine, String device, String driver, String warning) throws Exception {
    JsonObject why = why(machine, device, driver);

    assertThat(findings(why)).contains("warning: ", warning);
    assertThat(why.getString("action")).isNotEqualTo("none needed");
  }

  @Test
  void whereNothingIsWrongNothingIsToBeDone() throws Exception {
    JsonObject why = why("pc-q35-7.2 --iommu intel-vtd", "--access-platform on", "K2");

    assertThat(why.getBoolean("healthy")).isTrue();
    assertThat(why.getString("action")).isEqualTo("none needed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pc-q35-7.2 | '' | N: no IOMMU over this device | has no IOMMU",
        "pc-q35-7.2 --iommu intel-vtd | '' | B: the platform describes an IOMMU | IOMMU intel-vtd"
            + " is in front, but addresses are physical",
        "pc-q35-7.2 --iommu intel-vtd | --access-platform on | T: an IOMMU over the device"
            + " translates | bit 33 is in use",
        "pc-q35-7.2 --iommu intel-vtd | --bus-bypass | N: no IOMMU over this device | not on a bus"
            + " that IOMMU intel-vtd is in front of",
        "pc-q35-7.2 --iommu intel-vtd,domain=identity | --access-platform on | I: an IOMMU over"
            + " the device maps memory to itself | maps memory to itself",
        "40p | --access-platform on | W: bus addresses are physical plus a constant | fixed"
            + " windows",
      })
  void thePathIsExplained(String machine, String device, String mode, String reason)
      throws Exception {
    shell.run("machine:create m0 " + machine, "device:add m0" + DISK + device);

    JsonObject explained = shell.json("policy:explain d0 --json").asJsonObject();

    assertThat(explained.getString("pathMode")).startsWith(mode);
    assertThat(explained.getString("pathReason")).contains(reason);
    assertThat(List.copyOf(explained.getJsonArray("changes"))).isNotEmpty();
  }
}
