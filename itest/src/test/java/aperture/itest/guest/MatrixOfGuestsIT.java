package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.JsonObject;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of unmodified Linux, which is driver kind K2, is what the matrix says of that kind.
 * Each guest has an IOMMU before its disk; the disk offers bit 33, or goes round.
 */
@NeedsGuests
class MatrixOfGuestsIT {

  /** QEMU asks itself once for each start of a ring: the firmware's, and the kernel's. */
  private static final long GREETINGS = 2;

  @TempDir Path folder;

  private ServingConsole console;

  @BeforeEach
  void start() throws Exception {
    console = ServingConsole.start(folder);
  }

  @AfterEach
  void end() {
    console.close();
  }

  static Stream<Arguments> guests() {
    return Stream.of(GuestLines.X86_VTD_STRICT, GuestLines.ARM64_SMMU, GuestLines.PPC64_TCE)
        .flatMap(line ->
            Stream.of(Arguments.of(line, "T", "WT"), Arguments.of(line.goingRound(), "B", "WP")));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("guests")
  void aGuestIsServedAsTheMatrixSaysOfItsKindOfDriver(
      GuestLine line, String mode, String outcome, GuestTools tools) throws Exception {
    boolean offered = line.accessPlatform();
    assertThat(foretold(line, mode, offered)).containsOnly(outcome);
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path socket = console.serve("d0", disk.image(), "--access-platform", offered ? "on" : "off");
    GuestSetup setup = GuestSetup.of(line, DiskPlan.plan(), new GuestDevice.ServedDisk(socket));

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      DiskPlan.follow(guest, disk);

      ServedFacts facts = console.show("d0");
      assertThat(facts.broken()).isEmpty();
      assertThat(facts.stale()).isZero();
      assertThat(facts.misses() > 0).as("the IOMMU was asked").isEqualTo(outcome.equals("WT"));
      assertThat(guest.trace().counts().misses() - facts.misses()).isBetween(0L, GREETINGS);
    }
    console.leave();
  }

  /** What the matrix says of Linux on that machine, by trying it in this process. */
  private List<String> foretold(GuestLine line, String mode, boolean offered) throws Exception {
    String command =
        "policy:matrix --mode %s --driver K2 --machine %s --offered %s"
            .formatted(mode, line.type(), offered ? "on" : "off");
    return console.array(command).getValuesAs(JsonObject.class).stream()
        .map(cell -> cell.getString("outcome"))
        .toList();
  }
}
