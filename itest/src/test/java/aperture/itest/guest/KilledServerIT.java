package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The server dies in the middle of requests and another takes its place: the guest waits, and its
 * requests are done.
 */
@NeedsGuests
class KilledServerIT {

  private static final Logger LOG = System.getLogger(KilledServerIT.class.getName());
  private static final int KILLS = 3;
  private static final int JOBS = 2;
  private static final int ROUNDS = 6;

  @TempDir Path folder;

  static GuestLine[] lines() {
    return new GuestLine[] {GuestLines.X86_PLAIN, GuestLines.X86_VTD_STRICT};
  }

  @ParameterizedTest
  @MethodSource("lines")
  void requestsBeforeDuringAndAfterAreDoneAndNoneFails(GuestLine line, GuestTools tools)
      throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path socket = folder.resolve("d0.sock");
    Plan plan = Plan.first().load(JOBS).sha().powerOff();
    GuestSetup setup =
        GuestSetup.of(line, plan, new GuestDevice.ServedDisk(socket, JOBS, true)).processors(JOBS);

    ServeProcess server = serve(socket, disk);
    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      guest.awaitDisk();
      for (int kill = 0; kill < KILLS; kill++) {
        guest.awaitProgress(JOBS * ROUNDS);
        server.kill();
        server = serve(socket, disk);
      }
      guest.awaitProgress(JOBS * ROUNDS);
      Marker load = guest.endLoad();
      LOG.log(Level.WARNING, "served: {0}: {1} kills, {2}", line, Integer.toString(KILLS), load);
      assertThat(load.number("rounds")).isGreaterThanOrEqualTo((KILLS + 1L) * JOBS * ROUNDS);
      ServedGuestsIT.assertClean(load);
      assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digestOfFile());
      guest.await("poweroff");
      guest.awaitEnd();
    } finally {
      server.close();
    }
  }

  @Test
  void aServerThatIsToldToEndLeavesNoRequestBehind(GuestTools tools) throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path socket = folder.resolve("d0.sock");
    Plan plan = Plan.first().load(1).sha().powerOff();
    GuestSetup setup =
        GuestSetup.of(GuestLines.X86_PLAIN, plan, new GuestDevice.ServedDisk(socket, 1, true));

    ServeProcess server = serve(socket, disk);
    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      guest.awaitDisk();
      guest.awaitProgress(ROUNDS);
      assertThat(server.end()).isZero();
      server = serve(socket, disk);
      guest.awaitProgress(ROUNDS);
      ServedGuestsIT.assertClean(guest.endLoad());
      assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digestOfFile());
      guest.await("poweroff");
      guest.awaitEnd();
    } finally {
      server.close();
    }
  }

  private ServeProcess serve(Path socket, ExpectedDisk disk) throws Exception {
    return ServeProcess.start(
        folder,
        socket,
        disk.image(),
        List.of("--num-queues", Integer.toString(JOBS), "--access-platform", "on"));
  }
}
