package aperture.console.control;

import aperture.access.Setting;
import aperture.access.Transport;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.AccessSettings;
import aperture.admin.ControlException;
import aperture.admin.DeviceSpec;
import aperture.console.command.Call;
import aperture.console.line.Option;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Reads {@code device:add}. */
public final class DeviceLine {

  private static final int TYPE = 1;

  private final Known known;
  private final TypeOptions types;

  public DeviceLine(Controls controls, Known known) {
    this.known = known;
    this.types =
        new TypeOptions(
            TypeOptions.deviceTypes(controls, known), "device type", "device:add", TYPE);
  }

  /** The options of the type that a line names. */
  public List<Option> typeOptions(List<String> line) throws ControlException {
    return types.of(line);
  }

  /** What the line asks for. */
  public DeviceSpec spec(Call call) throws ControlException {
    String machine = known.machine(call.arguments().word(0));
    String type = known.deviceType(call.arguments().word(TYPE));
    return new DeviceSpec(
        machine,
        type,
        call.arguments().option("id"),
        access(call),
        types.given(call, type, Map.of()));
  }

  private static AccessSettings access(Call call) {
    return new AccessSettings(
        call.arguments().setting("access-platform"),
        call.arguments().setting("strict"),
        choice(call, "unacked", UnackedAddressing.class, UnackedAddressing.PHYSICAL),
        choice(call, "wiring", Wiring.class, Wiring.SOFTWARE),
        choice(call, "transport", Transport.class, Transport.PCI),
        call.arguments().setting("legacy"),
        call.arguments().has("bus-bypass"),
        call.arguments().setting("require-version-1") != Setting.OFF,
        call.arguments().has("unsafe"));
  }

  /** Words are those of the table, so that each has a constant. */
  private static <E extends Enum<E>> E choice(Call call, String option, Class<E> type, E absent) {
    return call.arguments()
        .option(option)
        .map(word -> Enum.valueOf(type, word.toUpperCase(Locale.ROOT).replace('-', '_')))
        .orElse(absent);
  }
}
