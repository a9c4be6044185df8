package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a run keeps its state: a private folder that goes with the process, or a named one that
 * stays and that one process at a time may use.
 *
 * <p>The framework has a lock of its own, but its message and its failure differ from framework to
 * framework; this one is taken first and speaks plainly.
 */
final class Storage implements AutoCloseable {
  private final Path root;
  private final boolean temporary;
  private final @Nullable FileChannel lock;

  private Storage(Path root, boolean temporary, @Nullable FileChannel lock) {
    this.root = root;
    this.temporary = temporary;
    this.lock = lock;
  }

  /** A folder of this run alone, deleted by {@link #close}. */
  static Storage temporary() {
    try {
      return new Storage(Files.createTempDirectory("aperture-"), true, null);
    } catch (IOException e) {
      throw new Failure(ExitCode.DENIED, "cannot create a temporary folder: " + e.getMessage());
    }
  }

  /** A folder that outlives the run; refused while another process uses it. */
  static Storage persistent(Path folder) {
    Path root = folder.toAbsolutePath().normalize();
    if (Files.exists(root) && !Files.isDirectory(root)) {
      throw new Failure(ExitCode.USAGE, "--data " + folder + " is not a folder");
    }
    try {
      Files.createDirectories(root.resolve("etc"));
      Path file = root.resolve("lock");
      FileChannel channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        String owner = ownerOf(channel);
        channel.close();
        throw new Failure(ExitCode.DENIED, "--data " + folder + " is in use" + owner);
      }
      channel.truncate(0);
      channel.write(
          StandardCharsets.US_ASCII.encode(Long.toString(ProcessHandle.current().pid())), 0);
      return new Storage(root, false, channel);
    } catch (AccessDeniedException e) {
      throw new Failure(ExitCode.DENIED, "--data " + folder + ": permission denied");
    } catch (IOException e) {
      throw new Failure(ExitCode.DENIED, "--data " + folder + " cannot be used: " + e.getMessage());
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null; // held by this very process
    }
  }

  private static String ownerOf(FileChannel channel) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(20);
    channel.read(text, 0);
    String pid = StandardCharsets.US_ASCII.decode(text.flip()).toString().strip();
    return pid.isEmpty() ? " by another process" : " by process " + pid;
  }

  /** The framework's own folder. */
  Path framework() {
    return root.resolve("framework");
  }

  /** For bundles that unpack something. */
  Path scratch() {
    return root.resolve("tmp");
  }

  /** Settings of this data alone, beside the distribution's; a temporary run has none. */
  Optional<Path> settings() {
    return temporary ? Optional.empty() : Optional.of(root.resolve("etc"));
  }

  /** What was installed from the distribution, and in which state of the file. */
  Path ledger() {
    return root.resolve("installed.properties");
  }

  /** The shell's history: with the data, or else the user's own. */
  Path history() {
    return temporary ? userHome().resolve(".aperture").resolve("history") : root.resolve("history");
  }

  /** The environment's word first, as other programs have it; Java asks the password file. */
  private static Path userHome() {
    String home = System.getenv("HOME");
    return Path.of(home == null || home.isBlank() ? System.getProperty("user.home") : home);
  }

  @Override
  public void close() {
    try {
      if (lock != null) {
        lock.close();
      }
      if (temporary) {
        delete(root);
      }
    } catch (IOException e) {
      System.err.println("warning: cannot clear " + root + ": " + e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path done, @Nullable IOException e)
                throws IOException {
              Files.deleteIfExists(done);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException e) {
      return; // closed twice: once by the run, once by the shutdown hook
    }
  }
}
