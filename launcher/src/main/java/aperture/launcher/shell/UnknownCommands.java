package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import aperture.launcher.outcome.Nearest;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.CommandSessionListener;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Component;

/**
 * Answers a mistyped command with the nearest one that exists, in every session.
 *
 * <p>Gogo hands a command that it does not know to the session's variable {@code default}. A
 * listener sets it before each execution, because the interactive shell makes its own session.
 */
@Component
public final class UnknownCommands implements CommandSessionListener {
  private static final String FALLBACK = "default";
  private static final String COMMANDS = ".commands";

  @Override
  public void beforeExecute(CommandSession session, CharSequence command) {
    if (session.get(FALLBACK) == null) {
      Function refuse = UnknownCommands::refuse;
      session.put(FALLBACK, refuse);
    }
  }

  @Override
  public void afterExecute(CommandSession session, CharSequence command, Exception exception) {}

  @Override
  public void afterExecute(CommandSession session, CharSequence command, Object result) {}

  /** Whether the session knows a command by its full name. */
  static boolean knows(CommandSession session, String command) {
    return commands(session).contains(command);
  }

  private static Object refuse(CommandSession session, List<Object> words) {
    throw new Failure(ExitCode.USAGE, message(words.getFirst().toString(), commands(session)));
  }

  /** Compares names within their scopes when a scope was typed, and bare names otherwise. */
  static String message(String typed, Collection<String> commands) {
    String start = "unknown command '" + typed + "'";
    Optional<String> near =
        typed.contains(":") ? Nearest.to(typed, commands) : nearestName(typed, commands);
    return start + near.map(word -> "; nearest: " + word).orElse("; 'help' lists all");
  }

  private static Optional<String> nearestName(String typed, Collection<String> commands) {
    Set<String> names = commands.stream().map(UnknownCommands::name).collect(Collectors.toSet());
    return Nearest.to(typed, names)
        .map(name -> commands.stream().filter(c -> name(c).equals(name)).min(String::compareTo))
        .map(Optional::orElseThrow);
  }

  private static String name(String command) {
    return command.substring(command.indexOf(':') + 1);
  }

  /** Gogo keeps the names of commands that have gone; they have no function. */
  private static Collection<String> commands(CommandSession session) {
    return session.get(COMMANDS) instanceof Collection<?> names
        ? names.stream().map(Object::toString).filter(name -> session.get(name) != null).toList()
        : List.of();
  }
}
