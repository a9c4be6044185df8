package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToIntFunction;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * A {@code main} inside the framework: words in, exit status out; results on standard output,
 * errors on standard error, one line each.
 *
 * <p>The words are a verb and its operands:
 *
 * <ul>
 *   <li>{@code run PROGRAM}: up to the first failure
 *   <li>{@code lines}: each line of standard input, whatever became of the one before
 *   <li>{@code call COMMAND ARGUMENT...}: one command, its arguments passed on unread
 * </ul>
 */
@Component(service = ToIntFunction.class, property = "aperture.shell=batch")
public final class Batch implements ToIntFunction<List<String>> {
  private final BundleContext context;
  private final CommandProcessor processor;
  private final Bundle framework;

  /** Created by the component runtime. */
  @Activate
  public Batch(BundleContext context, @Reference CommandProcessor processor) {
    this.context = context;
    this.processor = processor;
    this.framework = context.getBundle(Constants.SYSTEM_BUNDLE_ID);
  }

  @Override
  public int applyAsInt(List<String> words) {
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    Report report =
        new Report(err, this::isEnding, "true".equals(context.getProperty("aperture.debug")));
    try (Session session = new Session(processor, System.in, out, err)) {
      Toolbox.find(context, processor)
          .ifPresent(toolbox -> {
            toolbox.register();
            toolbox.equip(session.gogo(), System.in, out);
          });
      return perform(session, words, report);
    } catch (Leaving e) {
      return e.status();
    } catch (IOException | Failure e) {
      return report.print(Verdict.of(e));
    } finally {
      out.flush();
      err.flush();
    }
  }

  private boolean isEnding() {
    return framework.getState() != Bundle.ACTIVE;
  }

  private static int perform(Session session, List<String> words, Report report)
      throws IOException {
    List<String> operands = words.subList(1, words.size());
    return switch (words.getFirst()) {
      case "run" -> report.print(session.run(operands.getFirst()));
      case "lines" -> session.run(input(), report::print);
      case "call" -> report.print(call(session, operands));
      default -> throw new IllegalArgumentException(words.getFirst());
    };
  }

  private static Verdict call(Session session, List<String> words) {
    String command = words.getFirst();
    if (!UnknownCommands.knows(session.gogo(), command)) {
      return Verdict.of(new Failure(ExitCode.MISSING, "no bundle provides the command " + command));
    }
    return session.call(command, words.subList(1, words.size()));
  }

  private static BufferedReader input() {
    return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
  }

  /** The process's own streams: {@code System.out} belongs to whoever runs on the thread. */
  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }
}
