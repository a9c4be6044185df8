package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/** The running framework: from configuration to an orderly end. */
final class Host {
  private static final System.Logger LOG = System.getLogger("aperture.launcher");
  private static final Duration READY_LIMIT = Duration.ofSeconds(15);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(20);

  private final Framework framework;

  private Host(Framework framework) {
    this.framework = framework;
  }

  /** Starts the distribution and returns when commands can run. */
  static Host start(Distribution distribution, Storage storage, Request request)
      throws BundleException, IOException, InterruptedException {
    FrameworkFactory factory =
        ServiceLoader.load(FrameworkFactory.class, Host.class.getClassLoader())
            .findFirst()
            .orElseThrow(() -> new Failure(ExitCode.MISSING, "no OSGi framework in lib/"));
    Framework framework = factory.newFramework(configuration(distribution, storage, request));
    framework.init(Host::report);
    framework.getBundleContext().addFrameworkListener(Host::report);
    Host host = new Host(framework);
    try {
      host.startBundles(distribution, storage, request.bundles());
    } catch (Exception e) {
      host.stop();
      throw e;
    }
    return host;
  }

  private void startBundles(Distribution distribution, Storage storage, List<Path> extras)
      throws BundleException, IOException, InterruptedException {
    Provisioning provisioning = new Provisioning(context(), storage.ledger());
    List<Bundle> own =
        provisioning.distribution(distribution.bundles(), distribution.startLevels());
    extras.forEach(provisioning::extras);
    framework.start();
    new Readiness(context(), own).await(READY_LIMIT);
  }

  private static Map<String, String> configuration(
      Distribution distribution, Storage storage, Request request) {
    Map<String, String> configuration = new HashMap<>();
    configuration.put(Constants.FRAMEWORK_STORAGE, storage.framework().toString());
    configuration.put(
        Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(StartLevels.READY));
    configuration.put("felix.log.level", "0"); // framework events say the same, on our own log
    configuration.put("gosh.home", distribution.home().toString());
    configuration.put("gosh.args", "--nohistory --noshutdown");
    configuration.put("aperture.debug", Boolean.toString(request.debugs()));
    configuration.put("aperture.version", Distribution.version());
    configuration.put("aperture.history", storage.history().toString());
    configuration.put("felix.fileinstall.dir", watched(distribution, storage, request.bundles()));
    configuration.put("felix.fileinstall.filter", ".*\\.(cfg|config|jar)");
    configuration.put("felix.fileinstall.noInitialDelay", "true");
    configuration.put("felix.fileinstall.poll", "500");
    configuration.put("felix.fileinstall.log.default", "jul");
    configuration.put("felix.fileinstall.log.level", "2");
    configuration.put("felix.fileinstall.enableConfigSave", "false");
    configuration.put("felix.fileinstall.start.level", Integer.toString(StartLevels.EXTRA));
    configuration.put("felix.fileinstall.tmpdir", storage.scratch().toString());
    return configuration;
  }

  /** The folders that File Install looks after; it takes them as one list with commas. */
  private static String watched(Distribution distribution, Storage storage, List<Path> extras) {
    for (Path folder : extras) {
      if (!Files.isDirectory(folder)) {
        throw new Failure(ExitCode.USAGE, "--bundles " + folder + " is not a folder");
      }
    }
    List<Path> folders = new ArrayList<>(List.of(distribution.etc()));
    storage.settings().ifPresent(folders::add);
    extras.forEach(folder -> folders.add(folder.toAbsolutePath().normalize()));
    for (Path folder : folders) {
      if (folder.toString().contains(",")) {
        throw new Failure(ExitCode.USAGE, "a comma in the path of " + folder);
      }
    }
    return folders.stream().map(Path::toString).collect(Collectors.joining(","));
  }

  private static void report(FrameworkEvent event) {
    Level level =
        switch (event.getType()) {
          case FrameworkEvent.ERROR -> Level.ERROR;
          case FrameworkEvent.WARNING -> Level.WARNING;
          default -> Level.DEBUG;
        };
    Throwable thrown = event.getThrowable();
    if (thrown != null) {
      LOG.log(level, "bundle " + event.getBundle().getSymbolicName(), thrown);
    }
  }

  BundleContext context() {
    return framework.getBundleContext();
  }

  /** Runs a batch inside the framework; the words are those of the shell bundle's batch. */
  int batch(List<String> words) {
    ServiceReference<?> reference = null;
    try {
      reference =
          context().getServiceReferences(ToIntFunction.class, "(aperture.shell=batch)").stream()
              .findFirst()
              .orElse(null);
    } catch (InvalidSyntaxException e) {
      throw new AssertionError(e);
    }
    if (reference == null) {
      throw new Failure(ExitCode.MISSING, "no batch shell: aperture.shell is not active");
    }
    @SuppressWarnings("unchecked") // the property says so
    ToIntFunction<List<String>> batch =
        (ToIntFunction<List<String>>) context().getService(reference);
    return batch.applyAsInt(words);
  }

  /** What runs underneath, for the banner. */
  String frameworkName() {
    return framework.getSymbolicName() + " " + framework.getVersion();
  }

  /** Starts what lies above the level of a batch, and returns when it has started. */
  void raise(int level) throws InterruptedException {
    CountDownLatch reached = new CountDownLatch(1);
    framework
        .adapt(FrameworkStartLevel.class)
        .setStartLevel(
            level,
            event -> {
              if (event.getType() == FrameworkEvent.STARTLEVEL_CHANGED) {
                reached.countDown();
              }
            });
    if (!reached.await(READY_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new Failure(ExitCode.FAILED, "start level " + level + " not reached");
    }
  }

  /** Stops all bundles, in order, and returns when the framework has ended. */
  void stop() {
    try {
      framework.stop();
      FrameworkEvent end = framework.waitForStop(STOP_LIMIT.toMillis());
      if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
        LOG.log(Level.WARNING, "the framework did not stop within {0}", STOP_LIMIT);
      }
    } catch (BundleException e) {
      LOG.log(Level.WARNING, "the framework did not stop", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
