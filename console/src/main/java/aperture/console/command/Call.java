package aperture.console.command;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.console.line.Arguments;
import aperture.console.line.Option;
import java.io.Console;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Process;

/**
 * One call of a command.
 *
 * @param session the session that it came from
 * @param arguments the line, understood
 */
public record Call(CommandSession session, Arguments arguments) {

  /** Where results go: into the pipe that the command stands in, if it does. */
  public PrintStream out() {
    Process process = Process.Utils.current();
    return process == null ? session.getConsole() : process.out();
  }

  /** Where progress goes, never results; nowhere outside a pipe, which has no second stream. */
  public PrintStream progress() {
    Process process = Process.Utils.current();
    return process == null ? new PrintStream(OutputStream.nullOutputStream()) : process.err();
  }

  /** Whether somebody watches. */
  public boolean isWatched() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  public boolean json() {
    return arguments.has(Option.JSON.name());
  }

  /** A path as the session's user means it. */
  public Path path(String text) throws ControlException {
    try {
      Path folder = session.currentDir();
      Path path = Path.of(text);
      return folder == null ? path : folder.resolve(path).normalize();
    } catch (InvalidPathException e) {
      throw ControlException.usage("'%s' is no path: %s".formatted(text, e.getReason()));
    }
  }

  /** A file that must be there; the nearest name beside it is suggested otherwise. */
  public Path existingFile(String text) throws ControlException {
    Path file = path(text);
    if (Files.isRegularFile(file)) {
      return file;
    }
    if (Files.exists(file)) {
      throw ControlException.usage("%s is not a file".formatted(text));
    }
    throw ControlException.usage("no such file: %s%s".formatted(text, neighbour(file)));
  }

  private static String neighbour(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    Path name = file.getFileName();
    if (folder == null || name == null || !Files.isDirectory(folder)) {
      return "";
    }
    try (Stream<Path> names = Files.list(folder)) {
      List<String> known =
          names.limit(4096).map(path -> String.valueOf(path.getFileName())).toList();
      return Nearest.to(name.toString(), known)
          .map(near -> "; did you mean '%s'?".formatted(near))
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
