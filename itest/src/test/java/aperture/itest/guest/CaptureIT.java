package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The IOMMU of a real guest is captured in the middle of its work, which then goes on. */
@NeedsGuests
class CaptureIT {

  private static final Logger LOG = System.getLogger(CaptureIT.class.getName());
  private static final int JOBS = 2;
  private static final int PROGRESS = 4;
  private static final int MOST_CAPTURES = 5;

  @TempDir Path folder;

  private ServingConsole console;
  private int captures;

  @BeforeEach
  void start() throws Exception {
    console = ServingConsole.start(folder);
  }

  @AfterEach
  void end() {
    console.close();
  }

  static Stream<Arguments> lines() {
    return Stream.of(
        Arguments.of(GuestLines.X86_VTD_STRICT, "intel-vtd"),
        Arguments.of(GuestLines.ARM64_SMMU, "arm-smmuv3"));
  }

  @ParameterizedTest
  @MethodSource("lines")
  void whatQemuAnsweredIsWhatAWalkOfItsGuestsTablesGives(
      GuestLine line, String kind, GuestTools tools) throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path socket = console.serve("d0", disk.image(), "--access-platform", "on");
    Plan plan = Plan.first().load(JOBS).sha().powerOff();
    GuestSetup setup = GuestSetup.of(line, plan, new GuestDevice.ServedDisk(socket));

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      guest.awaitDisk();
      guest.awaitProgress(JOBS * PROGRESS);

      JsonObject taken = capture(guest, kind);
      String folderOfIt = "capture-" + captures;

      LOG.log(
          Level.WARNING,
          "captured: {0}: {1} answers, {2} agree, {3} pages",
          line,
          taken.get("answers"),
          taken.get("agree"),
          taken.get("pages"));
      assertThat(taken.getString("iommu")).isEqualTo(kind);
      assertThat(taken.getString("machine")).isEqualTo(line.type());
      assertThat(taken.getInt("answers")).as("in flight: %s", taken).isPositive();
      assertThat(taken.getInt("agree")).as("%s", taken).isEqualTo(taken.getInt("answers"));
      assertThat(taken.getInt("pages")).isGreaterThan(2);
      JsonObject replayed = console.array("dma:replay " + folderOfIt).getJsonObject(0);
      assertThat(replayed.getInt("agree")).isEqualTo(taken.getInt("answers"));
      String endpoint = taken.getJsonArray("endpoints").getString(0);
      JsonObject explained =
          console.object(
              "dma:translate %s 0 1 r --explain --capture %s".formatted(endpoint, folderOfIt));
      assertThat(explained.getJsonArray("steps")).isNotEmpty();

      guest.awaitProgress(JOBS * PROGRESS);
      ServedGuestsIT.assertClean(guest.endLoad());
      assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digestOfFile());
      guest.await("poweroff");
      guest.awaitEnd();
    }
    assertThat(console.show("d0").stale()).isZero();
  }

  /**
   * A guest may be stopped between clearing an entry and saying so: QEMU's answer is of before
   * then, and the walk of after. That is rare, and never so several times in a row.
   */
  private JsonObject capture(QemuGuest guest, String kind) throws Exception {
    while (true) {
      captures++;
      JsonObject taken =
          console.object(
              "dma:capture d0 capture-%d --qmp %s --iommu %s"
                  .formatted(captures, guest.control(), kind));
      if (taken.getInt("agree") == taken.getInt("answers") || captures == MOST_CAPTURES) {
        return taken;
      }
    }
  }
}
