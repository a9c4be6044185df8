package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Component;

/**
 * {@code help} without a scope: the best {@code felix:help} there is, which a bundle may outrank
 * with its own. The shell's {@code gogo:help}, which nobody outranks, would come first otherwise.
 */
@Component(
    service = HelpCommand.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=aperture",
      CommandProcessor.COMMAND_FUNCTION + "=help"
    })
public final class HelpCommand {
  private static final String BEST = "felix:help";

  /** Passes the topics on. */
  @Descriptor("list commands, or explain one; examples: help, help felix:start")
  public Object help(CommandSession session, @Descriptor("a command, or none") Object[] topics)
      throws Exception {
    if (session.get(BEST) instanceof Function best) {
      return best.execute(session, new ArrayList<>(List.of(topics)));
    }
    throw new Failure(ExitCode.MISSING, "no bundle provides " + BEST);
  }
}
