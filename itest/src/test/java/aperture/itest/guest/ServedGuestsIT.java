package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Unmodified Linux on every machine, with disks served by the shipped console. */
@NeedsGuests
class ServedGuestsIT {

  private static final Logger LOG = System.getLogger(ServedGuestsIT.class.getName());
  private static final int QUEUES = 4;
  private static final int PROGRESS = 4;

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

  @ParameterizedTest
  @MethodSource("aperture.itest.guest.GuestLines#all")
  void eachIommuIsServedAndNoTranslationIsUsedAfterItsEnd(GuestLine line, GuestTools tools)
      throws Exception {
    long start = System.nanoTime();
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path socket = console.serve("d0", disk.image(), "--access-platform", "on");
    GuestSetup setup = GuestSetup.of(line, DiskPlan.plan(), new GuestDevice.ServedDisk(socket));

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      DiskPlan.follow(guest, disk);

      ServedFacts facts = console.show("d0");
      report(line, facts, Duration.ofNanos(System.nanoTime() - start));
      FrontEndTrace.Counts seen = guest.trace().counts();
      assertThat(facts.broken()).isEmpty();
      assertThat(facts.stale()).as("pages used after the end of their translation").isZero();
      assertThat(seen.misses() - facts.misses()).as("what QEMU was asked").isBetween(0L, GREETINGS);
      assertThat(facts.misses() > 0).as("misses").isEqualTo(line.translates());
      assertThat(facts.audited() > 0).as("pages audited").isEqualTo(line.translates());
      assertThat(facts.invalidations()).isGreaterThanOrEqualTo(seen.invalidations(1));
      assertThat(facts.invalidations() > 0).as("invalidations").isEqualTo(line.unmaps());
    }
    console.leave();
  }

  private static void report(GuestLine line, ServedFacts facts, Duration took) {
    LOG.log(
        Level.WARNING,
        "served: {0}: sha and write-back ok, {1} misses, {2} invalidations, {3} pages audited,"
            + " {4} stale, {5} s",
        line,
        Long.toString(facts.misses()),
        Long.toString(facts.invalidations()),
        Long.toString(facts.audited()),
        Long.toString(facts.stale()),
        Long.toString(took.toSeconds()));
  }

  @Test
  void twoGuestsAreServedByOneProcess(GuestTools tools) throws Exception {
    ExpectedDisk first = ExpectedDisk.random(folder.resolve("first.img"), 2 * DiskPlan.BYTES);
    ExpectedDisk second = ExpectedDisk.random(folder.resolve("second.img"), DiskPlan.BYTES);
    Path plain = console.serve("plain", first.image(), "--access-platform", "on");
    Path strict = console.serve("strict", second.image(), "--access-platform", "on");

    try (QemuGuest one =
            QemuGuest.start(
                GuestSetup.of(
                    GuestLines.X86_PLAIN, DiskPlan.plan(), new GuestDevice.ServedDisk(plain)),
                tools,
                folder);
        QemuGuest other =
            QemuGuest.start(
                GuestSetup.of(
                    GuestLines.X86_VTD_STRICT, DiskPlan.plan(), new GuestDevice.ServedDisk(strict)),
                tools,
                folder)) {
      DiskPlan.follow(one, first);
      DiskPlan.follow(other, second);
    }
    assertThat(console.show("plain").misses()).isZero();
    assertThat(console.show("strict").misses()).isPositive();
    assertThat(console.show("strict").stale()).isZero();
    console.leave();
  }

  @Test
  void fourQueuesWorkAtOnce(GuestTools tools) throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path socket =
        console.serve("d0", disk.image(), "--access-platform on", "--num-queues " + QUEUES);
    Plan plan = Plan.first().load(QUEUES).queues().sha().powerOff();
    GuestSetup setup =
        GuestSetup.of(
                GuestLines.X86_VTD_LAZY, plan, new GuestDevice.ServedDisk(socket, QUEUES, false))
            .processors(QUEUES);

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      guest.awaitDisk();
      guest.awaitProgress(QUEUES * PROGRESS);
      ServedFacts running = console.show("d0");
      assertClean(guest.endLoad());
      assertThat(running.state()).isEqualTo("running");
      assertThat(running.chains()).hasSize(QUEUES).allSatisfy(n -> assertThat(n).isPositive());
      assertThat(guest.await("queues").number("count")).isEqualTo(QUEUES);
      assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digestOfFile());
      guest.await("poweroff");
      guest.awaitEnd();
    }
    assertThat(console.show("d0").stale()).isZero();
    console.leave();
  }

  @Test
  void aGuestMayRebootBeResetOrDieAndTheNextIsServed(GuestTools tools) throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path socket = console.serve("d0", disk.image(), "--access-platform on");
    GuestDevice device = new GuestDevice.ServedDisk(socket);
    GuestSetup rebooting =
        GuestSetup.of(GuestLines.X86_VTD_STRICT, Plan.first().sha().reboot(), device);
    GuestSetup loading = GuestSetup.of(GuestLines.X86_VTD_STRICT, Plan.first().load(1), device);

    try (QemuGuest guest = QemuGuest.start(rebooting, tools, folder)) {
      for (int boot = 0; boot < 2; boot++) {
        guest.awaitDisk();
        assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digest());
        guest.await("reboot");
      }
      guest.quit();
    }
    try (QemuGuest guest = QemuGuest.start(loading, tools, folder)) {
      guest.awaitDisk();
      guest.awaitProgress(PROGRESS);
      guest.reset();
      guest.awaitDisk();
      guest.awaitProgress(PROGRESS);
      guest.kill();
    }
    ExpectedDisk again = ExpectedDisk.random(disk.image(), DiskPlan.BYTES);
    GuestSetup last = GuestSetup.of(GuestLines.X86_VTD_STRICT, DiskPlan.plan(), device);
    try (QemuGuest guest = QemuGuest.start(last, tools, folder)) {
      DiskPlan.follow(guest, again);
    }
    ServedFacts facts = console.show("d0");
    assertThat(facts.connections()).isEqualTo(3);
    assertThat(facts.stale()).isZero();
    console.leave();
  }

  @Test
  void entropyComesFromTheServer(GuestTools tools) throws Exception {
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    Path entropy = console.serve("rng", "r0", "");
    Plan plan = Plan.first().entropy().sha().powerOff();
    GuestSetup setup =
        GuestSetup.of(
            GuestLines.X86_PLAIN,
            plan,
            new GuestDevice.OwnDisk(disk.image()),
            new GuestDevice.ServedEntropy(entropy));

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      guest.awaitDisk();
      assertThat(guest.await("rng").text("source")).startsWith("virtio_rng");
      assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digest());
      guest.await("poweroff");
      guest.awaitEnd();
    }
    assertThat(console.show("r0").broken()).isEmpty();
    console.leave();
  }

  static void assertClean(Marker load) {
    assertThat(load.number("errors") + load.number("mismatches")).as(load.toString()).isZero();
  }
}
