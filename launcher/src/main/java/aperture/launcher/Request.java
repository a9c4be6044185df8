package aperture.launcher;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A command line that has been understood.
 *
 * @param task what to do
 * @param data where the framework's state lives; empty for a private temporary folder
 * @param bundles folders of the operator's own jars, watched while running
 * @param log the least severe level that reaches standard error
 */
record Request(Task task, Optional<Path> data, List<Path> bundles, Level log) {
  /** Whether stack traces are wanted. */
  boolean debugs() {
    return log.getSeverity() <= Level.DEBUG.getSeverity();
  }
}
