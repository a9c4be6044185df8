package aperture.console.format;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Records as text: a table of many, a page of one, a line of one. */
public final class RecordText {

  private static final int LONG_LIST = 60;

  private RecordText() {}

  /** Rows under a head; the rows are of one record. */
  public static String table(Collection<?> rows) {
    return table(rows, "");
  }

  private static String table(Collection<?> rows, String indent) {
    List<RecordComponent> columns = Columns.of(rows.iterator().next().getClass());
    TextTable table =
        new TextTable(columns.stream().map(column -> Values.label(column.getName())).toList());
    for (Object row : rows) {
      table.add(
          columns.stream()
              .map(column -> Values.text(column.getName(), Fields.get(column, row)))
              .toList());
    }
    return table.text(indent);
  }

  /** Everything in a record: single values first, what has parts below. */
  public static String page(Object record) {
    return page(record, "");
  }

  private static String page(Object record, String indent) {
    List<RecordComponent> single = new ArrayList<>();
    StringBuilder parts = new StringBuilder();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      String part = part(component.getName(), Fields.get(component, record), indent);
      if (part.isEmpty()) {
        single.add(component);
      } else {
        parts.append(part);
      }
    }
    int width =
        single.stream().mapToInt(c -> Values.label(c.getName()).length()).max().orElse(0) + 2;
    StringBuilder page = new StringBuilder();
    for (RecordComponent component : single) {
      String label = Values.label(component.getName());
      page.append(indent)
          .append(label)
          .append(TextTable.spaces(width - label.length()))
          .append(Values.text(component.getName(), Fields.get(component, record)))
          .append('\n');
    }
    return page.append(parts).toString();
  }

  /** A value with parts under its name; empty for a single value. */
  private static String part(String name, @Nullable Object value, String indent) {
    String inner = indent + "  ";
    String text =
        switch (value) {
          case Optional<?> optional -> optional.map(v -> part(name, v, indent)).orElse("");
          case Collection<?> rows when !rows.isEmpty() && Fields.isOurs(rows.iterator().next()) ->
              table(rows, inner);
          case Collection<?> words when Values.text(name, words).length() > LONG_LIST ->
              words.stream()
                  .map(word -> inner + Values.text(name, word) + "\n")
                  .collect(Collectors.joining());
          case Map<?, ?> map when !map.isEmpty() -> map(map, inner);
          case Record nested when Fields.isOurs(nested) -> page(nested, inner);
          case null, default -> "";
        };
    boolean headed = value instanceof Optional<?>;
    return text.isEmpty() || headed ? text : indent + Values.label(name) + "\n" + text;
  }

  private static String map(Map<?, ?> map, String indent) {
    Map<String, String> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put(key.toString(), Values.text(key.toString(), value)));
    int width = sorted.keySet().stream().mapToInt(String::length).max().orElse(0) + 2;
    return sorted.entrySet().stream()
        .map(e ->
            indent
                + e.getKey()
                + TextTable.spaces(width - e.getKey().length())
                + e.getValue()
                + "\n")
        .collect(Collectors.joining());
  }

  /** All components of a record in one line. */
  static String line(Object record) {
    List<String> words = new ArrayList<>();
    for (RecordComponent component : Columns.of(record.getClass())) {
      words.add(
          component.getName()
              + "="
              + Values.text(component.getName(), Fields.get(component, record)));
    }
    return String.join(" ", words);
  }
}
