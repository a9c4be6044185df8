package aperture.console.matrix;

import aperture.admin.MatrixCell;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Outcomes written down, by mode and driver: not offered, strict, lax physical, lax translated. */
final class Expected {

  /** No such platform. */
  private static final String NONE = "-";

  private static final Pattern SPACES = Pattern.compile(" +");

  private final Map<String, List<String>> rows = new HashMap<>();

  private Expected(String table) {
    for (String line : table.strip().lines().toList()) {
      List<String> words = SPACES.splitAsStream(line.strip()).toList();
      rows.put(words.get(0) + " " + words.get(1), words.subList(2, words.size()));
    }
  }

  static Expected of(String table) {
    return new Expected(table);
  }

  /** The word for a cell; {@code -} where nothing is said. */
  String at(MatrixCell cell) {
    List<String> row = rows.get(cell.mode() + " " + cell.driver());
    return row == null ? NONE : row.get(column(cell));
  }

  boolean says(MatrixCell cell) {
    return !at(cell).equals(NONE);
  }

  private static int column(MatrixCell cell) {
    if (!cell.offered()) {
      return 0;
    }
    if (cell.strict()) {
      return 1;
    }
    return cell.unacked().equals("PHYSICAL") ? 2 : 3;
  }
}
