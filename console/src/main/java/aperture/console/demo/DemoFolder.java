package aperture.console.demo;

import aperture.admin.ControlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A temporary folder that is gone when the run is. */
final class DemoFolder implements AutoCloseable {

  private static final System.Logger LOG = System.getLogger(DemoFolder.class.getName());

  private final Path path;

  private DemoFolder(Path path) {
    this.path = path;
  }

  static DemoFolder create() throws ControlException {
    try {
      return new DemoFolder(Files.createTempDirectory("aperture-demo-"));
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.FAILED, "no temporary folder: " + e.getMessage(), e);
    }
  }

  Path path() {
    return path;
  }

  /** Deletes one file early, so that copies do not add up. */
  static void delete(Path file) {
    try {
      var _ = Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} is left behind: {1}", file, e.getMessage());
    }
  }

  @Override
  public void close() {
    List<Path> files;
    try (Stream<Path> names = Files.list(path)) {
      files = names.toList();
    } catch (IOException e) {
      files = List.of();
    }
    files.forEach(DemoFolder::delete);
    delete(path);
  }
}
