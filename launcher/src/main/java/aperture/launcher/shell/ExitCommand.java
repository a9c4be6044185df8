package aperture.launcher.shell;

import java.util.Optional;
import java.util.function.IntConsumer;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * {@code exit} and {@code quit}. A batch ends by an exception that it knows; an interactive shell
 * by the launcher, which offers an {@code IntConsumer} for that.
 */
@Component(
    service = ExitCommand.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=aperture",
      CommandProcessor.COMMAND_FUNCTION + "=exit",
      CommandProcessor.COMMAND_FUNCTION + "=quit"
    })
public final class ExitCommand {
  private final BundleContext context;

  /** Created by the component runtime. */
  @Activate
  public ExitCommand(BundleContext context) {
    this.context = context;
  }

  /** Leaves with success. */
  @Descriptor("stop all bundles and leave; example: exit")
  public void exit(CommandSession session) {
    exit(session, 0);
  }

  /** Leaves with a code. */
  @Descriptor("stop all bundles and leave; example: exit 1")
  public void exit(CommandSession session, @Descriptor("the process's exit code") int code) {
    if (Session.isBatch(session)) {
      throw new Leaving(code);
    }
    interactiveShell().orElseThrow(() -> new Leaving(code)).accept(code);
  }

  /** The other word that people try. */
  @Descriptor("same as exit")
  public void quit(CommandSession session) {
    exit(session, 0);
  }

  private Optional<IntConsumer> interactiveShell() {
    try {
      return context.getServiceReferences(IntConsumer.class, "(aperture.shell=exit)").stream()
          .findFirst()
          .map((ServiceReference<IntConsumer> reference) -> context.getService(reference));
    } catch (InvalidSyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
