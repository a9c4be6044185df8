package aperture.itest.container;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.DeviceStats;
import aperture.admin.Diagnosis;
import aperture.admin.DriverInfo;
import aperture.admin.SwapReport;
import aperture.dma.DmaSession;
import aperture.exam.ApertureDistribution;
import aperture.exam.InContainer;
import aperture.itest.lab.Arch;
import aperture.itest.lab.Bundles;
import aperture.itest.lab.Disk;
import aperture.itest.lab.Lab;
import aperture.memory.GuestMemory;
import aperture.virtio.IoJob;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import javax.inject.Inject;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.BundleContext;

/** Nobody arrives in the grace period: closed, not open, until a behaviour and a reset come. */
@InContainer
public class ClosedMachinesIT {

  private static final Duration GRACE = Duration.ofMillis(200);
  private static final Duration WATCH = Duration.ofMillis(300);
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Inject public BundleContext context;

  @Configuration
  public static Option[] configuration() {
    return new Option[] {ApertureDistribution.bundles(Bundles.home())};
  }

  @Test
  public void aMachineWithoutItsBundleIsClosedAndOpensAgainByAReset() throws Exception {
    try (Lab lab = new Lab(context)) {
      lab.swaps().gracePeriod(GRACE);
      for (Arch arch : Arch.values()) {
        Disk disk = lab.disk("closed-" + arch, arch);
        IoJob job = disk.verifying(13);
        Disk.awaitProgress(job, 20);

        lab.bundles().get(arch.bundle()).stop();
        awaitClosed(lab, disk);
        assertThat(job.await(LIMIT)).as("the job ends").isTrue();
        saysWhy(lab, disk);
        reachesNothing(lab, disk);

        lab.bundles().get(arch.bundle()).start();
        assertThat(lab.machines().show(disk.machine()).iommuState()).isEqualTo("attached");
        DriverInfo driver = lab.drivers().reset(disk.device());
        assertThat(driver.state()).as(driver.toString()).isEqualTo("bound");
        assertThat(lab.devices().why(disk.device()).healthy())
            .as("%s", lab.devices().why(disk.device()))
            .isTrue();
        disk.scan();
        disk.verify(200);
        disk.scan();
        assertThat(job.report().repeated()).isZero();
        assertThat(job.report().mismatches()).isZero();
      }
    }
  }

  @Test
  public void othersGoOnWhileOneIsClosed() throws Exception {
    try (Lab lab = new Lab(context)) {
      lab.swaps().gracePeriod(GRACE);
      Map<Arch, Disk> disks = new EnumMap<>(Arch.class);
      Map<Arch, IoJob> jobs = new EnumMap<>(Arch.class);
      for (Arch arch : Arch.values()) {
        disks.put(arch, lab.disk("other-" + arch, arch));
        jobs.put(arch, disks.get(arch).verifying(17));
      }

      lab.bundles().get(Arch.PPC.bundle()).stop();
      awaitClosed(lab, disks.get(Arch.PPC));
      lab.bundles().get(Arch.PPC.bundle()).start();

      for (Arch arch : Arch.values()) {
        if (arch != Arch.PPC) {
          Disk.awaitProgress(jobs.get(arch), 20);
          disks.get(arch).finish(jobs.get(arch));
        }
      }
    }
  }

  @Test
  public void aMachineThatWaitsEndsAtOnce() throws Exception {
    try (Lab lab = new Lab(context)) {
      lab.swaps().gracePeriod(LIMIT.multipliedBy(10));
      Disk disk = lab.disk("ends", Arch.ARM64);
      IoJob job = disk.verifying(19);
      Disk.awaitProgress(job, 20);

      lab.bundles().get(Arch.ARM64.bundle()).stop();
      long begin = System.nanoTime();
      lab.machines().destroy(disk.machine());
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      lab.bundles().get(Arch.ARM64.bundle()).start();

      assertThat(took).isLessThan(LIMIT);
      assertThat(lab.machines().list()).isEmpty();
      assertThat(lab.swaps().swaps())
          .filteredOn(report -> report.machine().equals(disk.machine()))
          .extracting(SwapReport::outcome)
          .containsExactly("closed");
    }
  }

  private static void awaitClosed(Lab lab, Disk disk) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(10))
        .untilAsserted(() -> {
          assertThat(lab.machines().show(disk.machine()).iommuState()).isEqualTo("closed");
          assertThat(disk.info().status()).contains("NEEDS_RESET");
          assertThat(lab.swaps().swaps())
              .filteredOn(report -> report.machine().equals(disk.machine()))
              .last()
              .satisfies(report -> {
                assertThat(report.outcome()).isEqualTo("closed");
                assertThat(report.to()).isEmpty();
              });
        });
  }

  private static void saysWhy(Lab lab, Disk disk) throws Exception {
    Diagnosis why = lab.devices().why(disk.device());
    assertThat(why.healthy()).isFalse();
    assertThat(why.findings())
        .anyMatch(text -> text.contains("NEEDS_RESET"))
        .anyMatch(text -> text.contains("no behaviour of kind " + disk.kind()));
    assertThat(why.action()).contains(disk.kind(), "driver:reset " + disk.device());
  }

  /** The device may not even begin, its counters stand still, memory and image stay as they are. */
  private static void reachesNothing(Lab lab, Disk disk) throws Exception {
    try (DmaSession session = disk.session()) {
      assertThat(session.begin()).isFalse();
      DeviceStats stats = lab.devices().stats(disk.device());
      String memory = digest(session.memory());
      byte[] image = Files.readAllBytes(disk.image());
      Awaitility.await()
          .during(WATCH)
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(100))
          .until(() -> lab.devices().stats(disk.device()).equals(stats));
      assertThat(digest(session.memory())).isEqualTo(memory);
      assertThat(Files.readAllBytes(disk.image())).isEqualTo(image);
    }
  }

  private static String digest(GuestMemory memory) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] piece = new byte[1 << 20];
    for (long at = 0; at < memory.size(); at += piece.length) {
      int length = (int) Math.min(piece.length, memory.size() - at);
      memory.read(at, piece, 0, length);
      digest.update(piece, 0, length);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
