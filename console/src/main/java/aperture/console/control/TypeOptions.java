package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.OptionRules;
import aperture.console.command.Call;
import aperture.console.line.CommandTable;
import aperture.console.line.LineParser;
import aperture.console.line.Option;
import aperture.virtio.DeviceOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The options of device types on a line: which there are depends on the type, and where the type
 * stands depends on the options. So a first look takes the options of every type, the second only
 * those of the type that it found.
 */
public final class TypeOptions {

  private final Controls controls;
  private final Known known;
  private final String command;
  private final int place;

  /**
   * For one command.
   *
   * @param command its name
   * @param place of the type among its arguments
   */
  public TypeOptions(Controls controls, Known known, String command, int place) {
    this.controls = controls;
    this.known = known;
    this.command = command;
    this.place = place;
  }

  /** The options of the type that a line names. */
  public List<Option> of(List<String> line) throws ControlException {
    List<DeviceTypeInfo> types = controls.devices().types();
    Map<String, Option> any = new LinkedHashMap<>();
    types.forEach(type -> options(type).forEach(option -> any.putIfAbsent(option.name(), option)));
    var look =
        LineParser.parse(
            CommandTable.get(command),
            line,
            any.values().stream().map(TypeOptions::unchecked).toList());
    String name = known.deviceType(look.word(place));
    List<Option> own =
        types.stream()
            .filter(type -> type.name().equals(name))
            .flatMap(type -> options(type).stream())
            .toList();
    for (String given : new TreeSet<>(look.options().keySet())) {
      boolean common =
          CommandTable.get(command).allOptions().stream().anyMatch(o -> o.name().equals(given));
      if (!common && own.stream().noneMatch(option -> option.name().equals(given))) {
        throw ControlException.usage(
            OptionRules.unknown(owner(name), given, own.stream().map(Option::name).toList()));
      }
    }
    return own;
  }

  private static List<Option> options(DeviceTypeInfo type) {
    return type.options().stream().map(Option::of).toList();
  }

  /** Two types may allow different words for an option of one name. */
  private static Option unchecked(Option option) {
    return new Option(
        option.name(), option.value(), option.words(), List.of(), option.description());
  }

  /** Whether a type has an option. */
  public boolean has(String type, String option) throws ControlException {
    return ofType(type).stream().anyMatch(known -> known.name().equals(option));
  }

  /**
   * What a line says about the options of a type.
   *
   * @param otherwise values that it gives under other names
   */
  public Map<String, String> given(Call call, String type, Map<String, String> otherwise)
      throws ControlException {
    Map<String, String> given = new HashMap<>();
    for (DeviceOption option : ofType(type)) {
      Optional<String> value =
          call.arguments()
              .option(option.name())
              .or(() -> Optional.ofNullable(otherwise.get(option.name())));
      if (value.isPresent()) {
        given.put(option.name(), value(call, option, value.get()));
      } else if (option.required()) {
        throw ControlException.usage(OptionRules.missing(owner(type), option));
      }
    }
    return given;
  }

  private static String owner(String type) {
    return "device type " + type;
  }

  private List<DeviceOption> ofType(String type) throws ControlException {
    return controls.devices().types().stream()
        .filter(info -> info.name().equals(type))
        .flatMap(info -> info.options().stream())
        .toList();
  }

  /** A switch is on when it is there; a file is where the session is. */
  private static String value(Call call, DeviceOption option, String value)
      throws ControlException {
    if (option.flag()) {
      return "on";
    }
    return option.name().equals("file") ? call.existingFile(value).toString() : value;
  }
}
