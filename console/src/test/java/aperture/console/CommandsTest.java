package aperture.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.Setting;
import aperture.admin.FaultInfo;
import aperture.console.command.CommandFailure;
import aperture.console.control.FakeJob;
import aperture.virtio.IoPlan;
import jakarta.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is typed into a shell, and what comes back: text, JSON, or one line and a code. */
class CommandsTest {

  private static final String MACHINE = "machine:create m0 toy-1";
  private static final String DEVICE = "device:add m0 blk --id d0 --file disk.img";
  private static final String DRIVER = "driver:bind d0 K2";
  private static final String SERVER =
      "vhost:serve blk --name b0 --socket-path b.sock --file disk.img";

  @TempDir private Path folder;
  private ShellRig shell;

  @BeforeEach
  void start() throws IOException {
    Files.write(folder.resolve("disk.img"), new byte[512]);
    shell = new ShellRig(folder);
  }

  @AfterEach
  void stop() {
    shell.close();
  }

  @Test
  void aListIsATable() throws Exception {
    assertThat(shell.run(MACHINE, "machine:create m1 bare --memory 0x1000000", "machine:list"))
        .isEqualTo(
            """
            NAME  TYPE   ARCH  MEMORY  IOMMU  IOMMU STATE  BEHAVIOR                 DEVICES
            m0    toy-1  toy   64M     toy    attached     aperture.arch.toy 1.0.0  -
            m1    bare   toy   16M     toy    attached     aperture.arch.toy 1.0.0  -
            """);
  }

  @Test
  void aListInJsonIsAnArrayOfObjectsWithTheRecordsNames() throws Exception {
    JsonObject type = shell.json("machine:types --json").asJsonArray().getJsonObject(1);

    assertThat(type.keySet())
        .containsExactly(
            "type",
            "family",
            "version",
            "arch",
            "iommus",
            "defaultIommu",
            "offer",
            "strict",
            "legacy",
            "ram",
            "reserved",
            "pageSize",
            "byteOrder",
            "properties",
            "newest",
            "next",
            "difference");
    assertThat(type.getJsonArray("iommus").getString(1)).isEqualTo("toy");
  }

  @Test
  void theTableOfTypesNamesWhatTheNextVersionHasDifferent() throws Exception {
    assertThat(shell.run("machine:types"))
        .isEqualTo(
            """
            TYPE   FAMILY  VERSION  ARCH  IOMMUS     DEFAULT IOMMU  OFFER  STRICT  LEGACY        DIFFERENCE
            bare   toy     -        toy   none       none           off    on      transitional  iommus, defaultIommu
            toy-1  toy     1        toy   none, toy  toy            off    on      transitional  -
            """);
  }

  @Test
  void aTypeIsShownWithItsDifferenceFromTheNextVersion() throws Exception {
    assertThat(shell.run("machine:show bare"))
        .isEqualTo(
            """
            type           bare
            family         toy
            version        -
            arch           toy
            iommus         none
            default iommu  none
            offer          off
            strict         on
            legacy         transitional
            ram            0x0-0x3fffffff
            reserved       0x1000-0x1fff messages
            page size      4096
            byte order     little
            newest         no
            next           toy-1
            properties
              blk.queue-size  256
            difference
              FIELD         HERE  NEXT
              iommus        none  none, toy
              defaultIommu  none  toy
            """);
    JsonObject type = shell.json("machine:show bare --json").asJsonObject();
    assertThat(type.getJsonArray("difference").getJsonObject(1).toString())
        .isEqualTo("{\"field\":\"defaultIommu\",\"here\":\"none\",\"next\":\"toy\"}");
    assertThat(shell.json("machine:show toy-1 --json").asJsonObject().getBoolean("newest"))
        .isTrue();
  }

  @Test
  void aRunningMachineWinsOverATypeOfItsName() throws Exception {
    assertThat(shell.run("machine:show toy-1")).startsWith("type ");

    assertThat(shell.run("machine:create toy-1 bare", "machine:show toy-1")).startsWith("name ");
    assertThat(shell.json("machine:show toy-1 --json").asJsonObject().getString("type"))
        .isEqualTo("bare");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "machine:list | machine:create",
        "device:list | machine:create",
        "dma:mappings | driver:bind",
        "dma:faults | dma:translate",
      })
  void anEmptyListSaysWhyAndNamesTheNextCommand(String line, String next) throws Exception {
    assertThat(shell.run(line)).startsWith("no ").contains(next);
    assertThat(shell.json(line + " --json").asJsonArray()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "machine:show m0",
        "machine:show bare",
        "device:show d0",
        "device:stats d0",
        "device:why d0",
        "driver:show d0",
        "driver:reset d0",
        "policy:explain d0",
        "policy:show",
        "policy:set offer on",
        "dma:translate d0 0x1000 8 r --explain",
        "driver:io d0",
        "driver:wait d0",
      })
  void aRecordIsAPageOrAnObject(String line) throws Exception {
    shell.run(MACHINE, DEVICE, DRIVER, "driver:io d0");

    JsonObject object = shell.json(line + " --json").asJsonObject();
    String first = object.keySet().iterator().next();

    assertThat(shell.run(line)).contains(first).contains(object.getString(first));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "machine:types",
        "machine:list",
        "device:types",
        "device:list",
        "driver:kinds",
        "dma:mappings",
        "dma:mappings m0",
        "dma:faults",
      })
  void everyListHasRowsInBothForms(String line) throws Exception {
    shell.run(MACHINE, DEVICE, DRIVER);
    shell.controls.faults.add(
        new FaultInfo(
            "m0", "d0", "00:01.0", "0x9000", "r", "UNMAPPED", "0x6", "not there", "", "FRCD0", 2));

    assertThat(shell.json(line + " --json").asJsonArray())
        .isNotEmpty()
        .allSatisfy(row -> assertThat(row).isInstanceOf(JsonObject.class));
    assertThat(shell.run(line).lines().count()).isGreaterThan(1);
  }

  @Test
  void aDeviceTakesItsTypesOptionsAndItsFileFromTheSessionsFolder() throws Exception {
    shell.run(
        MACHINE,
        "device:add m0 --file disk.img --read-only blk --cache=back --id d0 --access-platform on"
            + " --strict off --unsafe");

    var spec = shell.controls.devices.get("d0");
    assertThat(spec.options())
        .isEqualTo(
            Map.of(
                "file", folder.resolve("disk.img").toString(), "read-only", "on", "cache", "back"));
    assertThat(spec.access().accessPlatform()).isEqualTo(Setting.ON);
    assertThat(spec.access().strict()).isEqualTo(Setting.OFF);
    assertThat(spec.access().unsafe()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "machine:create m1 toy-11 | unknown machine type 'toy-11'; did you mean 'toy-1'?",
        "machine:create m1 toy-1 --iommu tyo | machine type toy-1: unknown IOMMU kind 'tyo'; did"
            + " you mean 'toy'?",
        "machine:create m1 toy-1 --memory 12X | --memory '12X' is no size",
        "machine:create m1 | machine:create: TYPE is missing; usage: machine:create NAME TYPE",
        "machine:show mo | unknown machine or machine type 'mo'; did you mean 'm0'?",
        "machine:show toy-l | unknown machine or machine type 'toy-l'; did you mean 'toy-1'?",
        "device:add m0 blc --file disk.img | unknown device type 'blc'; did you mean 'blk'?",
        "device:add m0 blk --flie disk.img | device:add: unknown option '--flie'; did you mean"
            + " '--file'?",
        "device:add m0 blk --file dsk.img | no such file: dsk.img; did you mean 'disk.img'?",
        "device:add m0 blk | device type blk needs --file: raw image",
        "device:add m0 blk --max-bytes 4 --file disk.img | unknown option of device type blk"
            + " '--max-bytes'",
        "device:add m0 blk --file disk.img --cache bck | unknown value of --cache 'bck'; did you"
            + " mean 'back'?",
        "device:add m0 blk --file disk.img --strict yes | unknown value of --strict 'yes'; known:"
            + " off, on",
        "device:show d1 | unknown device 'd1'; did you mean 'd0'?",
        "driver:bind d0 K3 | unknown driver kind 'K3'; did you mean 'K2'?",
        "driver:io d0 --pattern raed | unknown value of --pattern 'raed'; did you mean 'read'?",
        "driver:io d0 --block 1000 | --block 1000 is not a multiple of 512",
        "driver:io d0 --depth 0 | --depth 0 is out of range (1 to 32768)",
        "driver:io d0 --requests -1 | --requests '-1' is no number",
        "dma:translate d0 0xZZ 1 r | IOVA '0xZZ' is no number",
        "dma:translate d0 0x1000 0 r | LEN '0' is no size",
        "dma:translate d0 0x1000 1 x | unknown access 'x'; did you mean",
        "dma:translate d0 0x1000 1 r extra | dma:translate: 'extra' is too much",
        "policy:set ofer on | unknown setting 'ofer'; did you mean 'offer'?",
        "dma:replay nowhere | no such capture folder:",
        "dma:capture m0 disk.img | is a file; a capture is a folder",
        "dma:capture m0 c --iommu toy | --iommu is for the guest of a server; --qmp SOCKET is",
        "dma:capture b0 c | b0 is a server: --qmp SOCKET, its QEMU's control socket, is missing",
        "dma:capture b1 c --qmp q | unknown server 'b1'; did you mean 'b0'?",
        "dma:capture b0 c --qmp q | server b0 was given no machine type",
        "dma:capture b0 c --qmp q --iommu toy | nobody listens as -qmp unix:",
        "dma:capture b0 c --qmp q --iommu toy --endpoint 1 | --endpoint '1' is no PCI address",
        "dma:translate 00:01.0 0x1000 1 r --capture nowhere | no such capture folder:",
      })
  void aWrongWordIsOneLineWithTheRightOneAndCodeTwo(String line, String complaint)
      throws Exception {
    shell.run(MACHINE, DEVICE, DRIVER, SERVER);

    assertThatThrownBy(() -> shell.run(line))
        .isInstanceOfSatisfying(
            CommandFailure.class,
            e -> {
              assertThat(e.exitCode()).isEqualTo(2);
              assertThat(e.toString()).contains(complaint).doesNotContain("\n");
            });
  }

  @Test
  void ioReadsByDefaultSoThatNothingChanges() throws Exception {
    shell.run(MACHINE, DEVICE, DRIVER, "driver:io d0");
    assertThat(shell.controls.plan).isEqualTo(new IoPlan(IoPlan.Pattern.READ, 1000, 4096, 8, 1));

    shell.run("driver:io d0 --background");
    assertThat(shell.controls.plan.requests()).isZero();

    shell.run("driver:io d0 --pattern verify --requests 0x10 --block 64K --depth 2 --seed 7");
    assertThat(shell.controls.plan).isEqualTo(new IoPlan(IoPlan.Pattern.VERIFY, 16, 65536, 2, 7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"driver:io d0", "driver:wait d0"})
  void ioThatIsNotCleanIsShownAndFails(String line) throws Exception {
    shell.controls.nextJob = FakeJob.losing();
    shell.run(MACHINE, DEVICE, DRIVER, "driver:io d0 --background");

    assertThatThrownBy(() -> shell.run(line + " --json"))
        .isInstanceOfSatisfying(CommandFailure.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasToString("I/O through d0 is not clean: 3 lost");
    assertThat(shell.printed()).startsWith("{\"device\":\"d0\"").contains("\"lost\":3");
  }

  @Test
  void waitingEndsInTimeAndStopEndsTheIo() throws Exception {
    shell.controls.nextJob = FakeJob.endless();
    shell.run(MACHINE, DEVICE, DRIVER, "driver:io d0 --background");

    assertThatThrownBy(() -> shell.run("driver:wait d0 --timeout 0"))
        .hasToString("I/O through d0 has not ended in time; driver:wait d0 --stop ends it");
    assertThat(shell.json("driver:wait d0 --stop --json").asJsonObject().getBoolean("clean"))
        .isTrue();
  }

  @Test
  void waitingForIoThatNobodyStartedSaysSo() throws Exception {
    shell.run(MACHINE, DEVICE, DRIVER);

    assertThatThrownBy(() -> shell.run("driver:wait d0"))
        .hasToString("no I/O was started through d0; driver:io d0 starts some");
    assertThatThrownBy(() -> shell.run("driver:wait")).hasMessageContaining("DEVICE is missing");
  }

  @Test
  void aTranslationShowsAddressesInHexadecimalAndStepsOnlyWhenAsked() throws Exception {
    shell.run(MACHINE, DEVICE, DRIVER);

    JsonObject plain = shell.json("dma:translate d0 0x2800 4K r --json").asJsonObject();
    assertThat(plain.getString("iova")).isEqualTo("0x2800");
    assertThat(plain.getBoolean("ok")).isFalse();

    JsonObject explained =
        shell.json("dma:translate d0 4096 0x10 r --explain --json").asJsonObject();
    assertThat(explained.getJsonArray("ranges").getJsonObject(0).getString("gpa"))
        .isEqualTo("0x5000");
    assertThat(explained.getJsonArray("steps").getJsonObject(0).getString("value"))
        .isEqualTo("0x5001");
    assertThat(shell.json("dma:translate d0 4096 16 r --json").asJsonObject().getJsonArray("steps"))
        .isEmpty();
  }

  @Test
  void aCaptureIsAskedInsteadOfADevice() throws Exception {
    shell.run(MACHINE, DEVICE, DRIVER, "dma:capture m0 taken");

    JsonObject answer =
        shell.json("dma:translate 00:01.0 4096 16 r --capture taken --json").asJsonObject();

    assertThat(answer.getString("device")).isEqualTo("00:01.0");
    assertThat(answer.getBoolean("ok")).isTrue();
    assertThatThrownBy(() -> shell.run("dma:translate d0 4096 16 r --capture taken"))
        .hasMessageContaining("unknown endpoint 'd0'");
  }

  @Test
  void aDeniedTranslationNamesTheSubRange() throws Exception {
    shell.run(MACHINE, DEVICE, DRIVER);

    JsonObject denied = shell.json("dma:translate d0 0x1000 16 w --json").asJsonObject();

    assertThat(denied.getBoolean("ok")).isFalse();
    JsonObject fault = denied.getJsonObject("fault");
    assertThat(fault.getJsonArray("denied").getJsonObject(0).getString("iova")).isEqualTo("0x1000");
    assertThat(shell.run("dma:translate d0 0x1000 16 w")).contains("denied").contains("0x9000");
  }

  @Test
  void settingsAreKeptAndShown() throws Exception {
    shell.run("policy:set strict off");

    assertThat(shell.controls.strict).isEqualTo(Setting.OFF);
    assertThat(shell.json("policy:show --json").toString())
        .isEqualTo("{\"offer\":\"unset\",\"strict\":\"off\"}");
    assertThat(shell.run("policy:set strict unset")).contains("unset");
  }

  @Test
  void numbersKeepTheirText() throws Exception {
    shell.run("machine:create 007 toy-1", "machine:create 1e3 toy-1");

    assertThat(shell.controls.machines).containsOnlyKeys("007", "1e3");
  }

  @Test
  void everyCommandExplainsItself() throws Exception {
    assertThat(shell.run("device:add --help"))
        .contains("usage:", "example: device:add m0 blk", "--access-platform on|off");
  }

  @Test
  void resultsCanBePipedAndUsedAsNames() throws Exception {
    assertThat(shell.run("x = (machine:create m7 toy-1)", "machine:show $x")).contains("m7");
  }

  @Test
  void endingAndRemovingSayWhatIsGone() throws Exception {
    assertThat(shell.run(MACHINE, DEVICE, DRIVER, "driver:unbind d0")).contains("d0 has no driver");
    assertThat(shell.run("device:remove d0")).contains("d0 is gone");
    assertThat(shell.run("machine:destroy m0")).contains("m0 has ended");
    assertThat(shell.controls.machines).isEmpty();
  }
}
