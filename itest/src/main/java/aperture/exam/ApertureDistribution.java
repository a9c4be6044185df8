package aperture.exam;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.options.DefaultCompositeOption;

/**
 * Provisions the assembled distribution: every jar of its {@code bundle/} folder at the start level
 * that its {@code etc/start-levels.properties} gives it, as the launcher does.
 *
 * <pre>
 * &#64;Configuration
 * public static Option[] configuration() {
 *   return options(
 *       ApertureDistribution.bundles(Path.of("aperture")),
 *       bundle("file:target/my.arch.jar"));
 * }
 * </pre>
 *
 * <p>It works with any runner of Pax Exam, {@link InContainer} among them. The interactive shell is
 * left out, for it would take the terminal. Bundles are copied into the container, so nothing that
 * a test does to one changes the jar.
 */
public final class ApertureDistribution {

  /** Where the framework comes to rest; bundles of a higher level are not provisioned. */
  public static final int START_LEVEL = 8;

  private static final String SHELL_LEVELS = "start-levels.properties";
  private static final int DEFAULT_LEVEL = 1;

  private ApertureDistribution() {}

  /**
   * The whole distribution.
   *
   * @param home the folder that holds {@code bundle/} and {@code etc/}
   * @throws IllegalArgumentException when there is no distribution
   */
  public static Option bundles(Path home) {
    List<Option> options = new ArrayList<>();
    Properties levels = levels(home);
    for (Path jar : jars(home)) {
      int level = level(levels, symbolicName(jar));
      if (level <= START_LEVEL) {
        options.add(CoreOptions.bundle(jar.toUri().toString()).startLevel(level).start());
      }
    }
    options.add(CoreOptions.frameworkStartLevel(START_LEVEL));
    // Whoever calls the framework gets its exceptions; a stack trace on top says nothing more.
    options.add(CoreOptions.frameworkProperty("felix.log.level").value("0"));
    options.add(CoreOptions.frameworkProperty("felix.fileinstall.dir").value(etc(home).toString()));
    options.add(
        CoreOptions.frameworkProperty("felix.fileinstall.filter").value(".*\\.(cfg|config)"));
    options.add(CoreOptions.frameworkProperty("felix.fileinstall.enableConfigSave").value("false"));
    options.add(CoreOptions.frameworkProperty("felix.fileinstall.log.level").value("0"));
    return new DefaultCompositeOption(options.toArray(Option[]::new));
  }

  private static List<Path> jars(Path home) {
    List<Path> found = new ArrayList<>();
    Path folder = home.resolve("bundle").toAbsolutePath().normalize();
    try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
      jars.forEach(found::add);
    } catch (IOException e) {
      throw new IllegalArgumentException("no distribution: cannot list " + folder, e);
    }
    found.sort(null);
    return found;
  }

  private static String symbolicName(Path jar) {
    String file = jar.getFileName().toString();
    return file.substring(0, file.length() - ".jar".length());
  }

  private static Path etc(Path home) {
    return home.resolve("etc").toAbsolutePath().normalize();
  }

  private static Properties levels(Path home) {
    Properties levels = new Properties();
    try (Reader reader = Files.newBufferedReader(etc(home).resolve(SHELL_LEVELS))) {
      levels.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException("no distribution", e);
    }
    return levels;
  }

  /** A rule for the name itself, else the longest prefix that ends in {@code *}. */
  private static int level(Properties rules, String name) {
    String best = "";
    for (String rule : rules.stringPropertyNames()) {
      boolean fits =
          rule.equals(name)
              || (rule.endsWith("*") && name.startsWith(rule.substring(0, rule.length() - 1)));
      if (fits && (rule.equals(name) || (!best.equals(name) && rule.length() > best.length()))) {
        best = rule;
      }
    }
    String level = rules.getProperty(best);
    return level == null ? DEFAULT_LEVEL : Integer.parseInt(level.strip());
  }
}
