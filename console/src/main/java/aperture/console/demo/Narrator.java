package aperture.console.demo;

import aperture.console.format.Marks;
import java.io.PrintStream;
import java.util.Locale;

/** Tells what happens, line by line. */
final class Narrator {

  private final PrintStream out;
  private final Marks marks;

  Narrator(PrintStream out, Marks marks) {
    this.out = out;
    this.marks = marks;
  }

  void heading(String text) {
    out.println();
    out.println(text);
    out.flush();
  }

  void good(String text) {
    line(marks.good(), text);
  }

  void bad(String text) {
    line(marks.bad(), text);
  }

  /** What a step found, below it. */
  void detail(String text) {
    out.println("       " + text);
    out.flush();
  }

  private void line(String mark, String text) {
    out.println("  " + mark + " " + text);
    out.flush();
  }

  /** A time in milliseconds. */
  static String millis(long micros) {
    return String.format(Locale.ROOT, "%.2f ms", micros / 1e3);
  }

  static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / (double) (1 << 20));
  }
}
