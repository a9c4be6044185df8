package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command line that {@code serve} prints is one that works, as it stands. */
@NeedsGuests
class PrintedLineIT {

  @TempDir Path folder;

  static List<GuestLine> lines() {
    return List.of(
        GuestLines.X86_PLAIN, GuestLines.X86_VTD_LAZY, GuestLines.ARM64_SMMU, GuestLines.PPC64_DDW);
  }

  @ParameterizedTest
  @MethodSource("lines")
  void aGuestStartedAsPrintedHasItsDiskBehindItsIommu(GuestLine line, GuestTools tools)
      throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    List<String> options =
        line.translates()
            ? List.of("--machine", line.type(), "--access-platform", "on")
            : List.of();
    Plan plan = Plan.first().sha().powerOff();
    try (ServeProcess server =
            ServeProcess.start(folder, folder.resolve("d0.sock"), disk.image(), options);
        QemuGuest guest =
            QemuGuest.start(new PrintedGuest(line, plan, server.line()), tools, folder)) {
      guest.awaitDisk();
      assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digest());
      guest.await("poweroff");
      guest.awaitEnd();
    }
  }
}
