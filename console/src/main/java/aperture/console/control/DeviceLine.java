package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DeviceSpec;
import aperture.console.command.Call;
import aperture.console.line.Option;
import java.util.List;
import java.util.Map;

/** Reads {@code device:add}. */
public final class DeviceLine {

  private static final int TYPE = 1;

  private final Known known;
  private final TypeOptions types;

  public DeviceLine(Controls controls, Known known) {
    this.known = known;
    this.types = new TypeOptions(controls, known, "device:add", TYPE);
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
        call.arguments().setting("access-platform"),
        call.arguments().setting("strict"),
        call.arguments().has("unsafe"),
        types.given(call, type, Map.of()));
  }
}
