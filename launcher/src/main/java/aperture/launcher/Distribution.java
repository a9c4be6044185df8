package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.IOException;
import java.io.Reader;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;

/**
 * The folder that the build assembles: {@code aperture.jar}, {@code lib/}, {@code bundle/}, {@code
 * etc/}. It is read and never written, so that every run starts from the same bundles.
 *
 * @param home the folder that holds {@code aperture.jar}
 */
record Distribution(Path home) {

  /** The distribution that this class was loaded from. */
  static Distribution own() {
    CodeSource source = Distribution.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      throw new Failure(ExitCode.MISSING, "cannot tell where aperture.jar lies");
    }
    try {
      Path jar = Path.of(source.getLocation().toURI()).toAbsolutePath();
      Path home = jar.getParent();
      return new Distribution(home == null ? jar : home);
    } catch (URISyntaxException e) {
      throw new Failure(ExitCode.MISSING, "cannot tell where aperture.jar lies: " + e.getMessage());
    }
  }

  /** The version in the manifest, or {@code dev} when run from loose classes. */
  static String version() {
    String version = Distribution.class.getPackage().getImplementationVersion();
    return version == null ? "dev" : version;
  }

  Path etc() {
    return home.resolve("etc");
  }

  /** The jars to install, each named after its symbolic name, in a stable order. */
  List<Path> bundles() {
    Path folder = home.resolve("bundle");
    if (!Files.isDirectory(folder)) {
      throw new Failure(ExitCode.MISSING, "no bundles: " + folder + " does not exist");
    }
    return jars(folder);
  }

  /** The jars of any folder, sorted by name. */
  static List<Path> jars(Path folder) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
      jars.forEach(found::add);
    } catch (IOException e) {
      throw new Failure(ExitCode.DENIED, "cannot list " + folder + ": " + e);
    }
    found.sort(null);
    return found;
  }

  /** The start levels of {@code etc/start-levels.properties}. */
  StartLevels startLevels() {
    Path file = etc().resolve("start-levels.properties");
    Properties rules = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      rules.load(reader);
    } catch (IOException e) {
      throw new Failure(ExitCode.MISSING, "cannot read " + file + ": " + e);
    }
    return StartLevels.of(rules);
  }
}
