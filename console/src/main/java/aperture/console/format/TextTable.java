package aperture.console.format;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Aligned columns under a head; nothing is cut off, the last column is not padded. */
final class TextTable {

  private final List<List<String>> lines = new ArrayList<>();
  private final int[] widths;

  TextTable(List<String> head) {
    widths = new int[head.size()];
    add(head.stream().map(label -> label.toUpperCase(Locale.ROOT)).toList());
  }

  void add(List<String> line) {
    lines.add(line);
    for (int column = 0; column < widths.length; column++) {
      widths[column] =
          Math.max(widths[column], line.get(column).codePointCount(0, line.get(column).length()));
    }
  }

  String text(String indent) {
    StringBuilder text = new StringBuilder();
    for (List<String> line : lines) {
      StringBuilder row = new StringBuilder(indent);
      for (int column = 0; column < widths.length; column++) {
        String cell = line.get(column);
        row.append(cell);
        if (column < widths.length - 1) {
          row.append(spaces(widths[column] - cell.codePointCount(0, cell.length()) + 2));
        }
      }
      text.append(row.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  static String spaces(int count) {
    char[] spaces = new char[Math.max(0, count)];
    Arrays.fill(spaces, ' ');
    return new String(spaces);
  }
}
