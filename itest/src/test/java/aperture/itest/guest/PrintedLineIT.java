package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The command line that {@code serve} prints is one that works, as it stands. */
@NeedsGuests
class PrintedLineIT {

  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final String READY = "ready: ";

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
    Process server = Children.start(serve(line, disk));
    try {
      String printed =
          new ProcessOutput(server.getInputStream(), "server")
              .await(
                  "readiness",
                  text ->
                      text.startsWith(READY)
                          ? Optional.of(text.substring(READY.length()))
                          : Optional.empty(),
                  LIMIT);
      Plan plan = Plan.first().sha().powerOff();
      try (QemuGuest guest =
          QemuGuest.start(new PrintedGuest(line, plan, printed), tools, folder)) {
        guest.awaitDisk();
        assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digest());
        guest.await("poweroff");
        guest.awaitEnd();
      }
    } finally {
      Children.end(server);
    }
  }

  private ProcessBuilder serve(GuestLine line, ExpectedDisk disk) {
    ProcessBuilder builder =
        ServingConsole.builder(
            folder,
            "serve",
            "blk",
            "--socket-path",
            folder.resolve("d0.sock").toString(),
            "--blk-file",
            disk.image().toString());
    if (line.translates()) {
      builder.command().addAll(List.of("--machine", line.type(), "--access-platform", "on"));
    }
    return builder;
  }
}
