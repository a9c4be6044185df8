package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.util.ArrayList;
import java.util.List;
import org.apache.felix.gogo.runtime.EOFError;
import org.apache.felix.gogo.runtime.Parser;
import org.apache.felix.gogo.runtime.Parser.Executable;
import org.apache.felix.gogo.runtime.Parser.Operator;
import org.apache.felix.gogo.runtime.SyntaxError;

/**
 * Cuts a Gogo program at its top-level separators.
 *
 * <p>The shell itself returns the result of a program's last statement only; a batch prints the
 * result of each. What {@code &&}, {@code ||} and pipes hold together stays together. The parser is
 * Gogo's own, so quotes, closures and comments need no second opinion.
 */
final class Statements {
  private Statements() {}

  /** The statements in order; a {@link Failure} when the text is not a program. */
  static List<String> of(String text) {
    try {
      return cut(text);
    } catch (SyntaxError e) {
      throw syntax(e);
    }
  }

  /** Whether the text breaks off inside a quote, a closure or a pipe, and more may complete it. */
  static boolean isIncomplete(String text) {
    try {
      cut(text);
      return false;
    } catch (EOFError e) {
      return true;
    } catch (SyntaxError e) {
      return false;
    }
  }

  private static Failure syntax(SyntaxError e) {
    return new Failure(ExitCode.USAGE, "syntax error: " + e.getMessage());
  }

  private static List<String> cut(String text) {
    List<String> statements = new ArrayList<>();
    StringBuilder current = new StringBuilder();
    for (Executable token : new Parser(text).program().tokens()) {
      if (token instanceof Operator && isSeparator(token.toString())) {
        add(statements, current);
      } else {
        current.append(current.isEmpty() ? "" : " ").append(token);
      }
    }
    add(statements, current);
    return statements;
  }

  private static boolean isSeparator(String operator) {
    return operator.equals(";") || operator.equals("\n");
  }

  private static void add(List<String> statements, StringBuilder current) {
    if (!current.toString().isBlank()) {
      statements.add(current.toString());
    }
    current.setLength(0);
  }
}
