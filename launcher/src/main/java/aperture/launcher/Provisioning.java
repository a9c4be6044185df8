package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.Writer;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Brings jars into a framework that has been initialized and not yet started.
 *
 * <p>Jars are copied into the framework's storage, so nothing that a session does to a bundle
 * touches the file it came from. With persistent storage the operator's own decisions survive: a
 * bundle of the distribution is installed once, an uninstalled one stays away, and only a jar that
 * has itself changed since (a newer build) updates what is there. The ledger remembers which.
 */
final class Provisioning {
  private static final System.Logger LOG = System.getLogger("aperture.launcher");

  private final BundleContext context;
  private final Path ledgerFile;
  private final Properties ledger = new Properties();

  Provisioning(BundleContext context, Path ledgerFile) throws IOException {
    this.context = context;
    this.ledgerFile = ledgerFile;
    if (Files.exists(ledgerFile)) {
      try (Reader reader = Files.newBufferedReader(ledgerFile)) {
        ledger.load(reader);
      }
    }
  }

  /** Installs the distribution; a jar that cannot be installed means that it is broken. */
  List<Bundle> distribution(List<Path> jars, StartLevels levels) throws IOException {
    List<Bundle> bundles = new ArrayList<>();
    for (Path jar : jars) {
      String name = jar.getFileName().toString();
      try {
        Bundle bundle = place(jar, levels.of(name.substring(0, name.length() - ".jar".length())));
        if (bundle != null) {
          bundles.add(bundle);
        }
      } catch (BundleException e) {
        throw new Failure(ExitCode.MISSING, "cannot install " + jar + ": " + e.getMessage());
      }
    }
    try (Writer writer = Files.newBufferedWriter(ledgerFile)) {
      ledger.store(writer, null);
    }
    return bundles;
  }

  /**
   * Installs the operator's own jars at the locations that File Install uses, so that it takes them
   * over as its own. Doing it here makes them present before the first command runs. A bad jar is
   * the operator's to mend while we run.
   */
  void extras(Path folder) {
    for (Path jar : Distribution.jars(folder)) {
      try {
        install(jar, StartLevels.EXTRA);
      } catch (BundleException e) {
        LOG.log(Level.WARNING, "{0} is no usable bundle: {1}", jar, e.getMessage());
      }
    }
  }

  private @Nullable Bundle place(Path jar, int level) throws BundleException, IOException {
    String location = location(jar);
    String print = Files.size(jar) + " " + Files.getLastModifiedTime(jar).toMillis();
    String known = ledger.getProperty(location);
    ledger.setProperty(location, print);
    if (known == null) {
      return install(jar, level);
    }
    Bundle bundle = context.getBundle(location);
    if (bundle != null && !known.equals(print)) {
      try (InputStream bytes = Files.newInputStream(jar)) {
        bundle.update(bytes);
      }
    }
    return bundle;
  }

  private Bundle install(Path jar, int level) throws BundleException {
    Bundle bundle = context.installBundle(location(jar));
    bundle.adapt(BundleStartLevel.class).setStartLevel(level);
    if ((bundle.adapt(BundleRevision.class).getTypes() & BundleRevision.TYPE_FRAGMENT) == 0) {
      bundle.start(Bundle.START_ACTIVATION_POLICY); // marks it; it starts at its level
    }
    return bundle;
  }

  private static String location(Path jar) {
    return jar.toAbsolutePath().normalize().toFile().toURI().toString();
  }
}
