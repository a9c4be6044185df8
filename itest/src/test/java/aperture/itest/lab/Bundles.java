package aperture.itest.lab;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.BehaviorInfo;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/** Bundles of the running framework, as an operator handles them. */
public final class Bundles {

  private static final Path HOME = Path.of(System.getProperty("aperture.distribution"));
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int ARCH_LEVEL = 5;
  private static int installed;

  private final BundleContext context;
  private final Lab lab;

  Bundles(BundleContext context, Lab lab) {
    this.context = context;
    this.lab = lab;
  }

  /** The distribution under test. */
  public static Path home() {
    return HOME;
  }

  /** The jar of the distribution. */
  public static Path shipped(String symbolicName) {
    return HOME.resolve("bundle").resolve(symbolicName + ".jar");
  }

  /** The one of the name; of several, the highest version. */
  public Bundle get(String symbolicName) {
    return find(symbolicName)
        .orElseThrow(() -> new AssertionError("no bundle " + symbolicName + " is installed"));
  }

  public Optional<Bundle> find(String symbolicName) {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
        .max(Comparator.comparing(Bundle::getVersion));
  }

  /** Installs a copy under a location of its own, and starts it. */
  public Bundle install(Path jar) throws IOException, BundleException {
    try (InputStream bytes = Files.newInputStream(jar)) {
      Bundle bundle = context.installBundle("lab:" + ++installed + "/" + jar.getFileName(), bytes);
      bundle.adapt(BundleStartLevel.class).setStartLevel(ARCH_LEVEL);
      bundle.start();
      return bundle;
    }
  }

  /** Sees to it that the bundle of the distribution is there and active. */
  void restore(String symbolicName) throws IOException, BundleException {
    Optional<Bundle> present = find(symbolicName);
    if (present.isPresent()) {
      present.get().start();
    } else {
      install(shipped(symbolicName));
    }
  }

  public void update(Bundle bundle, Path jar) throws IOException, BundleException {
    try (InputStream bytes = Files.newInputStream(jar)) {
      bundle.update(bytes);
    }
  }

  /** Rewires the bundle, and everybody wired to it; returns when that is done. */
  public void refresh(Bundle bundle) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    context
        .getBundle(0)
        .adapt(FrameworkWiring.class)
        .refreshBundles(
            List.of(bundle),
            event -> {
              if (event.getType() == FrameworkEvent.PACKAGES_REFRESHED) {
                done.countDown();
              }
            });
    assertThat(done.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).as("refreshed").isTrue();
  }

  /** The seamless way: the newcomer beside the old one, machines move over, the old one leaves. */
  public Bundle replace(Bundle old, Path jar) throws IOException, BundleException {
    Bundle fresh = install(jar);
    Awaitility.await()
        .atMost(LIMIT)
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> left(old) == 0 && !suppliers(fresh).isEmpty());
    old.uninstall();
    return fresh;
  }

  private int left(Bundle bundle) {
    return suppliers(bundle).stream()
        .filter(supplier -> supplier.role().equals("iommu"))
        .mapToInt(BehaviorInfo::machines)
        .sum();
  }

  /** What the bundle of this very version supplies. */
  public List<BehaviorInfo> suppliers(Bundle bundle) {
    return lab.swaps().suppliers().stream()
        .filter(supplier ->
            supplier.bundle().equals(bundle.getSymbolicName())
                && supplier.version().equals(bundle.getVersion().toString()))
        .toList();
  }
}
