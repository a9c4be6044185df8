package aperture.console.reference;

import static aperture.console.reference.Markdown.code;
import static aperture.console.reference.Markdown.table;

import aperture.console.thread.ThreadCase;
import aperture.console.thread.ThreadRow;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The page of the discussion: between two marks it is written from what came of carrying it out,
 * without what differs from run to run; around them people write.
 */
final class ThreadPage {

  private static final String START = "<!-- written from a run of policy:thread -->\n";
  private static final String END = "<!-- end -->\n";

  private final List<ThreadRow> rows;

  ThreadPage(List<ThreadRow> rows) {
    this.rows = rows;
  }

  /** The page as it should be, with what people wrote on the present one. */
  String text(String present) {
    int start = present.indexOf(START);
    int end = present.indexOf(END);
    String before = start < 0 ? present : present.substring(0, start);
    String after = end < 0 ? "" : present.substring(end + END.length());
    return before + START + written() + END + after;
  }

  private String written() {
    StringBuilder text = new StringBuilder("## At a glance\n");
    text.append(
        table(
            List.of("row", "about", "as claimed"),
            rows.stream()
                .map(row ->
                    List.of(
                        "[%s](#%s)"
                            .formatted(row.row(), row.row().toLowerCase(java.util.Locale.ROOT)),
                        row.title(),
                        verdict(row)))
                .toList()));
    rows.forEach(row -> text.append(row(row)));
    text.append("\n## What was said, and the tests that cover it\n");
    text.append(
        table(
            List.of("statement", "in our words", "tests"),
            Statements.all().stream()
                .map(statement ->
                    List.of(
                        statement.id(),
                        statement.text(),
                        statement.tests().stream()
                            .map(Statement.Test::shown)
                            .collect(Collectors.joining(", "))))
                .toList()));
    return text.toString();
  }

  private static String verdict(ThreadRow row) {
    return row.agrees() ? "yes" : "**no**";
  }

  private static String row(ThreadRow row) {
    return "\n## %s\n\n%s.\n\n%s%s\nAs claimed: %s. %s\n"
        .formatted(
            row.row(),
            Character.toUpperCase(row.title().charAt(0)) + row.title().substring(1),
            row.claims().stream()
                .map(claim -> "- %s: %s.\n".formatted(claim.who(), claim.outcome()))
                .collect(Collectors.joining()),
            table(
                List.of("setting", "machine", "driver", "outcome"),
                row.cases().stream().map(ThreadPage::line).toList()),
            verdict(row),
            row.note());
  }

  private static List<String> line(ThreadCase tried) {
    return List.of(
        tried.setting(),
        code(tried.machine()),
        tried.driver().isEmpty() ? "-" : tried.driver(),
        tried.outcome());
  }
}
