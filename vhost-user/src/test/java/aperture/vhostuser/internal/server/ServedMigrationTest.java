package aperture.vhostuser.internal.server;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.access.Setting;
import aperture.core.Aperture;
import aperture.devices.blk.BlkDeviceType;
import aperture.guest.ModernDriverKind;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.testkit.FrontEnd;
import aperture.vhostuser.testkit.FrontEndLog;
import aperture.vhostuser.testkit.FrontEndMemory;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a disk writes into the guest while the guest is being copied. */
class ServedMigrationTest {

  private static final int MEMORY = 32 << 20;
  private static final int PAGE = 4096;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path dir;
  private Path socket;
  private Aperture aperture;
  private VhostService servers;

  @BeforeEach
  void open() throws Exception {
    socket = dir.resolve("s.sock");
    aperture = Aperture.standalone().deviceType(new BlkDeviceType());
    servers = new VhostService(aperture.host(), true);
    servers.serve(
        new VhostServeSpec(
            Optional.of("disk"),
            "blk",
            Optional.of(socket),
            OptionalInt.empty(),
            Optional.empty(),
            Setting.UNSET,
            false,
            Map.of("store", "memory", "size", "4M")));
  }

  @AfterEach
  void close() {
    servers.close();
    aperture.close();
  }

  private static void read(GuestDriver driver) throws Exception {
    IoJob job = driver.start(new IoPlan(Pattern.READ, 300, PAGE, 8, 1));
    assertThat(job.await(LIMIT)).isTrue();
    assertThat(job.report().clean()).as(job.report().reason()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theUsedRingIsLoggedByTheGuestPageThatItIs(boolean iommu) throws Exception {
    try (FrontEndMemory memory = new FrontEndMemory(MEMORY, iommu);
        FrontEnd frontEnd = FrontEnd.connectBlk(memory, socket);
        FrontEndLog log = new FrontEndLog(frontEnd, MEMORY);
        GuestDriver driver = new ModernDriverKind().probe(frontEnd, frontEnd)) {
      read(driver);
      assertThat(log.marked().isEmpty()).isTrue();
      long used = log.usedRings()[0];
      long gpa = memory.gpa(used);
      assertThat(gpa != used).as("the ring's IOVA is another number").isEqualTo(iommu);

      log.start();
      read(driver);
      assertThat(servers.show("disk").broken()).isEmpty();
      assertThat(log.marked().get((int) (gpa / PAGE))).as("the used ring").isTrue();
      assertThat(log.marked().cardinality()).as("buffers too").isGreaterThan(1);

      log.stop();
      log.clear();
      read(driver);
      assertThat(log.marked().isEmpty()).isTrue();
    }
  }
}
