package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import java.io.EOFException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a command's exception means to the caller of the process.
 *
 * <p>A bundle chooses its own code by throwing anything that has a public {@code int exitCode()}.
 * The method is looked up by name, because the exception's class comes from another class loader;
 * the same goes for Gogo's exceptions, which are recognized by class name.
 *
 * @param status the exit code
 * @param message one line, or empty when the reason has already been printed
 * @param cause for a stack trace when debugging
 */
record Verdict(int status, String message, @Nullable Throwable cause) {
  /** How Gogo says that no method of a command takes these arguments. */
  private static final Pattern MISFIT = Pattern.compile("Cannot coerce ([^(]+)\\(");

  static final Verdict GOOD = new Verdict(0, "", null);

  boolean isGood() {
    return status == 0;
  }

  /** A failure whose command printed its own message. */
  static Verdict silent(int status) {
    return new Verdict(status, "", null);
  }

  /** Reads an exception, the most specific sign first. */
  static Verdict of(Throwable thrown) {
    for (Throwable link : chain(thrown)) {
      OptionalInt code = exitCode(link);
      if (code.isPresent()) {
        return new Verdict(code.getAsInt(), line(link), thrown);
      }
    }
    Throwable root = unwrap(thrown);
    Matcher misfit = MISFIT.matcher(String.valueOf(root.getMessage()));
    if (root instanceof IllegalArgumentException && misfit.lookingAt()) {
      String command = misfit.group(1);
      String message = "wrong arguments for '" + command + "'; see 'help " + command + "'";
      return new Verdict(ExitCode.USAGE.number(), message, thrown);
    }
    return new Verdict(gogoCode(root).number(), line(root), thrown);
  }

  private static ExitCode gogoCode(Throwable thrown) {
    String name = thrown.getClass().getSimpleName();
    boolean misused =
        name.equals("CommandNotFoundException")
            || name.equals("SyntaxError")
            || name.equals("EOFError")
            || (thrown instanceof EOFException && name(thrown.getCause()).equals("EOFError"));
    return misused ? ExitCode.USAGE : ExitCode.FAILED;
  }

  private static String name(@Nullable Throwable thrown) {
    return thrown == null ? "" : thrown.getClass().getSimpleName();
  }

  /** Gogo wraps what is not an exception; the wrappers say nothing. */
  private static Throwable unwrap(Throwable thrown) {
    Throwable inner = thrown;
    while (inner instanceof InvocationTargetException || inner instanceof ExecutionException) {
      Throwable cause = inner.getCause();
      if (cause == null) {
        break;
      }
      inner = cause;
    }
    return inner;
  }

  /** An exception's message on one line; its type only when the message alone says nothing. */
  private static String line(Throwable thrown) {
    String message = thrown.getMessage();
    if (message == null || message.isBlank()) {
      return thrown.getClass().getSimpleName();
    }
    String text = message.strip().replaceAll("\\s*\\R\\s*", "; ");
    boolean bare = thrown instanceof Error || !text.contains(" ");
    return bare ? thrown.getClass().getSimpleName() + ": " + text : text;
  }

  private static OptionalInt exitCode(Throwable thrown) {
    try {
      Method method = thrown.getClass().getMethod("exitCode");
      if (method.getReturnType() == int.class && method.trySetAccessible()) {
        return OptionalInt.of((int) method.invoke(thrown));
      }
    } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
      return OptionalInt.empty();
    }
    return OptionalInt.empty();
  }

  /** A thrown exception and its causes, outermost first; bounded, because a chain may be a ring. */
  private static List<Throwable> chain(Throwable thrown) {
    List<Throwable> links = new ArrayList<>();
    for (@Nullable Throwable t = thrown; t != null && links.size() < 20; t = t.getCause()) {
      links.add(t);
    }
    return links;
  }
}
