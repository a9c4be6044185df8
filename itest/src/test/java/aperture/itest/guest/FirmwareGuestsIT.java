package aperture.itest.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real firmware that knows no bit 33, driver kind K1b: what becomes of it, with a disk that offers
 * the bit and with one that does not, is what the matrix says of that kind on that machine.
 */
@NeedsGuests
class FirmwareGuestsIT {

  private static final String KIND = "K1b";
  private static final int BLOCK = 512;
  private static final int BLOCKS = 256;
  private static final int ELSEWHERE = 1024;

  // Device status, Virtual I/O Device (VIRTIO) Version 1.2, section 2.1, Device Status Field. This
  // driver has lost ACKNOWLEDGE by then: it resets the device once more and does not repeat it.
  private static final int DRIVER = 2;
  private static final int FEATURES_OK = DRIVER | 8;
  private static final int DRIVER_OK = FEATURES_OK | 4;
  private static final int FAILED = 128;

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

  @ParameterizedTest
  @MethodSource("aperture.itest.guest.FirmwareLine#all")
  void aDiskThatOffersTheBitRefusesIt(FirmwareLine line, GuestTools tools) throws Exception {
    assertThat(Foretold.outcomes(console, line.offering(), KIND, line.type(), true))
        .containsOnly("DR");

    try (FirmwareGuest guest = boot(line, true, tools)) {
      assertThat(guest.hasDisk()).as("it has a disk").isFalse();
      assertThat(guest.read(0, 1)).as("it reads").isFalse();
      // FEATURES_OK was not there when it looked, so that it gave up without it.
      assertThat(guest.trace().statuses())
          .containsSubsequence(DRIVER, FEATURES_OK, DRIVER | FAILED)
          .doesNotContain(DRIVER_OK);
      assertThat(console.show("d0").chains()).containsOnly(0L);
      guest.quit();
    }
    disk.assertInFile();
    console.leave();
  }

  @ParameterizedTest
  @MethodSource("aperture.itest.guest.FirmwareLine#all")
  void aDiskThatDoesNotOfferItServesPhysicalAddresses(FirmwareLine line, GuestTools tools)
      throws Exception {
    assertThat(Foretold.outcomes(console, line.silent(), KIND, line.type(), false))
        .containsOnly("WP");

    try (FirmwareGuest guest = boot(line, false, tools)) {
      assertThat(guest.hasDisk()).as("it has a disk").isTrue();
      assertThat(guest.trace().statuses()).containsSubsequence(DRIVER, FEATURES_OK, DRIVER_OK);
      assertThat(guest.read(0, BLOCKS)).as("it reads").isTrue();
      assertThat(guest.checksum(BLOCKS * BLOCK)).isEqualTo(disk.checksum(0, BLOCKS * BLOCK));
      assertThat(guest.write(ELSEWHERE, BLOCKS)).as("it writes").isTrue();

      ServedFacts facts = console.show("d0");
      assertThat(facts.broken()).isEmpty();
      assertThat(facts.misses()).as("questions to the IOMMU").isZero();
      assertThat(facts.chains()).allMatch(chains -> chains >= 2);
      guest.quit();
    }
    disk.copy(0, ELSEWHERE * BLOCK, BLOCKS * BLOCK);
    disk.assertInFile();
    console.leave();
  }

  private FirmwareGuest boot(FirmwareLine line, boolean offered, GuestTools tools)
      throws Exception {
    Path socket = console.serve("d0", disk.image(), "--access-platform", offered ? "on" : "off");
    GuestDevice served = new GuestDevice.ServedDisk(socket);
    FirmwareGuest guest = FirmwareGuest.start(line, served, offered, tools, folder);
    try {
      guest.awaitPrompt();
      return guest;
    } catch (Exception | AssertionError e) {
      guest.close();
      throw e;
    }
  }
}
