package aperture.exam;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.options.DefaultCompositeOption;

/**
 * The bundles that tests in a container need, taken from the class path of the tests, so that they
 * are of the versions that the tests were compiled with, and nothing is fetched at run time.
 */
final class TestBundles {

  private static final int LEVEL = 2;

  private TestBundles() {}

  /** Pax Exam itself: finds the probe, injects fields, calls methods. */
  static Option ofExam() {
    return composite(
        "pax-exam",
        "pax-exam-inject",
        "pax-exam-extender-service",
        "ops4j-base",
        "pax-swissbox-core",
        "pax-swissbox-extender",
        "pax-swissbox-framework",
        "pax-swissbox-lifecycle",
        "pax-swissbox-tracker",
        "jakarta.inject-api",
        "slf4j-api",
        "slf4j-nop");
  }

  /** What test methods call. */
  static Option ofJupiter() {
    return composite(
        "junit-jupiter-api",
        "junit-platform-commons",
        "opentest4j",
        "assertj-core",
        "byte-buddy",
        "awaitility",
        "hamcrest");
  }

  private static Option composite(String... artifacts) {
    return new DefaultCompositeOption(
        Arrays.stream(artifacts).map(TestBundles::bundle).toArray(Option[]::new));
  }

  private static Option bundle(String artifact) {
    return CoreOptions.bundle(jar(artifact).toUri().toString()).startLevel(LEVEL).start();
  }

  private static Path jar(String artifact) {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(Path::of)
        .filter(entry -> isOf(artifact, entry))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(artifact + " is not on the class path"));
  }

  private static boolean isOf(String artifact, Path entry) {
    Path file = entry.getFileName();
    return file != null && file.toString().matches(Pattern.quote(artifact) + "-\\d.*\\.jar");
  }
}
