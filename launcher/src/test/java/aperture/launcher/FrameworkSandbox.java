package aperture.launcher;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

/** A framework in the test's own JVM, and bundles made of a manifest alone. */
final class FrameworkSandbox implements AutoCloseable {
  private final Framework framework;

  FrameworkSandbox(Path storage) throws Exception {
    framework =
        ServiceLoader.load(FrameworkFactory.class)
            .findFirst()
            .orElseThrow()
            .newFramework(
                Map.of(
                    Constants.FRAMEWORK_STORAGE,
                    storage.toString(),
                    Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
                    "8",
                    "felix.log.level",
                    "0"));
    framework.init();
  }

  BundleContext context() {
    return framework.getBundleContext();
  }

  void start() throws Exception {
    framework.start();
  }

  @Override
  public void close() {
    try {
      framework.stop();
      framework.waitForStop(10_000);
    } catch (BundleException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Writes a bundle named after its file; more headers come in pairs. */
  static Path jar(Path jar, String version, String... headers) throws Exception {
    Manifest manifest = new Manifest();
    var attributes = manifest.getMainAttributes();
    attributes.putValue("Manifest-Version", "1.0");
    attributes.putValue("Bundle-ManifestVersion", "2");
    attributes.putValue(
        "Bundle-SymbolicName", jar.getFileName().toString().replaceFirst("\\.jar$", ""));
    attributes.putValue("Bundle-Version", version);
    for (int i = 0; i < headers.length; i += 2) {
      attributes.putValue(headers[i], headers[i + 1]);
    }
    try (OutputStream file = Files.newOutputStream(jar)) {
      new JarOutputStream(file, manifest).close();
    }
    return jar;
  }
}
