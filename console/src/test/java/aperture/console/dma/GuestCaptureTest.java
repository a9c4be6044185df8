package aperture.console.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.ReplayQuestion;
import aperture.console.capture.Capture;
import aperture.console.capture.CaptureReader;
import aperture.console.command.Outcome;
import aperture.console.control.FakeControls;
import aperture.console.qmp.FakeQemu;
import aperture.console.qmp.PciAddress;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuSnapshot;
import aperture.memory.MemoryRange;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.VhostTranslation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest is captured while it stands still, and goes on whatever has happened. */
class GuestCaptureTest {

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(300);

  @TempDir private Path folder;
  private final FakeControls controls = new FakeControls();
  private FakeQemu qemu;

  @BeforeEach
  void serveAGuest() throws Exception {
    qemu = new FakeQemu(folder.resolve("qmp"), folder.resolve("disk.sock"));
    serve(Optional.of("toy-1"));
    controls.vhost.translations =
        List.of(
            new VhostTranslation(0x1000, 0x1000, 0x5000, true, false),
            new VhostTranslation(0x20_0000, 0x20_0000, 0x40_0000, true, true));
  }

  @AfterEach
  void end() {
    qemu.close();
  }

  private void serve(Optional<String> machineType) throws Exception {
    controls.vhost.serve(
        new VhostServeSpec(
            Optional.of("blk0"),
            "blk",
            Optional.of(folder.resolve("disk.sock")),
            OptionalInt.empty(),
            machineType,
            Setting.ON,
            false,
            Map.of("file", "disk.img")));
  }

  private GuestCapture.Wanted wanted() {
    return new GuestCapture.Wanted(
        controls.vhost.list().getFirst(),
        folder.resolve("capture"),
        folder.resolve("qmp"),
        Optional.empty(),
        Optional.empty());
  }

  private Outcome take(GuestCapture.Wanted wanted, Duration limit) throws Exception {
    return new GuestCapture(controls, limit).take(wanted);
  }

  @Test
  void aCaptureHoldsRegistersPagesAndWhatTheFrontEndTold() throws Exception {
    Outcome outcome = take(wanted(), LIMIT);

    assertThat(outcome.failure()).isEmpty();
    assertThat(outcome.result())
        .isInstanceOfSatisfying(
            CaptureResult.class,
            result -> {
              assertThat(result.server()).isEqualTo("blk0");
              assertThat(result.machine()).isEqualTo("toy-1");
              assertThat(result.endpoints()).containsExactly("02:00.0");
              assertThat(result.agree()).isEqualTo(5);
            });
    Capture capture = CaptureReader.read(folder.resolve("capture"));
    IommuSnapshot state = capture.snapshot();
    assertThat(state.kind()).isEqualTo("toy");
    assertThat(state.machine()).isEqualTo("toy-1");
    assertThat(state.registers())
        .containsOnly(Map.entry("ROOT", 0x9000L), Map.entry("MODE", 0xc400_0000L));
    assertThat(state.endpoints())
        .containsExactly(new Endpoint(0, "02:00.0", 0x200, Map.of("device", "virtio-blk")));
    assertThat(state.ram()).containsExactly(new MemoryRange(0, 1 << 20));
    assertThat(state.pages().getFirst().bytes()).containsOnly(9);
    assertThat(capture.questions())
        .containsExactly(
            question(0x1000, Access.READ, 0x5000),
            question(0x20_0000, Access.READ, 0x40_0000),
            question(0x20_0000, Access.WRITE, 0x40_0000),
            question(0x3f_ffff, Access.READ, 0x5f_ffff),
            question(0x3f_ffff, Access.WRITE, 0x5f_ffff));
    assertThat(Files.readString(folder.resolve("capture/capture.json")))
        .contains("\"qemu\": \"7.2.22\"");
    assertThat(controls.vhost.guestsClosed).isEqualTo(1);
  }

  private static ReplayQuestion question(long iova, Access access, long gpa) {
    return new ReplayQuestion("02:00.0", iova, access, OptionalLong.of(gpa));
  }

  @Test
  void theGuestStandsStillWhileRegistersAreReadAndGoesOnAfterwards() throws Exception {
    Outcome ignored = take(wanted(), LIMIT);

    assertThat(qemu.asked())
        .endsWith("stop", "human-monitor-command", "human-monitor-command", "cont");
  }

  @Test
  void answersThatTheTablesDoNotGiveFailTheCommandAndAreWrittenAllTheSame() throws Exception {
    controls.disagreeing = 2;

    Outcome outcome = take(wanted(), LIMIT);

    assertThat(outcome.failure()).startsWith("2 of 5 answers that the front end gave");
    assertThat(folder.resolve("capture/truth.jsonl")).isNotEmptyFile();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "human-monitor-command | {\"return\": \"00000000fed00000: Cannot access memory\\r\\n\"}"
            + " | has no register ROOT at 0xfed00000",
        "human-monitor-command | {\"return\": \"00000000fed00010: 0x1\"} | has no register ROOT",
        "human-monitor-command | {\"return\": \"00000000fed00000: 0x11112222333344445\"} | ROOT",
        "human-monitor-command | {\"return\": {}} | has no register ROOT",
        "human-monitor-command | {\"error\": {\"desc\": \"no monitor\"}} | no monitor",
        "human-monitor-command | {\"error\": 7} | refuses human-monitor-command",
        "human-monitor-command | not json | says what is no JSON object: not json",
        "human-monitor-command | [1] | says what is no JSON object",
        "human-monitor-command | {\"id\": 4} | answers human-monitor-command with",
        "human-monitor-command | hang up | has not given an answer to human-monitor-command",
        "human-monitor-command | silence | has not given an answer to human-monitor-command",
        "stop | {\"error\": {\"desc\": \"in migration\"}} | refuses stop: in migration",
        "stop | silence | has not given an answer to stop within 300 ms",
        "stop | hang up | has not given an answer to stop",
      })
  void whateverFailsWhileItStandsStillTheGuestIsContinuedAndNothingIsWritten(
      String command, String answer, String message) {
    qemu.instead(command, answer);

    assertThatThrownBy(() -> take(wanted(), SHORT))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(1))
        .hasMessageContaining(message);
    assertThat(qemu.asked("cont")).isPositive();
    assertThat(qemu.asked().getLast()).isEqualTo("cont");
    nothingIsWritten();
  }

  private void nothingIsWritten() {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("qmp");
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
    assertThat(controls.vhost.guestsClosed).isEqualTo(1);
  }

  @Test
  void memoryThatGoesAwayIsAnErrorAndTheGuestIsContinued() {
    controls.vhost.gone = true;

    assertThatThrownBy(() -> take(wanted(), LIMIT)).hasMessageContaining("memory is gone");
    assertThat(qemu.asked().getLast()).isEqualTo("cont");
    nothingIsWritten();
  }

  @Test
  void anInterruptedCaptureContinuesTheGuest() throws Exception {
    qemu.instead("human-monitor-command", FakeQemu.SILENCE);
    Thread taking =
        Thread.ofPlatform()
            .start(() -> {
              try {
                Outcome ignored = take(wanted(), LIMIT);
              } catch (Exception e) {
                // what it says is not looked at here
              }
            });
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (qemu.asked("human-monitor-command") == 0) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }

    taking.interrupt();
    assertThat(taking.join(LIMIT)).isTrue();

    assertThat(qemu.asked().getLast()).isEqualTo("cont");
  }

  @Test
  void aGuestThatCannotBeContinuedIsSaidToStandStill() {
    qemu.instead("cont", FakeQemu.refused("not now"));

    assertThatThrownBy(() -> take(wanted(), LIMIT))
        .hasMessageContaining("the guest may still be stopped")
        .hasMessageContaining("not now");
    assertThat(qemu.asked("cont")).isEqualTo(2);
    nothingIsWritten();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "query-status | {\"return\": {\"running\": false}} | the guest does not run",
        "query-status | {\"return\": {\"running\": 1}} | does not say whether its guest runs",
        "query-version | {\"return\": []} | has no version",
        "qom-get | {\"return\": \"toy\"} | runs no machine that has a name",
        "query-chardev | {\"return\": []} | no device whose chardev leads to",
        "query-chardev | {\"return\": {\"label\": 1}} | no device whose chardev leads to",
        "qom-list | {\"return\": [1, {\"name\": 2}]} | --endpoint BB:SS.F says which it is",
        "query-pci | {\"return\": []} | does not say where",
        "query-pci | {\"return\": [{\"devices\": [{\"qdev_id\": \"rp0\", \"pci_bridge\": {\"bus\":"
            + " {\"secondary\": 256}}}]}]} | does not say where",
      })
  void whatQemuDoesNotSayIsToldBeforeTheGuestIsStopped(
      String command, String answer, String message) {
    qemu.instead(command, answer);

    assertThatThrownBy(() -> take(wanted(), LIMIT)).hasMessageContaining(message);
    assertThat(qemu.asked("stop")).isZero();
    nothingIsWritten();
  }

  @Test
  void anAnswerThatIsNestedTooDeeplyIsAnErrorAndTheGuestIsContinued() {
    qemu.instead("human-monitor-command", "{\"return\": " + "[".repeat(1 << 20));

    assertThatThrownBy(() -> take(wanted(), LIMIT)).hasMessageContaining("is no JSON object");
    assertThat(qemu.asked().getLast()).isEqualTo("cont");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"hello\": 1}", "", "{\"QMP\": 1"})
  void whoeverDoesNotGreetAsQemuIsNotTalkedTo(String greeting) {
    qemu.greet(greeting);

    assertThatThrownBy(() -> take(wanted(), SHORT)).isInstanceOf(ControlException.class);
    assertThat(qemu.asked()).isEmpty();
  }

  @Test
  void aLineWithoutEndIsNotKept() {
    qemu.greet("x".repeat(5 << 20));

    assertThatThrownBy(() -> take(wanted(), LIMIT)).hasMessageContaining("a line of more than");
  }

  @Test
  void aSocketWithoutListenerIsAWrongArgument() {
    GuestCapture.Wanted wrong =
        new GuestCapture.Wanted(
            controls.vhost.list().getFirst(),
            folder.resolve("capture"),
            folder.resolve("qpm"),
            Optional.empty(),
            Optional.empty());

    assertThatThrownBy(() -> take(wrong, LIMIT))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining("nobody listens");
  }

  @Test
  void anEndpointThatIsSaidIsNotAskedFor() throws Exception {
    GuestCapture.Wanted said =
        new GuestCapture.Wanted(
            controls.vhost.list().getFirst(),
            folder.resolve("capture"),
            folder.resolve("qmp"),
            Optional.of("toy"),
            Optional.of(PciAddress.parse("--endpoint", "0a:1f.7")));

    Outcome ignored = take(said, LIMIT);

    assertThat(CaptureReader.read(folder.resolve("capture")).snapshot().endpoints().getFirst())
        .isEqualTo(new Endpoint(0, "0a:1f.7", 0xaff, Map.of("device", "virtio-blk")));
    assertThat(qemu.asked()).doesNotContain("query-chardev");
  }

  @Test
  void aDeviceOfTheHostBridgeIsOnBusZeroAndOneBehindANamelessBridgeIsNotGuessed() throws Exception {
    String device = "/machine/peripheral-anon/device[1]";
    qemu.property(device, "addr", "25");
    qemu.property(device, "parent_bus", "\"/machine/peripheral-anon/device[0]/device[0]\"");
    assertThatThrownBy(() -> take(wanted(), LIMIT)).hasMessageContaining("does not say where");

    qemu.property(device, "parent_bus", "\"/machine/q35/pcie.0\"");
    Outcome outcome = take(wanted(), LIMIT);

    assertThat(((CaptureResult) outcome.result()).endpoints()).containsExactly("00:03.1");
  }

  @Test
  void withoutAMachineTypeTheKindMustBeSaid() throws Exception {
    serve(Optional.empty());

    assertThatThrownBy(() -> take(wanted(), LIMIT))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining("--iommu KIND");
    assertThat(qemu.asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0:0", "00:20.0", "00:03.8", "100:03.0", "-1:00.0"})
  void whatIsNoPciAddressIsAWrongArgument(String text) {
    assertThatThrownBy(() -> PciAddress.parse("--endpoint", text))
        .isInstanceOfSatisfying(ControlException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageContaining("is no PCI address");
  }
}
