package aperture.vhostuser.internal.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import aperture.access.Setting;
import aperture.core.Aperture;
import aperture.devices.blk.BlkDeviceType;
import aperture.guest.ModernDriverKind;
import aperture.memory.MemoryRange;
import aperture.vhostuser.VhostGuest;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.VhostServerDetails;
import aperture.vhostuser.internal.sys.Fd;
import aperture.vhostuser.testkit.FrontEnd;
import aperture.vhostuser.testkit.FrontEndMemory;
import aperture.virtio.DriverStatus;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A disk over a real socket, driven by the guest's own driver, with and without an IOMMU. */
class ServedDiskTest {

  private static final int IMAGE = 4 << 20;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @TempDir Path dir;
  private final byte[] content = new byte[IMAGE];
  private Path image;
  private Path socket;
  private Aperture aperture;
  private VhostService servers;
  private long fdsBefore;

  @BeforeEach
  void open() throws Exception {
    fdsBefore = Fd.open();
    new Random(5).nextBytes(content);
    image = Files.write(dir.resolve("disk.img"), content);
    socket = dir.resolve("s.sock");
    aperture = Aperture.standalone().deviceType(new BlkDeviceType());
    servers = new VhostService(aperture.host(), true);
  }

  @AfterEach
  void close() {
    servers.close();
    aperture.close();
    // Listeners of the front end leave their descriptors within one wait.
    await().atMost(Duration.ofSeconds(10)).until(() -> Fd.open() == fdsBefore);
  }

  private void serve(Setting accessPlatform) throws Exception {
    servers.serve(
        new VhostServeSpec(
            Optional.of("disk"),
            "blk",
            Optional.of(socket),
            OptionalInt.empty(),
            Optional.empty(),
            accessPlatform,
            false,
            Map.of("file", image.toString())));
  }

  private static IoReport run(GuestDriver driver, IoPlan plan) throws Exception {
    IoJob job = driver.start(plan);
    assertThat(job.await(LIMIT)).isTrue();
    return job.report();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyByteIsReadAndWrittenBackAsItWas(boolean iommu) throws Exception {
    serve(Setting.UNSET);
    try (FrontEndMemory memory = new FrontEndMemory(32 << 20, iommu);
        FrontEnd frontEnd = FrontEnd.connectBlk(memory, socket);
        GuestDriver driver = new ModernDriverKind().probe(frontEnd, frontEnd)) {
      assertThat(driver.status().state()).isEqualTo(DriverStatus.State.BOUND);

      IoReport scan = run(driver, new IoPlan(Pattern.SCAN, 0, 64 << 10, 8, 1));
      assertThat(scan.clean()).as(scan.reason()).isTrue();
      assertThat(scan.sha256()).hasValue(sha256(content));

      IoReport verify = run(driver, new IoPlan(Pattern.VERIFY, 3000, 8192, 16, 2));
      assertThat(verify.clean()).as(verify.reason()).isTrue();

      VhostServerDetails details = servers.show("disk");
      assertThat(details.broken()).isEmpty();
      if (iommu) {
        assertThat(frontEnd.misses()).isPositive();
        assertThat(details.iotlb().misses()).isPositive();
        assertThat(details.iotlb().audited()).isPositive();
        assertThat(details.iotlb().stale()).isZero();
        assertThat(details.iotlb().invalidations()).isEqualTo(frontEnd.invalidations());
      } else {
        assertThat(details.iotlb().misses()).isZero();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDriverThatResetsOrLeavesIsFollowedByTheNext(boolean iommu) throws Exception {
    serve(Setting.UNSET);
    for (int guest = 0; guest < 3; guest++) {
      try (FrontEndMemory memory = new FrontEndMemory(32 << 20, iommu);
          FrontEnd frontEnd = FrontEnd.connectBlk(memory, socket);
          GuestDriver driver = new ModernDriverKind().probe(frontEnd, frontEnd)) {
        driver.reset();
        IoReport read = run(driver, new IoPlan(Pattern.READ, 500, 4096, 4, guest));
        assertThat(read.clean()).as(read.reason()).isTrue();
      }
    }
    assertThat(servers.list().get(0).connections()).isEqualTo(3);
  }

  @Test
  void stoppingUnderLoadFinishesWhatWasTakenAndClosesEverything() throws Exception {
    serve(Setting.UNSET);
    try (FrontEndMemory memory = new FrontEndMemory(32 << 20, false);
        FrontEnd frontEnd = FrontEnd.connectBlk(memory, socket)) {
      GuestDriver driver = new ModernDriverKind().probe(frontEnd, frontEnd);
      driver.start(new IoPlan(Pattern.READ, 0, 4096, 16, 1));
      servers.stop("disk");
      assertThat(servers.list()).isEmpty();
      assertThat(socket).doesNotExist();
    }
  }

  @Test
  void aLookAtTheGuestShowsItsMemoryAndWhatTheFrontEndTold() throws Exception {
    serve(Setting.UNSET);
    assertThat(servers.machineType("disk")).isEmpty();
    assertThatThrownBy(() -> servers.guest("disk"))
        .hasMessageContaining("no front end is connected");
    try (FrontEndMemory memory = new FrontEndMemory(32 << 20, true);
        FrontEnd frontEnd = FrontEnd.connectBlk(memory, socket);
        GuestDriver driver = new ModernDriverKind().probe(frontEnd, frontEnd)) {
      IoReport read = run(driver, new IoPlan(Pattern.READ, 100, 4096, 4, 1));
      assertThat(read.clean()).as(read.reason()).isTrue();
      try (VhostGuest guest = servers.guest("disk")) {
        assertThat(guest.memory()).containsExactly(new MemoryRange(0, 32 << 20));
        byte[] bytes = new byte[4096];
        byte[] same = new byte[4096];
        memory.memory().read(memory.memory().offsetOf(0, 4096), same, 0, 4096);
        assertThat(guest.read(0, bytes)).isTrue();
        assertThat(bytes).isEqualTo(same);
        assertThat(guest.read((32 << 20) - 4095, bytes)).isFalse();
        assertThat(guest.read(-1, bytes)).isFalse();
        assertThat(bytes).isEqualTo(same);

        var running = guest.translations();
        assertThat(running).isNotEmpty();
        assertThat(running).allMatch(each -> each.read() || each.write());
        assertThat(running)
            .allMatch(each -> each.gpa() >= 0 && each.gpa() + each.size() <= 32 << 20);
      }
    }
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
