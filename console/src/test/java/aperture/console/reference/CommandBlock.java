package aperture.console.reference;

import static aperture.console.reference.Markdown.code;
import static aperture.console.reference.Markdown.table;

import aperture.console.line.Argument;
import aperture.console.line.Command;
import aperture.console.line.Option;
import aperture.console.line.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What the reference says about one command, in Markdown. */
final class CommandBlock {

  private final Map<String, String> shown;

  /**
   * @param shown where the fields of a record were shown already: record to command; grows
   */
  CommandBlock(Map<String, String> shown) {
    this.shown = shown;
  }

  String of(Command command) {
    return "## %s\n\n%s.\n\n    %s\n%s%s%s"
        .formatted(
            command.name(),
            capital(command.summary()),
            command.synopsis(),
            arguments(command),
            options(command),
            Results.of(command.name()).map(result -> json(command, result)).orElse(""));
  }

  private static String arguments(Command command) {
    return table(
        List.of("argument", "what"),
        command.arguments().stream()
            .map(argument -> List.of(code(argument.name()), words(argument)))
            .toList());
  }

  private static String words(Argument argument) {
    String what =
        switch (argument.words()) {
          case ANY -> "a name";
          case NUMBER -> "a number, decimal or hexadecimal";
          case SIZE -> "a number of bytes, with an optional K, M or G";
          case FILE -> argument.name().equals("DIR") ? "a folder" : "a file";
          case MACHINE -> "a machine: `machine:list`";
          case MACHINE_OR_SERVER ->
              "a machine: `machine:list`; with `--qmp` a server: `vhost:list`";
          case MACHINE_OR_TYPE ->
              "a machine: `machine:list`; if none has that name, a machine type:"
                  + " `machine:types`";
          case MACHINE_TYPE -> "a machine type: `machine:types`";
          case DEVICE -> "a device: `device:list`";
          case DEVICE_TYPE -> "a device type: `device:types`";
          case DRIVER_KIND -> "a driver kind: `driver:kinds`";
          case SERVER -> "a server: `vhost:list`";
          case IOMMU -> "an IOMMU kind, or `none`";
          case ARCHITECTURE ->
              "a bundle of `arch:list`: its symbolic name, or the last part of that";
          case DRIVER_KINDS, OUTCOMES, PATH_MODES -> "some of them, joined by comma";
          case ON_OFF,
              ON_OFF_UNSET,
              YES_NO,
              ACCESS,
              PATTERN,
              POLICY,
              UNACKED,
              WIRING,
              TRANSPORT,
              DEVICE_SORT,
              IOVA,
              PLATFORM_MAP ->
              fixed(argument.words());
        };
    return what
        + (argument.repeated() ? "; more may follow" : "")
        + (argument.required()
            ? ""
            : "; may be left out" + (argument.words() == Words.MACHINE ? ": all" : ""));
  }

  private static String fixed(Words words) {
    return words.fixed().stream().map(Markdown::code).collect(Collectors.joining(", "));
  }

  private static String options(Command command) {
    List<List<String>> rows = new ArrayList<>();
    for (Option option : command.options()) {
      String value = option.isFlag() ? "" : " " + option.value();
      rows.add(List.of(code("--" + option.name() + value), option.description()));
    }
    if (command.open()) {
      boolean kinds = command.arguments().stream().anyMatch(a -> a.words() == Words.DRIVER_KIND);
      rows.add(
          kinds
              ? List.of("the kind's own", "`driver:kinds` lists them")
              : List.of("the type's own", "`device:types` lists them"));
    }
    return table(List.of("option", "what"), rows);
  }

  private String json(Command command, Results.Result result) {
    String form = result.many() ? "an array of objects" : "one object";
    String before = shown.putIfAbsent(result.record().getName(), command.name());
    if (before != null) {
      Optional<String> other = result.other().map(record -> shown.get(record.getName()));
      if (other.isPresent()) {
        return "\nJSON: %s, with the fields of `%s` or those of `%s`.\n"
            .formatted(form, before, other.get());
      }
      return "\nJSON: %s, with the fields of `%s`.\n".formatted(form, before);
    }
    Map<String, List<String>> rows = new LinkedHashMap<>();
    for (RecordFields.Field field : RecordFields.of(result.record())) {
      rows.put(field.path(), List.of(code(field.path()), field.type(), field.meaning()));
    }
    return "\nJSON: %s.\n%s"
        .formatted(form, table(List.of("field", "type", "what"), List.copyOf(rows.values())));
  }

  private static String capital(String text) {
    return Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }
}
