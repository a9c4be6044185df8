package aperture.itest.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.BehaviorInfo;
import aperture.admin.ControlException;
import aperture.admin.MachineType;
import aperture.exam.ApertureDistribution;
import aperture.exam.InContainer;
import aperture.iommu.Access;
import aperture.itest.lab.Arch;
import aperture.itest.lab.Bundles;
import aperture.itest.lab.Disk;
import aperture.itest.lab.JarCopy;
import aperture.itest.lab.Lab;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

/** Architectures come and go; what is left works, and nothing of what went is left. */
@InContainer
public class ArchitectureDynamicsIT {

  /** An address that no aperture reaches. */
  private static final long NOBODYS = 0x7fff_ffff_f000L;

  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Inject public BundleContext context;

  @Configuration
  public static Option[] configuration() {
    return new Option[] {ApertureDistribution.bundles(Bundles.home())};
  }

  /** What is on offer: names only, for versions change. */
  private record Offer(Set<String> types, Set<String> kinds) {

    static Offer now(Lab lab) {
      return new Offer(
          lab.machines().types().stream().map(MachineType::type).collect(Collectors.toSet()),
          lab.swaps().suppliers().stream()
              .filter(info -> info.role().equals("iommu"))
              .map(BehaviorInfo::name)
              .collect(Collectors.toSet()));
    }

    static Offer of(Lab lab, Bundle bundle) {
      List<BehaviorInfo> supplied = lab.bundles().suppliers(bundle);
      Set<String> families =
          supplied.stream()
              .filter(info -> info.role().equals("family"))
              .map(BehaviorInfo::name)
              .collect(Collectors.toSet());
      return new Offer(
          lab.machines().types().stream()
              .filter(type -> families.contains(type.family()))
              .map(MachineType::type)
              .collect(Collectors.toSet()),
          supplied.stream()
              .filter(info -> info.role().equals("iommu"))
              .map(BehaviorInfo::name)
              .collect(Collectors.toSet()));
    }

    Offer without(Offer other) {
      return new Offer(difference(types, other.types), difference(kinds, other.kinds));
    }

    private static Set<String> difference(Set<String> all, Set<String> less) {
      return all.stream().filter(word -> !less.contains(word)).collect(Collectors.toSet());
    }
  }

  @Test
  public void machineTypesAndKindsGoAndComeWithTheirBundle() throws Exception {
    try (Lab lab = new Lab(context)) {
      Bundles bundles = lab.bundles();
      Offer all = Offer.now(lab);
      for (Arch arch : Arch.values()) {
        Bundle bundle = bundles.get(arch.bundle());
        Offer own = Offer.of(lab, bundle);
        assertThat(own.types()).as(arch.bundle()).isNotEmpty();
        assertThat(own.kinds()).as(arch.bundle()).contains(arch.kind());

        bundle.stop();
        expect(lab, all.without(own));
        bundle.start();
        expect(lab, all);

        bundles.update(bundle, JarCopy.ofVersion(shipped(arch), "0.9.1", lab.folder()));
        expect(lab, all);
        assertThat(bundles.suppliers(bundle)).extracting("version").containsOnly("0.9.1");

        bundle.uninstall();
        expect(lab, all.without(own));
        bundles.install(shipped(arch));
        expect(lab, all);
      }
    }
  }

  private static Path shipped(Arch arch) {
    return Bundles.shipped(arch.bundle());
  }

  private static void expect(Lab lab, Offer offer) {
    Awaitility.await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .untilAsserted(() -> assertThat(Offer.now(lab)).isEqualTo(offer));
  }

  @Test
  public void withoutOneArchitectureItsRowsAreUnknownAndAllElseWorks() throws Exception {
    try (Lab lab = new Lab(context)) {
      String type = Arch.PPC.type(lab.machines().types());
      lab.bundles().get(Arch.PPC.bundle()).uninstall();

      assertThat(lab.machines().types()).noneMatch(row -> row.arch().startsWith("p"));
      assertThatThrownBy(() -> lab.disk("gone", type, Arch.PPC.kind()))
          .isInstanceOf(ControlException.class)
          .hasMessageContaining("unknown machine type '" + type + "'");
      for (Arch arch : List.of(Arch.X86, Arch.ARM64, Arch.SPARC)) {
        Disk disk = lab.disk("with-" + arch, arch);
        disk.verify(100);
        disk.scan();
      }

      lab.bundles().install(Bundles.shipped(Arch.PPC.bundle()));
      Disk back = lab.disk("back", Arch.PPC);
      back.scan();
    }
  }

  @Test
  public void refreshingAnArchitectureRewiresNobodyElse() throws Exception {
    try (Lab lab = new Lab(context)) {
      for (Arch arch : Arch.values()) {
        Bundle bundle = lab.bundles().get(arch.bundle());
        Map<Bundle, BundleWiring> before = wirings();

        lab.bundles().update(bundle, Bundles.shipped(arch.bundle()));
        lab.bundles().refresh(bundle);

        Map<Bundle, BundleWiring> after = wirings();
        assertThat(after.remove(bundle)).isNotEqualTo(before.remove(bundle));
        assertThat(after).as("after " + arch.bundle()).isEqualTo(before);
      }
    }
  }

  private Map<Bundle, BundleWiring> wirings() {
    Map<Bundle, BundleWiring> wirings = new HashMap<>();
    Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.adapt(BundleWiring.class) != null)
        .forEach(bundle -> wirings.put(bundle, bundle.adapt(BundleWiring.class)));
    return wirings;
  }

  @Test
  public void theClassLoaderOfAnOldBundleIsNotKept() throws Exception {
    try (Lab lab = new Lab(context)) {
      for (Arch arch : Arch.values()) {
        Disk disk = lab.disk("used-" + arch, arch);
        disk.verify(50);
        // A fault, so that its text and reason are on record when the bundle has gone.
        assertThat(disk.access(NOBODYS, Access.WRITE)).isPresent();
        assertThat(lab.dma().faults()).anyMatch(fault -> fault.machine().equals(disk.machine()));
        WeakReference<ClassLoader> old = loader(lab.bundles().get(arch.bundle()));

        lab.bundles()
            .update(
                lab.bundles().get(arch.bundle()),
                JarCopy.ofVersion(Bundles.shipped(arch.bundle()), "0.9.2", lab.folder()));
        disk.verify(50);

        Awaitility.await("the old loader of " + arch.bundle() + " is collected")
            .atMost(LIMIT)
            .pollInterval(Duration.ofMillis(50))
            .until(() -> {
              System.gc();
              return old.refersTo(null);
            });
      }
    }
  }

  private static WeakReference<ClassLoader> loader(Bundle bundle) {
    return new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader());
  }
}
