package aperture.console;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.console.command.CommandFailure;
import aperture.console.line.Command;
import aperture.console.line.CommandTable;
import java.lang.reflect.Method;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * {@code help}. It outranks the stock one, which knows methods but no options or examples: the
 * platform's commands get the page that {@code --help} prints, all others what the stock one says.
 */
@Component(
    service = HelpCommand.class,
    property = {
      "osgi.command.scope=felix",
      "osgi.command.function=help",
      "service.ranking:Integer=100"
    })
public final class HelpCommand {

  private static final String STOCK =
      "(&(%s=felix)(%s=help)(!(%s=*)))"
          .formatted(
              CommandProcessor.COMMAND_SCOPE,
              CommandProcessor.COMMAND_FUNCTION,
              Constants.SERVICE_RANKING);

  private final BundleContext context;

  @Activate
  public HelpCommand(BundleContext context) {
    this.context = context;
  }

  /** All commands: ours with what they do, the others by name. */
  @Descriptor("list all commands; example: help")
  public String help() {
    List<Command> ours = CommandTable.all();
    int width = ours.stream().mapToInt(c -> c.name().length()).max().orElse(0) + 2;
    StringBuilder text = new StringBuilder();
    ours.forEach(c -> text.append(("%-" + width + "s%s%n").formatted(c.name(), c.summary())));
    text.append("%nOthers: ".formatted());
    TreeSet<String> others = new TreeSet<>(registered());
    ours.forEach(command -> others.remove(command.name()));
    others.removeIf(name -> name.contains(":_"));
    return text.append(String.join(", ", others))
        .append("%n%n'help COMMAND' explains one, with an example.%n".formatted())
        .toString();
  }

  /** One command. */
  @Descriptor("explain a command; example: help machine:create")
  public String help(@Descriptor("command, with or without its scope") String name)
      throws CommandFailure {
    List<Command> meant =
        CommandTable.all().stream()
            .filter(c -> c.name().equals(name) || c.scope().equals(name) || c.verb().equals(name))
            .toList();
    Optional<Command> exact = meant.stream().filter(c -> c.name().equals(name)).findFirst();
    if (exact.isPresent() || meant.size() == 1) {
      return exact.orElseGet(meant::getFirst).page();
    }
    Collection<String> registered = registered();
    boolean stock =
        registered.stream()
            .anyMatch(known -> known.equals(name) || known.endsWith(":" + name) && meant.isEmpty());
    if (stock) {
      return stockHelp(name);
    }
    if (!meant.isEmpty()) {
      StringBuilder text = new StringBuilder();
      meant.forEach(c -> text.append("%s - %s%n".formatted(c.name(), c.summary())));
      return text.toString();
    }
    throw CommandFailure.of(ControlException.usage(Nearest.unknown("command", name, registered)));
  }

  private Collection<String> registered() {
    TreeSet<String> names = new TreeSet<>();
    try {
      ServiceReference<?>[] all =
          context.getAllServiceReferences(
              null,
              "(&(%s=*)(%s=*))"
                  .formatted(CommandProcessor.COMMAND_SCOPE, CommandProcessor.COMMAND_FUNCTION));
      if (all != null) {
        for (ServiceReference<?> command : all) {
          Object functions = command.getProperty(CommandProcessor.COMMAND_FUNCTION);
          for (Object function :
              functions instanceof Object[] many ? many : new Object[] {functions}) {
            names.add(command.getProperty(CommandProcessor.COMMAND_SCOPE) + ":" + function);
          }
        }
      }
    } catch (InvalidSyntaxException e) {
      throw new IllegalStateException(e);
    }
    return names;
  }

  private String stockHelp(String name) throws CommandFailure {
    try {
      ServiceReference<?>[] stock = context.getAllServiceReferences(null, STOCK);
      Object help = stock == null ? null : context.getService(stock[0]);
      if (stock != null && help != null) {
        Method method = help.getClass().getMethod("help", String.class);
        method.setAccessible(true);
        String text = String.valueOf(method.invoke(help, name));
        context.ungetService(stock[0]);
        return text;
      }
    } catch (InvalidSyntaxException | ReflectiveOperationException e) {
      throw CommandFailure.of(
          new ControlException(
              ControlException.Kind.FAILED,
              "no help for %s: %s".formatted(name, e.getMessage()),
              e));
    }
    throw CommandFailure.of(ControlException.failed("there is no help for " + name));
  }
}
