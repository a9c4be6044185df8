package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.DriverKindInfo;
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
import java.util.stream.Collectors;

/**
 * The options of device types, or of driver kinds, on a line: which there are depends on the type,
 * and where the type stands depends on the options. So a first look takes the options of every
 * type, the second only those of the type that it found.
 */
public final class TypeOptions {

  private final Source source;
  private final String what;
  private final String command;
  private final int place;

  /** Who has options: device types, or driver kinds. */
  public interface Source {

    /** Options by the word of who takes them. */
    Map<String, List<DeviceOption>> all() throws ControlException;

    /** The word meant, or an error that names the nearest. */
    String known(String word) throws ControlException;
  }

  /**
   * For one command.
   *
   * @param what for messages, for example {@code device type}
   * @param command its name
   * @param place of the type among its arguments
   */
  public TypeOptions(Source source, String what, String command, int place) {
    this.source = source;
    this.what = what;
    this.command = command;
    this.place = place;
  }

  /** The options of the type that a line names. */
  public List<Option> of(List<String> line) throws ControlException {
    Map<String, Option> any = new LinkedHashMap<>();
    source
        .all()
        .values()
        .forEach(options ->
            options.forEach(option -> any.putIfAbsent(option.name(), Option.of(option))));
    var look =
        LineParser.parse(
            CommandTable.get(command),
            line,
            any.values().stream().map(TypeOptions::unchecked).toList());
    String name = source.known(look.word(place));
    List<Option> own = ofType(name).stream().map(Option::of).toList();
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

  private String owner(String type) {
    return what + " " + type;
  }

  private List<DeviceOption> ofType(String type) throws ControlException {
    return source.all().getOrDefault(type, List.of());
  }

  /** Device types and their options. */
  public static Source deviceTypes(Controls controls, Known known) {
    return new Source() {
      @Override
      public Map<String, List<DeviceOption>> all() throws ControlException {
        return controls.devices().types().stream()
            .collect(Collectors.toMap(DeviceTypeInfo::name, DeviceTypeInfo::options));
      }

      @Override
      public String known(String word) throws ControlException {
        return known.deviceType(word);
      }
    };
  }

  /** Driver kinds and their options. */
  public static Source driverKinds(Controls controls, Known known) {
    return new Source() {
      @Override
      public Map<String, List<DeviceOption>> all() throws ControlException {
        return controls.drivers().kinds().stream()
            .collect(Collectors.toMap(DriverKindInfo::kind, DriverKindInfo::options));
      }

      @Override
      public String known(String word) throws ControlException {
        return known.driverKind(word);
      }
    };
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
