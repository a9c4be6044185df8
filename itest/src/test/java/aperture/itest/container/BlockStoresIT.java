package aperture.itest.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.MachineSpec;
import aperture.exam.ApertureDistribution;
import aperture.exam.InContainer;
import aperture.itest.lab.Arch;
import aperture.itest.lab.Bundles;
import aperture.itest.lab.Disk;
import aperture.itest.lab.Lab;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import aperture.virtio.IoReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.inject.Inject;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWire;
import org.osgi.framework.wiring.BundleWiring;

/** What the bytes of disks come from: stores of the platform, and one that nobody here knows. */
@InContainer
public class BlockStoresIT {

  private static final Path JAR = Path.of(System.getProperty("aperture.stranger"));
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int BLOCK = 4096;
  private static final long MEBIBYTE = 1 << 20;

  @Inject public BundleContext context;

  @Configuration
  public static Option[] configuration() {
    return new Option[] {ApertureDistribution.bundles(Bundles.home())};
  }

  @Test
  public void aStrangersStoreIsOneMoreBundleAndServesADisk() throws Exception {
    try (Lab lab = new Lab(context)) {
      assertThat(stores(lab)).containsExactly("file", "memory");
      assertThatThrownBy(() -> add(lab, "early", Map.of("store", "packed", "size", "1M")))
          .isInstanceOf(ControlException.class)
          .hasMessageContaining("unknown value of --store 'packed'");

      Bundle stranger = lab.bundles().install(JAR);
      await(lab, List.of("file", "memory", "packed"));
      assertThat(stranger.adapt(BundleWiring.class).getRequiredWires("osgi.wiring.package"))
          .extracting(BundleWire::getCapability)
          .anyMatch(
              door -> "aperture.block".equals(door.getAttributes().get("osgi.wiring.package")))
          .allMatch(door ->
              door.getRevision().getSymbolicName().equals("aperture.core")
                  && !door.getAttributes().toString().contains("internal"));

      DeviceInfo disk =
          add(lab, "packed", Map.of("store", "packed", "mebibytes", "4", "level", "small"));
      assertThat(disk.details()).containsEntry("store", "packed").containsEntry("packings", "0");
      String empty = scan(lab, "packed", 4 * MEBIBYTE);
      IoReport report = run(lab, "packed", new IoPlan(Pattern.VERIFY, 1000, BLOCK, 8, 1));
      assertThat(report.bytesWritten()).isPositive();
      String written = scan(lab, "packed", 4 * MEBIBYTE);
      assertThat(written).isNotEqualTo(empty);
      run(lab, "packed", new IoPlan(Pattern.REWRITE, 200, BLOCK * 8, 8, 1));
      assertThat(scan(lab, "packed", 4 * MEBIBYTE)).isEqualTo(written);
      assertThat(Long.parseLong(lab.devices().show("packed").details().get("packings")))
          .isPositive();
      assertThatThrownBy(() -> lab.devices().resize("packed", OptionalLong.of(MEBIBYTE)))
          .isInstanceOf(ControlException.class)
          .hasMessageContaining("packed memory of 4 MiB cannot be given another size");

      IoJob job = lab.drivers().io("packed", new IoPlan(Pattern.VERIFY, 0, BLOCK, 8, 5));
      stranger.uninstall();
      await(lab, List.of("file", "memory"));
      Disk.awaitProgress(job, 100);
      job.stop();
      assertThat(job.await(LIMIT)).isTrue();
      assertThat(job.report().clean()).as(job.report().toString()).isTrue();
    }
  }

  @Test
  public void aDiskInMemoryGrowsAndShrinksUnderItsDriver() throws Exception {
    try (Lab lab = new Lab(context)) {
      add(lab, "ram", Map.of("store", "memory", "size", "2M"));
      scan(lab, "ram", 2 * MEBIBYTE);
      run(lab, "ram", new IoPlan(Pattern.VERIFY, 500, BLOCK, 8, 1));

      assertThat(lab.devices().resize("ram", OptionalLong.of(3 * MEBIBYTE)))
          .isEqualTo(3 * MEBIBYTE);
      scan(lab, "ram", 3 * MEBIBYTE);

      IoJob job = lab.drivers().io("ram", new IoPlan(Pattern.VERIFY, 0, BLOCK, 8, 3));
      Disk.awaitProgress(job, 200);
      lab.devices().resize("ram", OptionalLong.of(MEBIBYTE));
      // Its driver took the disk for larger when the job began: what lies beyond fails, no more.
      Awaitility.await().atMost(LIMIT).until(() -> job.report().failed() > 0);
      job.stop();
      assertThat(job.await(LIMIT)).isTrue();
      assertThat(job.report().mismatches()).isZero();
      assertThat(job.report().lost()).isZero();
      assertThat(lab.devices().why("ram").findings().toString()).doesNotContain("reset");
      scan(lab, "ram", MEBIBYTE);
    }
  }

  @Test
  public void aFileThatGrewIsSeenWhenLookedAt() throws Exception {
    try (Lab lab = new Lab(context)) {
      Disk disk = lab.disk("grown", Arch.X86);
      long before = Files.size(disk.image());
      Files.write(disk.image(), new byte[(int) MEBIBYTE], StandardOpenOption.APPEND);
      disk.verify(100);

      assertThat(lab.devices().resize(disk.device(), OptionalLong.empty()))
          .isEqualTo(before + MEBIBYTE);

      disk.scan();
      disk.verify(500);
      disk.scan();
    }
  }

  private static List<String> stores(Lab lab) {
    return lab.devices().types().stream()
        .filter(type -> type.name().equals("blk"))
        .flatMap(type -> type.options().stream())
        .filter(option -> option.name().equals("store"))
        .findFirst()
        .orElseThrow()
        .values();
  }

  private static void await(Lab lab, List<String> stores) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> assertThat(stores(lab)).isEqualTo(stores));
  }

  /** A disk on a machine of its own, bound to K2. */
  private static DeviceInfo add(Lab lab, String name, Map<String, String> options)
      throws ControlException {
    String type = Arch.X86.type(lab.machines().types());
    if (lab.machines().list().stream().noneMatch(machine -> machine.name().equals(name))) {
      lab.machines()
          .create(new MachineSpec(name, type, 32 * MEBIBYTE, Optional.of(Arch.X86.kind())));
    }
    DeviceInfo info =
        lab.devices()
            .add(
                new DeviceSpec(
                    name,
                    "blk",
                    Optional.of(name),
                    Setting.ON,
                    Setting.UNSET,
                    false,
                    new HashMap<>(options)));
    assertThat(lab.drivers().bind(name, "K2").state()).isEqualTo("bound");
    return info;
  }

  /** Reads the whole disk; returns its digest. */
  private static String scan(Lab lab, String device, long bytes) throws Exception {
    IoReport report = run(lab, device, new IoPlan(Pattern.SCAN, 0, BLOCK * 8, 8, 1));
    assertThat(report.bytesRead()).isEqualTo(bytes);
    return report.sha256().orElseThrow();
  }

  private static IoReport run(Lab lab, String device, IoPlan plan) throws Exception {
    IoJob job = lab.drivers().io(device, plan);
    assertThat(job.await(LIMIT)).as("ended in time").isTrue();
    assertThat(job.report().clean()).as(job.report().toString()).isTrue();
    return job.report();
  }
}
