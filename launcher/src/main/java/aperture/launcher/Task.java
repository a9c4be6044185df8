package aperture.launcher;

import java.util.List;

/** What one run is for. */
sealed interface Task {
  /** Say something and end; no framework needed. */
  record Answer(String text) implements Task {}

  /** The console: a shell on a terminal, or lines of a file or a pipe. */
  record Console() implements Task {}

  /** The commands of {@code -c}. */
  record Batch(String commands) implements Task {}

  /** A subcommand that a bundle carries out. */
  record Delegated(Delegate delegate, List<String> arguments) implements Task {}
}
