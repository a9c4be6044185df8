package aperture.launcher.shell;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.ExecutionException;
import org.apache.felix.gogo.runtime.CommandNotFoundException;
import org.apache.felix.gogo.runtime.EOFError;
import org.apache.felix.gogo.runtime.SyntaxError;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The verdict on a command's exception")
class VerdictTest {
  /** As a bundle's own: not public, and with the agreed method. */
  @SuppressWarnings({"UnusedMethod", "EffectivelyPrivate"}) // found by reflection
  private static final class Coded extends Exception {
    private final int code;

    Coded(String message, int code) {
      super(message);
      this.code = code;
    }

    public int exitCode() {
      return code;
    }
  }

  /** A method of that name that means something else. */
  @SuppressWarnings({"UnusedMethod", "EffectivelyPrivate"}) // found by reflection
  private static final class Miscoded extends RuntimeException {
    Miscoded() {
      super("miscoded after all");
    }

    public String exitCode() {
      return "none";
    }
  }

  @Test
  @DisplayName("is a run-time failure by default, with the message alone")
  void defaultsToFailed() {
    Verdict verdict = Verdict.of(new IllegalStateException("it broke"));
    assertThat(verdict.status()).isEqualTo(1);
    assertThat(verdict.message()).isEqualTo("it broke");
  }

  @Test
  @DisplayName("takes code and message from whatever in the chain has an exitCode() method")
  void asksTheException() {
    Verdict verdict =
        Verdict.of(new RuntimeException("wrapped", new Coded("cannot bind /run/x", 4)));
    assertThat(verdict.status()).isEqualTo(4);
    assertThat(verdict.message()).isEqualTo("cannot bind /run/x");
    assertThat(Verdict.of(new Failure(ExitCode.MISSING, "no such thing")).status()).isEqualTo(3);
  }

  @Test
  @DisplayName("is not fooled by a method of that name that gives no number")
  void ignoresOtherMethods() {
    assertThat(Verdict.of(new Miscoded()).status()).isEqualTo(1);
  }

  @Test
  @DisplayName("is wrong usage for what the shell cannot read or find")
  void knowsTheShellsOwn() {
    assertThat(Verdict.of(new CommandNotFoundException("nope")).status()).isEqualTo(2);
    assertThat(Verdict.of(new SyntaxError(1, 1, "bad")).status()).isEqualTo(2);
    EOFException open = new EOFException("open quote");
    open.initCause(new EOFError(1, 1, "open quote", "'", "'"));
    assertThat(Verdict.of(open).status()).isEqualTo(2);
    assertThat(Verdict.of(new EOFException("peer gone")).status()).isEqualTo(1);
  }

  @Test
  @DisplayName("is wrong usage for arguments that fit no method, and points to help")
  void knowsMisfits() {
    Verdict verdict =
        Verdict.of(new IllegalArgumentException("Cannot coerce start(Token) to any of [(Bundle)]"));
    assertThat(verdict.status()).isEqualTo(2);
    assertThat(verdict.message()).isEqualTo("wrong arguments for 'start'; see 'help start'");
  }

  @Test
  @DisplayName("looks through the shell's wrappers, and names an error's type")
  void unwraps() {
    Throwable error = new InvocationTargetException(new AssertionError("impossible"));
    assertThat(Verdict.of(new ExecutionException(error)).message())
        .isEqualTo("AssertionError: impossible");
  }

  @Test
  @DisplayName("is always one line that says something")
  void isOneLine() {
    assertThat(Verdict.of(new IOException("first\n  second\r\nthird")).message())
        .isEqualTo("first; second; third");
    assertThat(Verdict.of(new NullPointerException()).message()).isEqualTo("NullPointerException");
    assertThat(Verdict.of(new IOException("/etc/x")).message()).isEqualTo("IOException: /etc/x");
  }

  @Test
  @DisplayName("does not run in circles")
  void survivesRings() {
    Exception a = new Exception("outer thing");
    a.initCause(new Exception("inner thing", a));
    assertThat(Verdict.of(a).message()).isEqualTo("outer thing");
  }
}
