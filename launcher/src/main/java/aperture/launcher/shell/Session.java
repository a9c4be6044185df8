package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;
import org.apache.felix.service.command.Job;
import org.apache.felix.service.command.Result;
import org.jspecify.annotations.Nullable;

/**
 * A Gogo session for programs: results on standard output in the console's own formatting, and a
 * verdict on every statement.
 */
final class Session implements AutoCloseable {
  private static final String BATCH = ".aperture.batch";
  private static final String PIPE_EXCEPTION = "pipe-exception";

  private final CommandSession gogo;
  private final PrintStream out;

  /** What the last finished job said; commands of the Unix kind fail by code, not exception. */
  private final AtomicReference<@Nullable Result> last = new AtomicReference<>();

  Session(CommandProcessor processor, InputStream in, PrintStream out, PrintStream err) {
    this.gogo = processor.createSession(in, out, err);
    this.out = out;
    gogo.put("SCOPE", "aperture:gogo:felix:*");
    gogo.put(BATCH, true);
    gogo.setJobListener((job, before, now) -> {
      if (now == Job.Status.Done && job.parent() == null) {
        last.set(job.result());
      }
    });
  }

  /** Whether a session is one of these, rather than a shell's. */
  static boolean isBatch(CommandSession session) {
    return session.get(BATCH) != null;
  }

  CommandSession gogo() {
    return gogo;
  }

  /** Runs a program up to its first failure. */
  Verdict run(String program) {
    try {
      for (String statement : Statements.of(program)) {
        Verdict verdict = execute(statement);
        if (!verdict.isGood()) {
          return verdict;
        }
      }
      return Verdict.GOOD;
    } catch (Failure e) {
      return Verdict.of(e);
    }
  }

  /**
   * Runs line after line, as a person would type them: a failure does not end it. Lines are joined
   * while a quote or a brace is open.
   *
   * @return the first failure's code, or that of {@code exit}
   */
  int run(BufferedReader lines, Consumer<Verdict> failed) throws IOException {
    int status = 0;
    StringBuilder program = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      program.append(line).append('\n');
      if (!Statements.isIncomplete(program.toString())) {
        Verdict verdict = run(program.toString());
        program.setLength(0);
        if (!verdict.isGood()) {
          failed.accept(verdict);
          status = status == 0 ? verdict.status() : status;
        }
      }
    }
    if (!program.isEmpty()) {
      Verdict verdict = run(program.toString());
      failed.accept(verdict);
      status = status == 0 ? verdict.status() : status;
    }
    return status;
  }

  /** Runs a command with arguments that no parser shall touch. */
  Verdict call(String command, List<String> arguments) {
    List<String> words = new ArrayList<>(List.of(command));
    for (int i = 0; i < arguments.size(); i++) {
      String variable = "aperture_argument_" + i;
      gogo.put(variable, arguments.get(i));
      words.add("$" + variable);
    }
    return execute(String.join(" ", words));
  }

  private Verdict execute(String statement) {
    last.set(null);
    try {
      Object result = gogo.execute(statement);
      Verdict verdict = verdict();
      if (verdict.isGood() && result != null && !Boolean.FALSE.equals(gogo.get(".Gogo.format"))) {
        print(gogo.format(result, Converter.INSPECT));
      }
      return verdict;
    } catch (Leaving e) {
      throw e;
    } catch (Exception e) {
      return Verdict.of(e);
    } finally {
      out.flush();
    }
  }

  private Verdict verdict() {
    if (gogo.get(PIPE_EXCEPTION) instanceof Exception e) {
      Throwable first = e.getSuppressed().length > 0 ? e.getSuppressed()[0] : e;
      return Verdict.silent(Verdict.of(first).status()); // Gogo printed it where it happened
    }
    Result result = last.get();
    boolean failed = result != null && result.exception() == null && result.error() != 0;
    return failed ? Verdict.silent(ExitCode.FAILED.number()) : Verdict.GOOD;
  }

  private void print(CharSequence text) {
    if (!text.isEmpty()) {
      out.print(text);
      if (text.charAt(text.length() - 1) != '\n') {
        out.println();
      }
    }
  }

  @Override
  public void close() {
    gogo.close();
  }
}
