package aperture.itest.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.SwapReport;
import aperture.admin.SwapStep;
import aperture.exam.ApertureDistribution;
import aperture.exam.InContainer;
import aperture.itest.lab.Arch;
import aperture.itest.lab.Bundles;
import aperture.itest.lab.Disk;
import aperture.itest.lab.JarCopy;
import aperture.itest.lab.Lab;
import aperture.virtio.IoJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import javax.inject.Inject;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** Whoever comes broken changes nothing, or nothing that its predecessor's return does not mend. */
@InContainer
public class BrokenNewcomersIT {

  private static final Path STRANGER = Path.of(System.getProperty("aperture.stranger"));
  private static final String TERN = "\"tern.TernBehavior\"";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Inject public BundleContext context;

  @Configuration
  public static Option[] configuration() {
    return new Option[] {ApertureDistribution.bundles(Bundles.home())};
  }

  @Test
  public void anUpdateFromWhatIsNoBundleLeavesTheOldOneAtWork() throws Exception {
    try (Lab lab = new Lab(context)) {
      Path noBundle = Files.writeString(lab.folder().resolve("no.jar"), "this is no jar");
      for (Arch arch : Arch.values()) {
        Disk disk = lab.disk("kept-" + arch, arch);
        IoJob job = disk.verifying(3);
        Disk.awaitProgress(job, 20);
        Bundle bundle = lab.bundles().get(arch.bundle());

        assertThatThrownBy(() -> lab.bundles().update(bundle, noBundle))
            .isInstanceOf(BundleException.class);

        assertThat(bundle.getState()).isEqualTo(Bundle.ACTIVE);
        Disk.awaitProgress(job, 20);
        disk.finish(job);
      }
    }
  }

  @Test
  public void aNewcomerThatThrowsInAttachIsRefusedAndTheOldOneGoesOn() throws Exception {
    try (Lab lab = new Lab(context)) {
      Bundle good = lab.bundles().install(STRANGER);
      Disk disk = lab.disk("beside", "tern-1.1", "tern-bridge");
      IoJob job = disk.verifying(5);
      Disk.awaitProgress(job, 20);

      Bundle bad = lab.bundles().install(edition(lab, "3.0.0", "ThrowingBehavior"));
      SwapReport report = awaitLast(lab, disk, "refused");
      assertThat(report.steps())
          .filteredOn(step -> step.step().equals("refuse"))
          .singleElement()
          .extracting(SwapStep::detail)
          .asString()
          .contains("broken on purpose");
      assertThat(lab.machines().show(disk.machine()).behavior()).contains("1.0.0");
      Disk.awaitProgress(job, 20);

      bad.uninstall();
      Disk.awaitProgress(job, 20);
      disk.finish(job);
      lab.machines().destroy(disk.machine());
      good.uninstall();
    }
  }

  @Test
  public void afterAnUpdateThatThrowsInAttachTheOldJarBringsEverythingBack() throws Exception {
    try (Lab lab = new Lab(context)) {
      Bundle bundle = lab.bundles().install(STRANGER);
      Disk disk = lab.disk("returns", "tern-1.1", "tern-bridge");
      IoJob job = disk.verifying(5);
      Disk.awaitProgress(job, 20);

      lab.bundles().update(bundle, edition(lab, "3.1.0", "ThrowingBehavior"));
      assertThat(lab.machines().show(disk.machine()).iommuState()).isEqualTo("revoked");
      lab.bundles().update(bundle, STRANGER);

      Disk.awaitProgress(job, 20);
      assertThat(awaitLast(lab, disk, "swapped").steps())
          .extracting(SwapStep::step)
          .contains("refuse", "attach", "resume");
      disk.finish(job);
      lab.machines().destroy(disk.machine());
      bundle.uninstall();
    }
  }

  @Test
  public void aComponentThatCannotBeMadeTakesNothingFromTheOldOne() throws Exception {
    try (Lab lab = new Lab(context)) {
      Bundle good = lab.bundles().install(STRANGER);
      Disk disk = lab.disk("unmade", "tern-1.1", "tern-bridge");
      IoJob job = disk.verifying(5);
      Disk.awaitProgress(job, 20);

      Bundle bad = lab.bundles().install(edition(lab, "3.2.0", "RefusingActivation"));
      Disk.awaitProgress(job, 50);
      assertThat(lab.machines().show(disk.machine()).behavior()).contains("1.0.0");
      assertThat(lab.bundles().suppliers(bad)).noneMatch(info -> info.role().equals("iommu"));
      bad.uninstall();

      lab.bundles().update(good, edition(lab, "3.3.0", "RefusingActivation"));
      assertThat(lab.machines().show(disk.machine()).iommuState()).isEqualTo("revoked");
      lab.bundles().update(good, STRANGER);
      Disk.awaitProgress(job, 20);
      disk.finish(job);
      lab.machines().destroy(disk.machine());
      good.uninstall();
    }
  }

  @Test
  public void aShippedBundleWithoutItsBehaviourComesBackWithTheShippedJar() throws Exception {
    try (Lab lab = new Lab(context)) {
      for (Arch arch : Arch.values()) {
        Disk disk = lab.disk("lacks-" + arch, arch);
        IoJob job = disk.verifying(5);
        Disk.awaitProgress(job, 20);
        Bundle bundle = lab.bundles().get(arch.bundle());
        Path jar = Bundles.shipped(arch.bundle());

        lab.bundles()
            .update(
                bundle,
                JarCopy.edited(
                    jar, "0.8.0", "Behavior\"/>", "BehaviorThatIsMissing\"/>", lab.folder()));
        assertThat(lab.machines().show(disk.machine()).iommuState())
            .as(arch.bundle())
            .isEqualTo("revoked");
        lab.bundles().update(bundle, jar);

        Disk.awaitProgress(job, 20);
        disk.finish(job);
      }
    }
  }

  private static Path edition(Lab lab, String version, String behavior) throws Exception {
    return JarCopy.edited(
        STRANGER, version, TERN, "\"tern.variant." + behavior + "\"", lab.folder());
  }

  private static SwapReport awaitLast(Lab lab, Disk disk, String outcome) {
    return Awaitility.await(outcome)
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .until(
            () ->
                lab.swaps().swaps().stream()
                    .filter(report -> report.machine().equals(disk.machine()))
                    .reduce((earlier, later) -> later)
                    .orElseThrow(),
            report -> report.outcome().equals(outcome));
  }
}
