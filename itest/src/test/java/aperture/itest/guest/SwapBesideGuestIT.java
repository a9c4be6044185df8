package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.itest.lab.Bundles;
import aperture.itest.lab.JarCopy;
import jakarta.json.JsonObject;
import jakarta.json.JsonValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An architecture's bundle leaves, returns and is replaced in the process that serves a real guest
 * of that architecture, and that runs a machine of it under load: the guest notices nothing, and
 * the machine loses nothing.
 */
@NeedsGuests
class SwapBesideGuestIT {

  private static final int PROGRESS = 2;
  private static final int MACHINE_DISK = 8 << 20;
  private static final Duration LIMIT = Duration.ofMinutes(1);

  /**
   * One case.
   *
   * @param line the guest's machine
   * @param bundle the architecture
   * @param kind the IOMMU of the machine in this process
   */
  record Case(GuestLine line, String bundle, String kind) {}

  @TempDir Path folder;

  static List<Case> cases() {
    return List.of(
        new Case(GuestLines.X86_VTD_STRICT, "aperture.arch.x86", "intel-vtd"),
        new Case(GuestLines.ARM64_SMMU, "aperture.arch.arm64", "arm-smmuv3"),
        new Case(GuestLines.PPC64_TCE, "aperture.arch.ppc", "spapr-tce"));
  }

  static List<GuestLine> lines() {
    return cases().stream().map(Case::line).toList();
  }

  @ParameterizedTest
  @MethodSource("lines")
  void theGuestNoticesNothingAndTheMachineLosesNothing(GuestLine line, GuestTools tools)
      throws Exception {
    Case chosen = cases().stream().filter(c -> c.line().equals(line)).findFirst().orElseThrow();
    ExpectedDisk disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
    ExpectedDisk other = ExpectedDisk.random(folder.resolve("other.img"), MACHINE_DISK);

    try (ServingConsole console = ServingConsole.start(folder)) {
      Path socket =
          console.serve("d0", disk.image(), "--access-platform on", "--machine " + line.type());
      console.object("machine:create m0 %s --iommu %s".formatted(line.type(), chosen.kind()));
      console.object("device:add m0 blk --id e0 --access-platform on --file " + other.image());
      console.object("driver:bind e0 K2");
      console.object("driver:io e0 --background --pattern verify");
      String decision = console.show("d0").provenance();

      Plan plan = Plan.first().load(1).sha().powerOff();
      GuestSetup setup = GuestSetup.of(line, plan, new GuestDevice.ServedDisk(socket));
      try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
        guest.awaitDisk();
        swaps(console, chosen, guest);
        ServedGuestsIT.assertClean(guest.endLoad());

        JsonObject machine = console.object("driver:wait e0 --stop");
        assertThat(machine.get("clean")).as(machine.toString()).isEqualTo(JsonValue.TRUE);
        assertThat(machine.getInt("lost") + machine.getInt("repeated")).isZero();
        assertThat(machine.getInt("completed")).isPositive();

        assertThat(guest.await("sha").text("digest")).isEqualTo(disk.digestOfFile());
        guest.await("poweroff");
        guest.awaitEnd();
      }
      ServedFacts facts = console.show("d0");
      assertThat(facts.provenance()).isEqualTo(decision);
      assertThat(facts.connections()).isEqualTo(1);
      assertThat(facts.misses()).isPositive();
      assertThat(facts.stale()).isZero();
      assertThat(facts.broken()).isEmpty();
      assertThat(console.array("dma:faults")).isEmpty();
      console.leave();
    }
  }

  /** In every way that an operator has; the guest gets on before, between and after. */
  private void swaps(ServingConsole console, Case chosen, QemuGuest guest) throws Exception {
    String bundle = chosen.bundle();
    Path shipped = Bundles.shipped(bundle);

    guest.awaitProgress(PROGRESS);
    console.run("stop " + bundle);
    assertThat(state(console)).isEqualTo("revoked");
    guest.awaitProgress(1);
    console.run("start " + bundle);
    awaitAttached(console);

    Path updated = JarCopy.ofVersion(shipped, "0.2.1", folder);
    console.run("update " + bundle + " " + updated.toUri());
    awaitAttached(console);
    guest.awaitProgress(PROGRESS);

    JsonObject swapped =
        console.object("arch:swap " + bundle + " " + JarCopy.ofVersion(shipped, "0.2.2", folder));
    assertThat(swapped.getInt("machines")).isEqualTo(1);
    guest.awaitProgress(PROGRESS);

    // Within the grace period of ten seconds: a machine whose behaviour stays away is closed.
    console.run("uninstall " + bundle);
    guest.awaitProgress(1);
    console.run("install " + JarCopy.ofVersion(shipped, "0.2.3", folder).toUri());
    console.run("start " + bundle);
    awaitAttached(console);
    guest.awaitProgress(PROGRESS);
  }

  private static String state(ServingConsole console) throws Exception {
    return console.object("machine:show m0").getString("iommuState");
  }

  /** And I/O goes on: some more of it is completed. */
  private static void awaitAttached(ServingConsole console) throws Exception {
    Awaitility.await().atMost(LIMIT).until(() -> state(console).equals("attached"));
    long before = completed(console);
    Awaitility.await().atMost(LIMIT).until(() -> completed(console) > before);
  }

  private static long completed(ServingConsole console) throws Exception {
    return console
        .object("driver:show e0")
        .getJsonObject("io")
        .getJsonNumber("completed")
        .longValueExact();
  }
}
