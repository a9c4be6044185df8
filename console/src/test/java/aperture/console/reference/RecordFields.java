package aperture.console.reference;

import aperture.console.format.Fields;
import aperture.console.format.Values;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The fields of a record's JSON, with the record's own words about them. */
final class RecordFields {

  private static final List<Path> SOURCES =
      List.of(
          Path.of("src/main/java"),
          Path.of("../core/src/main/java"),
          Path.of("../vhost-user/src/main/java"));

  private final List<Field> fields = new ArrayList<>();

  private RecordFields() {}

  /**
   * One field.
   *
   * @param path its name; those of a part after the part's name and a dot
   * @param type what it is in JSON
   * @param meaning one line
   */
  record Field(String path, String type, String meaning) {}

  /** All fields of a record and of its parts, in the order of the document. */
  static List<Field> of(Class<?> record) {
    RecordFields all = new RecordFields();
    all.add("", record);
    return all.fields;
  }

  /** The names of a record's own fields. */
  static List<String> names(Class<?> record) {
    return Arrays.stream(record.getRecordComponents()).map(RecordComponent::getName).toList();
  }

  private void add(String prefix, Class<?> record) {
    String javadoc = javadoc(record);
    for (RecordComponent component : record.getRecordComponents()) {
      String name = component.getName();
      Type type = component.getGenericType();
      fields.add(new Field(prefix + name, json(name, type), meaning(javadoc, name)));
      Class<?> inner = raw(element(type));
      if (inner.isRecord()) {
        boolean many = Collection.class.isAssignableFrom(raw(type));
        add(prefix + name + (many ? "[]." : "."), inner);
      }
    }
  }

  private static String json(String name, Type type) {
    Class<?> raw = raw(type);
    if (raw == OptionalLong.class) {
      return json(name, long.class) + " or null";
    }
    if (Optional.class == raw) {
      return json(name, element(type)) + " or null";
    }
    if (Collection.class.isAssignableFrom(raw)) {
      return "array of " + json(name, element(type)) + "s";
    }
    if (raw == long.class || raw == Long.class) {
      return Fields.isHex(name, 0L) ? "string, hexadecimal" : "number";
    }
    if (raw.isEnum()) {
      return Arrays.stream(raw.getEnumConstants())
          .map(constant -> "`" + Values.word((Enum<?>) constant) + "`")
          .collect(Collectors.joining(", "));
    }
    if (raw == Duration.class) {
      return "number, seconds";
    }
    return raw == String.class
        ? "string"
        : raw == boolean.class ? "boolean" : raw.isPrimitive() ? "number" : "object";
  }

  /** What a list or an optional value holds; the type itself otherwise. */
  private static Type element(Type type) {
    return type instanceof ParameterizedType some && !Map.class.isAssignableFrom(raw(type))
        ? some.getActualTypeArguments()[0]
        : type;
  }

  private static Class<?> raw(Type type) {
    return (Class<?>) (type instanceof ParameterizedType some ? some.getRawType() : type);
  }

  /** The comment in front of a record in its source. */
  private static String javadoc(Class<?> record) {
    String file = record.getNestHost().getName().replace('.', '/') + ".java";
    for (Path folder : SOURCES) {
      Path source = folder.resolve(file);
      if (Files.exists(source)) {
        String text = read(source);
        int declared = text.indexOf("record " + record.getSimpleName() + "(");
        int start = text.lastIndexOf("/**", declared);
        return text.substring(start, text.indexOf("*/", start)).replaceAll("\\n\\s*\\*", "\n");
      }
    }
    throw new IllegalStateException("no source of " + record);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String meaning(String javadoc, String name) {
    Matcher parameter =
        Pattern.compile("@param " + name + "\\s(.*?)(?=\\n\\s*@|\\z)", Pattern.DOTALL)
            .matcher(javadoc);
    if (!parameter.find()) {
      throw new IllegalStateException("nothing is said about " + name + " in: " + javadoc);
    }
    return parameter
        .group(1)
        .replaceAll("\\s+", " ")
        .replaceAll("\\{@(?:code|link) ([^}]*)}", "`$1`")
        .replaceAll("`(\\w+)#(\\w+)\\(\\)`", "`$1.$2`")
        .strip();
  }
}
