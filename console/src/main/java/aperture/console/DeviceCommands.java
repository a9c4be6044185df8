package aperture.console;

import static aperture.console.line.Texts.DEVICE_ADD;
import static aperture.console.line.Texts.DEVICE_LIST;
import static aperture.console.line.Texts.DEVICE_REMOVE;
import static aperture.console.line.Texts.DEVICE_RESIZE;
import static aperture.console.line.Texts.DEVICE_SHOW;
import static aperture.console.line.Texts.DEVICE_STATS;
import static aperture.console.line.Texts.DEVICE_TYPES;
import static aperture.console.line.Texts.DEVICE_WHY;

import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.DeviceLine;
import aperture.console.control.Known;
import aperture.console.format.Listing;
import aperture.console.line.Numbers;
import java.util.OptionalLong;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code device:} what is on the machines. */
@Component(
    service = DeviceCommands.class,
    property = {
      "osgi.command.scope=device",
      "osgi.command.function=types",
      "osgi.command.function=add",
      "osgi.command.function=list",
      "osgi.command.function=show",
      "osgi.command.function=stats",
      "osgi.command.function=why",
      "osgi.command.function=resize",
      "osgi.command.function=remove"
    })
public final class DeviceCommands {

  private final Controls controls;
  private final Known known;

  @Activate
  public DeviceCommands(@Reference Controls controls) {
    this.controls = controls;
    this.known = new Known(controls);
  }

  @Descriptor(DEVICE_TYPES)
  public Object types(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "device:types",
        session,
        line,
        call ->
            Listing.of(
                controls.devices().types(),
                "no device types: no bundle supplies any; lb shows the bundles"));
  }

  @Descriptor(DEVICE_ADD)
  public Object add(
      CommandSession session,
      @Descriptor(
              "MACHINE TYPE [--id ID] [--access-platform on|off] [--strict on|off]"
                  + " [--unacked physical|translated] [--wiring software|hardware]"
                  + " [--transport pci|mmio|mmio-legacy] [--legacy on|off] [--bus-bypass]"
                  + " [--require-version-1 on|off] [--unsafe] [type's options] [--json]")
          String[] line)
      throws CommandFailure {
    DeviceLine added = new DeviceLine(controls, known);
    return Runner.run(
        "device:add",
        session,
        line,
        added::typeOptions,
        call -> controls.devices().add(added.spec(call)));
  }

  @Descriptor(DEVICE_LIST)
  public Object list(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "device:list",
        session,
        line,
        call ->
            Listing.of(
                controls.devices().list(),
                controls.machines().list().isEmpty()
                    ? "no devices, for there is no machine yet; machine:create m0 TYPE makes one"
                    : "no devices yet; device:types lists what can be added, then: device:add"
                        + " MACHINE TYPE"));
  }

  @Descriptor(DEVICE_SHOW)
  public Object show(CommandSession session, @Descriptor("DEVICE [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "device:show",
        session,
        line,
        call -> controls.devices().show(known.device(call.arguments().word(0))));
  }

  @Descriptor(DEVICE_STATS)
  public Object stats(CommandSession session, @Descriptor("DEVICE [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "device:stats",
        session,
        line,
        call -> controls.devices().stats(known.device(call.arguments().word(0))));
  }

  @Descriptor(DEVICE_WHY)
  public Object why(CommandSession session, @Descriptor("DEVICE [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "device:why",
        session,
        line,
        call -> controls.devices().why(known.device(call.arguments().word(0))));
  }

  @Descriptor(DEVICE_RESIZE)
  public Object resize(CommandSession session, @Descriptor("DEVICE [SIZE] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "device:resize",
        session,
        line,
        call -> {
          String id = known.device(call.arguments().word(0));
          OptionalLong wanted = Numbers.maybeSize("SIZE", call.arguments().maybe(1));
          return new DeviceSize(id, controls.devices().resize(id, wanted));
        });
  }

  @Descriptor(DEVICE_REMOVE)
  public Object remove(CommandSession session, @Descriptor("DEVICE") String[] line)
      throws CommandFailure {
    return Runner.run(
        "device:remove",
        session,
        line,
        call -> {
          String id = known.device(call.arguments().word(0));
          controls.devices().remove(id);
          return "device %s is gone".formatted(id);
        });
  }
}
