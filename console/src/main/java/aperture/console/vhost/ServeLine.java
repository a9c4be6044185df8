package aperture.console.vhost;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.MachineType;
import aperture.console.command.Call;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.control.TypeOptions;
import aperture.console.line.Option;
import aperture.vhostuser.VhostServeSpec;
import aperture.vhostuser.VhostServerInfo;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads a line that serves a device: options of the server, those of the device type, and what the
 * conventions of vhost-user back ends call some of these.
 */
public final class ServeLine {

  private static final int TYPE = 0;
  private static final int LARGEST_DESCRIPTOR = 1 << 20;

  /** Names by the conventions, and what the device type calls the same. */
  private static final Map<String, String> CONVENTIONS =
      Map.of("blk-file", "file", "num-queues", "queues");

  private final Controls controls;
  private final Known known;
  private final TypeOptions types;

  /**
   * For one call.
   *
   * @param command the command whose line it is
   */
  public ServeLine(Controls controls, String command) {
    this.controls = controls;
    this.known = new Known(controls);
    this.types =
        new TypeOptions(TypeOptions.deviceTypes(controls, known), "device type", command, TYPE);
  }

  /** The options of the type that a line names. */
  public List<Option> typeOptions(List<String> line) throws ControlException {
    return types.of(line);
  }

  /** Serves what the line asks for. */
  public Served serve(Call call) throws ControlException {
    Optional<Path> socket = path(call, "socket-path");
    OptionalInt fd =
        call.arguments().has("fd")
            ? OptionalInt.of((int) call.arguments().number("fd", 0, LARGEST_DESCRIPTOR, 0))
            : OptionalInt.empty();
    if (socket.isPresent() == fd.isPresent()) {
      throw ControlException.usage(
          socket.isPresent()
              ? "--socket-path and --fd exclude each other"
              : "--socket-path is missing (or --fd, for a connection that was inherited)");
    }
    String type = known.deviceType(call.arguments().word(TYPE));
    Optional<String> machineName = call.arguments().option("machine");
    Optional<MachineType> machine =
        machineName.isPresent()
            ? Optional.of(known.machineType(machineName.get()))
            : Optional.empty();
    VhostServerInfo server =
        controls
            .vhost()
            .serve(
                new VhostServeSpec(
                    call.arguments().option("name"),
                    type,
                    socket,
                    fd,
                    machineName,
                    call.arguments().setting("access-platform"),
                    call.arguments().has("unsafe"),
                    types.given(call, type, translated(call, type))));
    // Without a word about it the offer is made to whoever needs it, and the usual guest does not.
    boolean iommu =
        machine.isPresent() || call.arguments().setting("access-platform") == Setting.ON;
    return Served.of(server, QemuLine.of(server, socket.map(Path::toString), machine, iommu));
  }

  private static Optional<Path> path(Call call, String option) throws ControlException {
    Optional<String> text = call.arguments().option(option);
    return text.isPresent() ? Optional.of(call.path(text.get())) : Optional.empty();
  }

  private Map<String, String> translated(Call call, String type) throws ControlException {
    Map<String, String> translated = new HashMap<>();
    for (Map.Entry<String, String> name : CONVENTIONS.entrySet()) {
      Optional<String> value = call.arguments().option(name.getKey());
      if (value.isPresent()) {
        if (!types.has(type, name.getValue())) {
          throw ControlException.usage(
              "a device of type %s takes no --%s".formatted(type, name.getKey()));
        }
        if (call.arguments().has(name.getValue())) {
          throw ControlException.usage(
              "--%s and --%s are the same".formatted(name.getKey(), name.getValue()));
        }
        translated.put(name.getValue(), value.get());
      }
    }
    return translated;
  }
}
