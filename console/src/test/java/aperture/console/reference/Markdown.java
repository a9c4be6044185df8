package aperture.console.reference;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** Pieces of Markdown. */
final class Markdown {

  private Markdown() {}

  /** A table with an empty line in front; empty without rows. */
  static String table(List<String> head, List<List<String>> rows) {
    if (rows.isEmpty()) {
      return "";
    }
    return "\n%s\n%s\n%s"
        .formatted(
            line(head),
            "|---".repeat(head.size()) + "|",
            rows.stream().map(row -> line(row) + "\n").collect(Collectors.joining()));
  }

  private static String line(List<String> cells) {
    return cells.stream()
        .map(cell -> Objects.requireNonNull(cell).replace("|", "\\|"))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }

  static String code(String text) {
    return "`" + text + "`";
  }

  /** Words in code, in a row. */
  static String codes(List<String> words) {
    return words.stream().map(Markdown::code).collect(Collectors.joining(", "));
  }
}
