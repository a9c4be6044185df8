package aperture.itest.guest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What a guest runs from: busybox, the modules of its kernel, and {@code itest/guests/init}. */
final class Initramfs {

  private static final int CONSOLE_MAJOR = 5;
  private static final int CONSOLE_MINOR = 1;

  private Initramfs() {}

  /**
   * Writes it.
   *
   * @param fetched folder of the kernel, as fetched; the names of its modules are in load order
   * @param init the script that becomes process 1
   * @param file to write
   */
  static Path write(Path fetched, Path init, Path file) throws IOException {
    CpioArchive archive = new CpioArchive();
    for (String folder : List.of("dev", "bin", "modules")) {
      archive.directory(folder);
    }
    // The kernel opens it for process 1 before anything is mounted.
    archive.device("dev/console", CONSOLE_MAJOR, CONSOLE_MINOR);
    archive.executable("bin/busybox", Files.readAllBytes(fetched.resolve("busybox")));
    for (Path module : modules(fetched)) {
      archive.executable("modules/" + module.getFileName(), Files.readAllBytes(module));
    }
    archive.executable("init", Files.readAllBytes(init));
    return Files.write(file, archive.finish());
  }

  private static List<Path> modules(Path fetched) throws IOException {
    try (Stream<Path> files = Files.list(fetched.resolve("modules"))) {
      return files.sorted().toList();
    }
  }
}
