package aperture.itest.container;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.BehaviorInfo;
import aperture.admin.FaultInfo;
import aperture.admin.MachineType;
import aperture.admin.SwapReport;
import aperture.admin.SwapStep;
import aperture.dma.TranslationReport;
import aperture.exam.ApertureDistribution;
import aperture.exam.InContainer;
import aperture.iommu.Access;
import aperture.itest.lab.Arch;
import aperture.itest.lab.Bundles;
import aperture.itest.lab.Disk;
import aperture.itest.lab.JarCopy;
import aperture.itest.lab.Lab;
import aperture.virtio.IoJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.inject.Inject;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;

/**
 * A fifth architecture, one jar that nobody here knows: it is installed into the running framework,
 * does verified I/O, is swapped for newer versions of itself under load, and leaves again.
 */
@InContainer
public class StrangerIT {

  private static final Path JAR = Path.of(System.getProperty("aperture.stranger"));
  private static final String KIND = "tern-bridge";
  private static final String NEWEST = "tern-1.1";
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Inject public BundleContext context;

  @Configuration
  public static Option[] configuration() {
    return new Option[] {ApertureDistribution.bundles(Bundles.home())};
  }

  @Test
  public void itNeedsThePublishedPackagesOfCoreAndNothingElse() throws Exception {
    try (Lab lab = new Lab(context)) {
      Bundle stranger = lab.bundles().install(JAR);
      try {
        BundleWiring wiring = stranger.adapt(BundleWiring.class);
        assertThat(wiring.getRequiredWires("osgi.wiring.package"))
            .isNotEmpty()
            .allSatisfy(wire -> {
              assertThat(wire.getProvider().getBundle().getSymbolicName())
                  .isEqualTo("aperture.core");
              assertThat(String.valueOf(wire.getCapability().getAttributes()))
                  .doesNotContain("internal");
            });
        assertThat(wiring.getRequiredWires("osgi.wiring.bundle")).isEmpty();
        assertThat(wiring.getCapabilities("osgi.wiring.package")).isEmpty();
      } finally {
        stranger.uninstall();
      }
    }
  }

  @Test
  public void itComesWorksIsSwappedUnderLoadAndLeaves() throws Exception {
    try (Lab lab = new Lab(context)) {
      Set<String> typesBefore = types(lab);
      List<BehaviorInfo> suppliersBefore = lab.swaps().suppliers();
      Disk neighbour = lab.disk("neighbour", Arch.X86);
      IoJob neighbours = neighbour.verifying(7);

      Bundle stranger = lab.bundles().install(JAR);
      awaitKind(lab, 1);
      assertThat(types(lab)).contains("tern-1.0", NEWEST).containsAll(typesBefore);

      Disk disk = lab.disk("nest", NEWEST, KIND);
      assertThat(disk.info().offer()).isEqualTo("on");
      assertThat(disk.info().pathMode()).startsWith("T");
      disk.scan();
      disk.verify(500);
      disk.scan();
      walksItsOwnTables(lab, disk);
      recordsItsOwnFaults(lab, disk);

      IoJob job = disk.verifying(11);
      Disk.awaitProgress(job, 50);
      lab.bundles().update(stranger, JarCopy.ofVersion(JAR, "1.0.1", lab.folder()));
      Disk.awaitProgress(job, 50);
      Bundle newer = lab.bundles().replace(stranger, JarCopy.ofVersion(JAR, "1.1.0", lab.folder()));
      Disk.awaitProgress(job, 50);
      Bundle rebuilt = lab.bundles().replace(newer, newState(lab));
      Disk.awaitProgress(job, 50);
      disk.finish(job);
      assertThat(lastSwap(lab, disk)).containsSubsequence("revoke", "rebuild", "grant", "resume");

      lab.machines().destroy(disk.machine());
      rebuilt.uninstall();
      awaitKind(lab, 0);
      assertThat(types(lab)).isEqualTo(typesBefore);
      assertThat(lab.swaps().suppliers())
          .extracting(BehaviorInfo::name)
          .containsExactlyElementsOf(suppliersBefore.stream().map(BehaviorInfo::name).toList());
      Disk.awaitProgress(neighbours, 50);
      neighbour.finish(neighbours);
    }
  }

  private static Path newState(Lab lab) throws Exception {
    return JarCopy.edited(
        JAR, "2.0.0", "\"tern.TernBehavior\"", "\"tern.variant.NewStateBehavior\"", lab.folder());
  }

  private static Set<String> types(Lab lab) {
    return lab.machines().types().stream().map(MachineType::type).collect(Collectors.toSet());
  }

  private static void awaitKind(Lab lab, int suppliers) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .untilAsserted(() ->
            assertThat(lab.swaps().suppliers())
                .filteredOn(info -> info.name().equals(KIND))
                .hasSize(suppliers));
  }

  private static List<String> lastSwap(Lab lab, Disk disk) {
    SwapReport last =
        lab.swaps().swaps().stream()
            .filter(report -> report.machine().equals(disk.machine()))
            .reduce((earlier, later) -> later)
            .orElseThrow();
    assertThat(last.outcome()).isEqualTo("swapped");
    return last.steps().stream().map(SwapStep::step).toList();
  }

  private static void walksItsOwnTables(Lab lab, Disk disk) throws Exception {
    String endpoint = disk.info().endpoint();
    String iova =
        lab.dma().mappings().stream()
            .filter(mapping ->
                mapping.machine().equals(disk.machine()) && mapping.endpoint().equals(endpoint))
            .findFirst()
            .orElseThrow()
            .iova();
    TranslationReport report =
        lab.dma().translate(disk.device(), Long.decode(iova), 8, Access.READ);
    assertThat(report.fault()).isEmpty();
    assertThat(report.steps())
        .extracting(TranslationReport.Step::structure)
        .containsExactly("root entry", "directory entry", "table entry");
    assertThat(report.steps().getLast().fields()).contains("page=0x", "r=1");
  }

  private static void recordsItsOwnFaults(Lab lab, Disk disk) throws Exception {
    long outside = 1L << 40;
    assertThat(disk.access(outside, Access.WRITE))
        .hasValueSatisfying(fault -> assertThat(fault).contains("more than 36 bits"));
    FaultInfo fault =
        lab.dma().faults().stream()
            .filter(info -> info.machine().equals(disk.machine()))
            .findFirst()
            .orElseThrow();
    assertThat(fault.recorded()).contains("FAULT_STATUS");
    assertThat(fault.iova()).isEqualTo("0x10000000000");
    assertThat(fault.access()).isEqualTo("w");
    assertThat(fault.text()).contains("more than 36 bits");
  }
}
