package aperture.itest.container;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.DeviceControl;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.MachineControl;
import aperture.admin.PolicyControl;
import aperture.admin.SwapControl;
import aperture.dma.PlatformDma;
import aperture.exam.ApertureDistribution;
import aperture.exam.InContainer;
import aperture.itest.lab.Arch;
import aperture.itest.lab.Bundles;
import aperture.itest.lab.Disk;
import aperture.itest.lab.Lab;
import aperture.virtio.IoJob;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;

@InContainer
public class DistributionIT {

  @Inject public BundleContext context;

  @Configuration
  public static Option[] configuration() {
    return new Option[] {ApertureDistribution.bundles(Bundles.home())};
  }

  @Test
  public void everyBundleOfOursIsActive() {
    List<Bundle> ours =
        Arrays.stream(context.getBundles())
            .filter(bundle -> String.valueOf(bundle.getSymbolicName()).startsWith("aperture."))
            .toList();

    assertThat(ours)
        .extracting(Bundle::getSymbolicName)
        .contains("aperture.core", "aperture.devices", "aperture.guest", "aperture.console")
        .contains("aperture.vhostuser")
        .containsAll(Arrays.stream(Arch.values()).map(Arch::bundle).toList());
    assertThat(ours)
        .allSatisfy(
            bundle -> assertThat(bundle.getState()).as(bundle.toString()).isEqualTo(Bundle.ACTIVE));
  }

  @Test
  public void everyControlServiceIsThere() {
    assertThat(
            Stream.of(
                MachineControl.class,
                DeviceControl.class,
                DriverControl.class,
                DmaControl.class,
                PolicyControl.class,
                SwapControl.class,
                PlatformDma.class))
        .allSatisfy(type -> assertThat(context.getServiceReference(type)).isNotNull());
  }

  @Test
  public void everyArchitectureSuppliesFamiliesAndKinds() throws Exception {
    try (Lab lab = new Lab(context)) {
      for (Arch arch : Arch.values()) {
        assertThat(lab.bundles().suppliers(lab.bundles().get(arch.bundle())))
            .as(arch.bundle())
            .anyMatch(info -> info.role().equals("family"))
            .anyMatch(info -> info.role().equals("iommu") && info.name().equals(arch.kind()));
      }
      assertThat(lab.devices().types()).extracting("name").contains("blk", "rng");
      assertThat(lab.drivers().kinds())
          .extracting("kind")
          .contains("K1a", "K1b", "K2", "K3a", "K3b", "K4", "K5", "K6");
    }
  }

  @Test
  public void architectureBundlesExportNothingAndTakeOnlyCoresPublishedPackages() throws Exception {
    try (Lab lab = new Lab(context)) {
      for (Arch arch : Arch.values()) {
        BundleWiring wiring = lab.bundles().get(arch.bundle()).adapt(BundleWiring.class);
        assertThat(wiring.getCapabilities("osgi.wiring.package")).as(arch.bundle()).isEmpty();
        assertThat(wiring.getRequiredWires("osgi.wiring.package"))
            .extracting(wire -> wire.getProvider().getBundle().getSymbolicName())
            .as(arch.bundle())
            .isSubsetOf("aperture.core", context.getBundle(0).getSymbolicName());
      }
    }
  }

  @Test
  public void everyArchitectureReadsAndWritesThroughItsIommu() throws Exception {
    try (Lab lab = new Lab(context)) {
      for (Arch arch : Arch.values()) {
        var disk = lab.disk(arch.name().toLowerCase(java.util.Locale.ROOT), arch);
        disk.scan();
        disk.verify(200);
        disk.scan();
      }
      assertThat(lab.dma().faults()).isEmpty();
    }
  }

  @Test
  public void stoppingCoreEndsEveryMachineAndStartingItServesAgain() throws Exception {
    try (Lab lab = new Lab(context)) {
      List<IoJob> jobs = new ArrayList<>();
      for (Arch arch : Arch.values()) {
        jobs.add(lab.disk("ended-" + arch, arch).verifying(23));
      }
      jobs.forEach(job -> Disk.awaitProgress(job, 20));
      Bundle core = lab.bundles().get("aperture.core");

      core.stop();
      assertThat(jobs).allMatch(IoJob::done);
      assertThat(jobs)
          .allSatisfy(job -> {
            assertThat(job.report().mismatches()).isZero();
            assertThat(job.report().repeated()).isZero();
          });
      assertThat(context.getServiceReference(MachineControl.class)).isNull();

      core.start();
      assertThat(lab.machines().list()).isEmpty();
      for (Arch arch : Arch.values()) {
        lab.disk("again-" + arch, arch).scan();
      }
    }
  }
}
