package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The laboratory alone, with QEMU's own devices and back end: what fails here is no fault of a
 * device of ours.
 */
@NeedsGuests
class GuestLabIT {

  private static final int JOBS = 4;

  @TempDir Path folder;

  @ParameterizedTest
  @MethodSource("aperture.itest.guest.GuestLines#ofEachKernel")
  void eachKernelBootsSeesItsIommuAndDoesItsPlan(GuestLine line, GuestTools tools)
      throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    GuestSetup setup = GuestSetup.of(line, DiskPlan.plan(), new GuestDevice.OwnDisk(disk.image()));

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      DiskPlan.follow(guest, disk);
    }
  }

  @Test
  void aBackEndOfQemuServesTheSamePlan(GuestTools tools) throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path socket = folder.resolve("socket");
    GuestSetup setup =
        GuestSetup.of(GuestLines.X86_PLAIN, DiskPlan.plan(), new GuestDevice.ServedDisk(socket));

    try (StorageDaemon daemon = StorageDaemon.start(disk.image(), socket, 1)) {
      try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
        DiskPlan.follow(guest, disk);
      }
      assertThat(daemon.alive()).as("the back end outlives its guest").isTrue();
    }
  }

  @Test
  void aLoadIsWatchedCutShortByAResetAndEndedFromOutside(GuestTools tools) throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Plan plan = Plan.first().load(JOBS).queues().sha().powerOff();
    GuestSetup setup =
        GuestSetup.of(GuestLines.X86_PLAIN, plan, new GuestDevice.OwnDisk(disk.image()));

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      guest.awaitDisk();
      guest.awaitProgress(JOBS);
      guest.reset();
      guest.awaitDisk();
      guest.awaitProgress(JOBS);
      Marker load = guest.endLoad();
      assertThat(load.number("rounds")).isGreaterThanOrEqualTo(JOBS);
      assertThat(load.number("errors") + load.number("mismatches")).as(load.toString()).isZero();
      assertThat(guest.await("queues").number("writes")).isPositive();
      assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digestOfFile());
      guest.await("poweroff");
      guest.awaitEnd();
    }
  }
}
