package aperture.console.format;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;

/**
 * The few signs beyond ASCII, and what stands for them where the output is not UTF-8.
 *
 * @param good before what held
 * @param bad before what did not
 * @param bullet before what is happening
 */
public record Marks(String good, String bad, String bullet) {

  private static final Marks SIGNS = new Marks("\u2713", "\u2717", "\u2022");
  private static final Marks ASCII = new Marks("ok", "FAILED", "*");

  /** Those for the standard output of this process. */
  public static Marks forOutput() {
    return forCharset(
        System.getProperty("stdout.encoding", System.getProperty("native.encoding", "")));
  }

  static Marks forCharset(String name) {
    try {
      return Charset.forName(name).equals(StandardCharsets.UTF_8) ? SIGNS : ASCII;
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      return ASCII;
    }
  }
}
