package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Component;

/**
 * {@code help}: one line for each command, the product's own first.
 *
 * <p>The stock listing gives eighty names in one column and no word about any. What a single
 * command takes is still the stock page.
 */
@Component(
    service = HelpCommand.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=aperture",
      CommandProcessor.COMMAND_FUNCTION + "=help"
    })
public final class HelpCommand {
  private static final String STOCK = "gogo:help";

  /** Lists the product's commands, and the scopes of all others. */
  @Descriptor("list commands; examples: help, help arch, help arch:list")
  public String help(CommandSession session) {
    List<CommandPage> own = new ArrayList<>();
    SortedSet<String> others = new TreeSet<>();
    for (CommandPage page : CommandPage.all(session)) {
      if (page.isStock()) {
        others.add(page.scope());
      } else {
        own.add(page);
      }
    }
    return lines(own)
        + "\nMore in "
        + String.join(", ", others)
        + ". 'help SCOPE' lists a scope, 'help COMMAND' explains a command.\n";
  }

  /** Lists a scope or explains a command. */
  @Descriptor("explain a scope or a command; examples: help felix, help felix:start")
  public Object help(CommandSession session, @Descriptor("scope or command") String topic)
      throws Exception {
    String scope = topic.endsWith(":") ? topic.substring(0, topic.length() - 1) : topic;
    List<CommandPage> pages =
        CommandPage.all(session).stream().filter(page -> page.scope().equals(scope)).toList();
    if (!pages.isEmpty()) {
      return lines(pages);
    }
    List<CommandPage> named =
        CommandPage.all(session).stream().filter(page -> page.answersTo(topic)).toList();
    if (named.isEmpty()) {
      throw new Failure(
          ExitCode.USAGE, UnknownCommands.message(topic, UnknownCommands.commands(session)));
    }
    if (session.get(STOCK) instanceof Function stock) {
      return stock.execute(session, new ArrayList<>(List.of(named.getFirst().name())));
    }
    return lines(named);
  }

  private static String lines(List<CommandPage> pages) {
    int width = pages.stream().mapToInt(page -> page.name().length()).max().orElse(0);
    StringBuilder text = new StringBuilder();
    for (CommandPage page : pages) {
      String gap = " ".repeat(width - page.name().length() + 2);
      text.append((page.name() + gap + page.summary()).stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
