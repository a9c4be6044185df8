package aperture.console.swap;

import aperture.admin.BehaviorInfo;
import aperture.admin.SwapControl;
import aperture.admin.SwapReport;
import aperture.admin.SwapStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/**
 * A real framework with toy bundles, and a swap service that answers as core does: the active
 * bundle of the highest version drives the one machine.
 */
public final class ToyBundles implements SwapControl, AutoCloseable {

  public static final String NAME = "aperture.arch.toy";

  private static final String COMPONENT =
      """
      <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.3.0" name="toy">
        <property name="iommu.kind" type="String" value="toy"/>
        <property name="machine.family" type="String" value="toys"/>
      </scr:component>
      """;

  private final Framework framework;
  private final Path folder;
  private final List<SwapReport> reports = new ArrayList<>();

  /** Whether the machine refuses whoever comes. */
  boolean refusing;

  /** Whether newcomers supply nothing. */
  boolean barren;

  private String driving = "";

  public ToyBundles(Path folder) throws BundleException {
    this.folder = folder;
    framework =
        ServiceLoader.load(FrameworkFactory.class)
            .findFirst()
            .orElseThrow()
            .newFramework(
                Map.of(
                    Constants.FRAMEWORK_STORAGE,
                    folder.resolve("storage").toString(),
                    "felix.log.level",
                    "0"));
    framework.start();
  }

  public BundleContext context() {
    return framework.getBundleContext();
  }

  /** Makes a jar. */
  public Path jar(String file, Map<String, String> headers) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.forEach(main::putValue);
    Path jar = folder.resolve(file);
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      out.putNextEntry(new JarEntry("data/content.txt"));
      out.write(file.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      out.closeEntry();
      out.putNextEntry(new JarEntry("OSGI-INF/toy.xml"));
      out.write(COMPONENT.getBytes(java.nio.charset.StandardCharsets.UTF_8));
      out.closeEntry();
    }
    return jar;
  }

  public Path bundle(String version) throws IOException {
    return jar("toy-" + version + ".jar", headers(version));
  }

  static Map<String, String> headers(String version) {
    return Map.of(
        "Bundle-ManifestVersion", "2",
        "Bundle-SymbolicName", NAME,
        "Bundle-Version", version,
        "Service-Component", "OSGI-INF/toy.xml, OSGI-INF/missing.xml",
        "Provide-Capability",
            "osgi.service;objectClass:List<String>=\"aperture.iommu.IommuBehavior\"");
  }

  public Bundle install(String version) throws IOException, BundleException {
    Bundle bundle = context().installBundle(bundle(version).toUri().toString());
    bundle.start();
    driving = version;
    return bundle;
  }

  List<String> present() {
    return Arrays.stream(context().getBundles())
        .filter(bundle -> NAME.equals(bundle.getSymbolicName()))
        .map(bundle -> bundle.getVersion() + " " + ArchBundles.state(bundle))
        .sorted()
        .toList();
  }

  private List<Bundle> active() {
    return Arrays.stream(context().getBundles())
        .filter(bundle -> NAME.equals(bundle.getSymbolicName()))
        .filter(bundle -> bundle.getState() == Bundle.ACTIVE)
        .sorted(Comparator.comparing(Bundle::getVersion).reversed())
        .toList();
  }

  @Override
  public List<BehaviorInfo> suppliers() {
    List<Bundle> active = active();
    if (barren && active.size() > 1) {
      active = active.subList(1, active.size());
    }
    if (active.isEmpty()) {
      return List.of();
    }
    String best = active.getFirst().getVersion().toString();
    if (!best.equals(driving)) {
      String outcome = refusing ? "refused" : "swapped";
      reports.add(
          new SwapReport(
              reports.size() + 1,
              "m0",
              "toy",
              NAME + " " + driving,
              NAME + " " + best,
              outcome,
              1500,
              900,
              1,
              2,
              List.of(
                  new SwapStep("revoke", 10, "gate closed"),
                  new SwapStep(refusing ? "refuse" : "attach", 20, "state version 9 is unknown"),
                  new SwapStep("grant", 30, "gate open"))));
      driving = refusing ? driving : best;
      refusing = false;
    }
    return active.stream()
        .map(bundle ->
            new BehaviorInfo(
                "iommu",
                "toy",
                "",
                NAME,
                bundle.getVersion().toString(),
                bundle.getVersion().toString().equals(best),
                bundle.getVersion().toString().equals(driving) ? 1 : 0))
        .toList();
  }

  @Override
  public List<SwapReport> swaps() {
    return List.copyOf(reports);
  }

  @Override
  public Duration quiesceDeadline() {
    return Duration.ofMillis(100);
  }

  @Override
  public Duration gracePeriod() {
    return Duration.ofMillis(100);
  }

  @Override
  public void quiesceDeadline(Duration deadline) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void gracePeriod(Duration period) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() throws BundleException {
    framework.stop();
    try {
      framework.waitForStop(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
