package aperture.itest.guest;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What this machine has to boot guests with.
 *
 * @param path folders of programs
 * @param kernels what {@code itest/guests/fetch} has downloaded
 * @param init first process of every guest
 */
record GuestTools(List<Path> path, Path kernels, Path init) {

  /** QEMU itself, without which none of its programs runs. */
  static final Needed.Program STORAGE_DAEMON =
      new Needed.Program("qemu-storage-daemon", "qemu-system-common");

  private static final String INSTALL = "apt-get install --no-install-recommends ";
  private static final String FETCH = "itest/guests/fetch";

  static GuestTools here() {
    return new GuestTools(
        Stream.of(variable("PATH", "").split(File.pathSeparator, -1)).map(Path::of).toList(),
        Path.of(
            variable(
                "APERTURE_GUESTS",
                variable("HOME", System.getProperty("user.home")) + "/.cache/aperture/guests")),
        Path.of(System.getProperty("aperture.guests"), "init").toAbsolutePath());
  }

  private static String variable(String name, String otherwise) {
    return Optional.ofNullable(System.getenv(name)).orElse(otherwise);
  }

  /** What is lacking, in words that end with how to get it; empty when it can be booted. */
  Optional<String> missing(Needed line) {
    List<String> lacks = new ArrayList<>();
    missing(line.qemu()).ifPresent(lacks::add);
    Path folder = kernels.resolve(line.folder());
    if (!line.files().stream().map(folder::resolve).allMatch(Files::exists)) {
      lacks.add("no " + line.folder() + " in " + kernels + ": " + FETCH);
    }
    return lacks.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", lacks));
  }

  /** The same for one program. */
  Optional<String> missing(Needed.Program program) {
    boolean there = path.stream().anyMatch(folder -> isProgram(folder.resolve(program.name())));
    return there
        ? Optional.empty()
        : Optional.of("no " + program.name() + ": " + INSTALL + program.debianPackage());
  }

  private static boolean isProgram(Path file) {
    return Files.isRegularFile(file) && Files.isExecutable(file);
  }
}
