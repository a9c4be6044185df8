package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DeviceSpec;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.Nearest;
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
 * Reads {@code device:add}: which options there are depends on the type, and where the type stands
 * depends on the options. So a first look takes the options of every type, the second only those of
 * the type that it found.
 */
public final class DeviceLine {

  private static final String COMMAND = "device:add";
  private static final int TYPE = 1;

  private final Controls controls;
  private final Known known;

  public DeviceLine(Controls controls, Known known) {
    this.controls = controls;
    this.known = known;
  }

  /** The options of the type that a line names. */
  public List<Option> typeOptions(List<String> line) throws ControlException {
    List<DeviceTypeInfo> types = controls.devices().types();
    Map<String, Option> any = new LinkedHashMap<>();
    types.forEach(type -> options(type).forEach(option -> any.putIfAbsent(option.name(), option)));
    var look =
        LineParser.parse(
            CommandTable.get(COMMAND),
            line,
            any.values().stream().map(DeviceLine::unchecked).toList());
    String name = known.deviceType(look.word(TYPE));
    List<Option> own =
        types.stream()
            .filter(type -> type.name().equals(name))
            .flatMap(type -> options(type).stream())
            .toList();
    for (String given : new TreeSet<>(look.options().keySet())) {
      boolean common =
          CommandTable.get(COMMAND).allOptions().stream().anyMatch(o -> o.name().equals(given));
      if (!common && own.stream().noneMatch(option -> option.name().equals(given))) {
        throw ControlException.usage(
            Nearest.unknown(
                "option of device type " + name,
                "--" + given,
                own.stream().map(option -> "--" + option.name()).toList()));
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

  /** What the line asks for. */
  public DeviceSpec spec(Call call) throws ControlException {
    String machine = known.machine(call.arguments().word(0));
    String type = known.deviceType(call.arguments().word(TYPE));
    Map<String, String> options = new HashMap<>();
    for (DeviceTypeInfo info : controls.devices().types()) {
      if (info.name().equals(type)) {
        for (DeviceOption option : info.options()) {
          Optional<String> value = call.arguments().option(option.name());
          if (value.isPresent()) {
            options.put(option.name(), value(call, option, value.get()));
          } else if (option.required()) {
            throw ControlException.usage(
                "device type %s needs --%s: %s"
                    .formatted(type, option.name(), option.description()));
          }
        }
      }
    }
    return new DeviceSpec(
        machine,
        type,
        call.arguments().option("id"),
        call.arguments().setting("access-platform"),
        call.arguments().setting("strict"),
        call.arguments().has("unsafe"),
        options);
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
