package aperture.console.thread;

import aperture.console.format.RecordText;
import java.util.List;

/** The rows for people. */
final class ThreadText {

  private ThreadText() {}

  static String of(List<ThreadRow> rows) {
    StringBuilder text = new StringBuilder();
    for (ThreadRow row : rows) {
      text.append("%s: %s%n".formatted(row.row(), row.title()));
      row.claims()
          .forEach(claim -> text.append("  %s: %s%n".formatted(claim.who(), claim.outcome())));
      RecordText.table(row.cases())
          .lines()
          .forEach(line -> text.append("    ").append(line).append('\n'));
      text.append("  %s%n".formatted(verdict(row)));
      if (!row.note().isEmpty()) {
        text.append("  %s%n".formatted(row.note()));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static String verdict(ThreadRow row) {
    if (row.isIncomplete()) {
      return "NOT TRIED IN FULL";
    }
    return row.agrees() ? "agrees: as claimed" : "DOES NOT AGREE";
  }
}
