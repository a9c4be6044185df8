package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleException;

/** The entry point: from words to a running framework to an exit code. */
public final class Main {
  private final PrintStream out;
  private final PrintStream err;

  private Main(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  /** Called by the JVM. */
  public static void main(String[] words) {
    // The terminal library looks for its providers through this loader, and ours cannot see them.
    Thread.currentThread().setContextClassLoader(null);
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    // Results have standard output to themselves: whatever prints without a session is log.
    System.setOut(err);
    System.setErr(err);
    int status = new Main(out, err).run(words);
    out.flush();
    err.flush();
    System.exit(status);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  private int run(String[] words) {
    try {
      Request request = Arguments.parse(words);
      LogOutput.install(request.log());
      return switch (request.task()) {
        case Task.Answer(String text) -> {
          out.println(text);
          yield ExitCode.OK.number();
        }
        case Task.Delegated(Delegate delegate, var _) -> run(request, delegate.endsBySignal());
        case Task.Batch _, Task.Console _ -> run(request, false);
      };
    } catch (Failure e) {
      return report(e);
    } catch (RuntimeException e) {
      e.printStackTrace(err);
      return ExitCode.FAILED.number();
    }
  }

  private int run(Request request, boolean endsBySignal) {
    Ending ending = Ending.prepare(endsBySignal);
    try {
      Storage storage = request.data().map(Storage::persistent).orElseGet(Storage::temporary);
      ending.owns(storage);
      Host host = Host.start(Distribution.own(), storage, request);
      ending.owns(host);
      return perform(request.task(), host);
    } catch (BundleException | IOException | InterruptedException e) {
      return report(new Failure(ExitCode.FAILED, "cannot start: " + e.getMessage()));
    } catch (RuntimeException | LinkageError e) {
      if (ending.isUnderway()) {
        return ExitCode.FAILED.number(); // a signal has taken the bundle from under the command
      }
      throw e;
    } finally {
      ending.close();
    }
  }

  private int perform(Task task, Host host) throws InterruptedException {
    return switch (task) {
      case Task.Batch(String commands) -> host.batch(List.of("run", commands));
      case Task.Delegated(Delegate delegate, List<String> arguments) -> {
        List<String> words = new ArrayList<>(List.of("call", delegate.command()));
        words.addAll(arguments);
        yield host.batch(words);
      }
      case Task.Console _ ->
          isTerminal() ? new Console(host, out).run() : host.batch(List.of("lines"));
      case Task.Answer _ -> throw new IllegalStateException("answered already");
    };
  }

  private static boolean isTerminal() {
    return Optional.ofNullable(System.console()).map(java.io.Console::isTerminal).orElse(false);
  }

  private int report(Failure failure) {
    err.println("error: " + failure.getMessage());
    return failure.exitCode();
  }
}
