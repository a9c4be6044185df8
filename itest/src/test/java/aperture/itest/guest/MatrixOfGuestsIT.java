package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What becomes of unmodified Linux, which is driver kind K2, is what the matrix says of that kind;
 * so is what becomes of a driver in that guest that accepts all but bit 33, kind K1b. Each guest
 * has an IOMMU before its disk; the disk offers the bit, or goes round.
 */
@NeedsGuests
class MatrixOfGuestsIT {

  private static final long VERSION_1 = 1L << 32;
  private static final long ACCESS_PLATFORM = 1L << 33;

  // Device status, Virtual I/O Device (VIRTIO) Version 1.2, section 2.1, Device Status Field.
  private static final int DRIVER = 1 | 2;
  private static final int FEATURES_OK = DRIVER | 8;

  /** QEMU asks itself once for each start of a ring: the firmware's, and the kernel's. */
  private static final long GREETINGS = 2;

  @TempDir Path folder;

  private ServingConsole console;
  private ExpectedDisk disk;

  @BeforeEach
  void start() throws Exception {
    console = ServingConsole.start(folder);
    disk = ExpectedDisk.random(folder.resolve("disk.img"), DiskPlan.BYTES);
  }

  @AfterEach
  void end() {
    console.close();
  }

  static Stream<GuestLine> guests() {
    return Stream.of(GuestLines.X86_VTD_STRICT, GuestLines.ARM64_SMMU, GuestLines.PPC64_TCE);
  }

  @ParameterizedTest
  @MethodSource("guests")
  void aDiskThatGoesRoundServesPhysicalAddresses(GuestLine line, GuestTools tools)
      throws Exception {
    foretold("B", "K2", line, false, "WP");
    Path socket = console.serve("d0", disk.image(), "--access-platform", "off");
    GuestDevice served = new GuestDevice.ServedDisk(socket);
    GuestSetup setup = GuestSetup.of(line.goingRound(), DiskPlan.plan(), served);

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      DiskPlan.follow(guest, disk);

      ServedFacts facts = console.show("d0");
      assertThat(facts.broken()).isEmpty();
      assertThat(facts.misses()).as("questions to the IOMMU").isZero();
    }
    console.leave();
  }

  @ParameterizedTest
  @MethodSource("guests")
  void aDiskThatOffersTheBitRefusesADriverWithoutItAndTranslatesForTheNext(
      GuestLine line, GuestTools tools) throws Exception {
    foretold("T", "K1b", line, true, "DR");
    foretold("T", "K2", line, true, "WT");
    Path socket = console.serve("d0", disk.image(), "--access-platform", "on");
    Plan drivers = Plan.first().negotiate(VERSION_1).negotiate(VERSION_1 | ACCESS_PLATFORM);
    GuestDevice served = new GuestDevice.ServedDisk(socket);
    GuestSetup setup = GuestSetup.of(line, DiskPlan.after(drivers), served);

    try (QemuGuest guest = QemuGuest.start(setup, tools, folder)) {
      guest.awaitDisk();
      assertThat(guest.await("negotiate").number("status")).as("without it").isEqualTo(DRIVER);
      assertThat(guest.await("negotiate").number("status")).as("with it").isEqualTo(FEATURES_OK);
      DiskPlan.finish(guest, disk);

      ServedFacts facts = console.show("d0");
      assertThat(facts.broken()).isEmpty();
      assertThat(facts.stale()).isZero();
      assertThat(facts.misses()).as("questions to the IOMMU").isPositive();
      // Linux has started its ring again after each of the other two.
      assertThat(guest.trace().counts().misses() - facts.misses()).isBetween(0L, GREETINGS + 2);
    }
    console.leave();
  }

  private void foretold(String mode, String driver, GuestLine line, boolean offered, String outcome)
      throws Exception {
    assertThat(Foretold.outcomes(console, mode, driver, line.type(), offered))
        .as("%s in mode %s", driver, mode)
        .containsOnly(outcome);
  }
}
