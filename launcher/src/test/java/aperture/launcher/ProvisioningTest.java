package aperture.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.startlevel.BundleStartLevel;

@DisplayName("What is installed")
class ProvisioningTest {
  private static final StartLevels LEVELS = new StartLevels(Map.of("b", 4));

  @TempDir Path world;
  private Path a;
  private Path b;

  @BeforeEach
  void makeADistribution() throws Exception {
    a = FrameworkSandbox.jar(world.resolve("a.jar"), "1.0.0");
    b = FrameworkSandbox.jar(world.resolve("b.jar"), "1.0.0");
  }

  @Test
  @DisplayName("at first is the whole distribution, at its start levels, and it starts")
  void installsAll() throws Exception {
    try (FrameworkSandbox sandbox = new FrameworkSandbox(world.resolve("cache"))) {
      List<Bundle> bundles = provision(sandbox);
      sandbox.start();
      assertThat(bundles).extracting(Bundle::getState).containsOnly(Bundle.ACTIVE);
      assertThat(bundles)
          .extracting(bundle -> bundle.adapt(BundleStartLevel.class).getStartLevel())
          .containsExactly(1, 4);
    }
  }

  @Test
  @DisplayName("later is what the operator made of it: removed stays away, stopped stays stopped")
  void respectsTheOperator() throws Exception {
    try (FrameworkSandbox sandbox = new FrameworkSandbox(world.resolve("cache"))) {
      List<Bundle> bundles = provision(sandbox);
      sandbox.start();
      bundles.get(0).uninstall();
      bundles.get(1).stop();
    }
    try (FrameworkSandbox sandbox = new FrameworkSandbox(world.resolve("cache"))) {
      provision(sandbox);
      sandbox.start();
      assertThat(names(sandbox.context())).containsExactly("b");
      assertThat(bundle(sandbox, b).getState()).isNotEqualTo(Bundle.ACTIVE);
    }
  }

  @Test
  @DisplayName("is updated when the distribution's jar has changed, and only then")
  void followsNewBuilds() throws Exception {
    try (FrameworkSandbox sandbox = new FrameworkSandbox(world.resolve("cache"))) {
      provision(sandbox);
      Path own =
          FrameworkSandbox.jar(Files.createDirectory(world.resolve("x")).resolve("b.jar"), "3");
      bundle(sandbox, b).update(Files.newInputStream(own));
    }
    FrameworkSandbox.jar(a, "2.0.0");
    Files.setLastModifiedTime(a, FileTime.fromMillis(1));
    try (FrameworkSandbox sandbox = new FrameworkSandbox(world.resolve("cache"))) {
      provision(sandbox);
      assertThat(bundle(sandbox, a).getVersion()).hasToString("2.0.0");
      assertThat(bundle(sandbox, b).getVersion()).hasToString("3.0.0");
    }
  }

  @Test
  @DisplayName("includes the operator's own folder, except for what is no bundle")
  void toleratesBadExtras() throws Exception {
    Path extras = Files.createDirectory(world.resolve("extras"));
    FrameworkSandbox.jar(extras.resolve("good.jar"), "1");
    Files.writeString(extras.resolve("bad.jar"), "no jar at all");
    try (FrameworkSandbox sandbox = new FrameworkSandbox(world.resolve("cache"))) {
      new Provisioning(sandbox.context(), world.resolve("ledger")).extras(extras);
      sandbox.start();
      assertThat(names(sandbox.context())).containsExactly("good");
      assertThat(bundle(sandbox, extras.resolve("good.jar")).getState()).isEqualTo(Bundle.ACTIVE);
    }
  }

  private List<Bundle> provision(FrameworkSandbox sandbox) throws Exception {
    return new Provisioning(sandbox.context(), world.resolve("ledger"))
        .distribution(List.of(a, b), LEVELS);
  }

  private static Bundle bundle(FrameworkSandbox sandbox, Path jar) {
    return sandbox.context().getBundle(jar.toFile().toURI().toString());
  }

  private static List<String> names(BundleContext context) {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.getBundleId() != 0)
        .map(Bundle::getSymbolicName)
        .toList();
  }
}
