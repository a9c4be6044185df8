package aperture.console;

import static aperture.console.line.Texts.MACHINE_CREATE;
import static aperture.console.line.Texts.MACHINE_DESTROY;
import static aperture.console.line.Texts.MACHINE_LIST;
import static aperture.console.line.Texts.MACHINE_SHOW;
import static aperture.console.line.Texts.MACHINE_TYPES;

import aperture.admin.ControlException;
import aperture.admin.MachineSpec;
import aperture.admin.MachineType;
import aperture.admin.Nearest;
import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.format.Listing;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code machine:} types and running machines. */
@Component(
    service = MachineCommands.class,
    property = {
      "osgi.command.scope=machine",
      "osgi.command.function=types",
      "osgi.command.function=create",
      "osgi.command.function=list",
      "osgi.command.function=show",
      "osgi.command.function=destroy"
    })
public final class MachineCommands {

  private static final long DEFAULT_MEMORY = 64L << 20;

  private final Controls controls;
  private final Known known;

  @Activate
  public MachineCommands(@Reference Controls controls) {
    this.controls = controls;
    this.known = new Known(controls);
  }

  @Descriptor(MACHINE_TYPES)
  public Object types(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "machine:types",
        session,
        line,
        call ->
            Listing.of(
                controls.machines().types(),
                "no machine types: no architecture bundle is active; arch:list shows which are"
                    + " there"));
  }

  @Descriptor(MACHINE_CREATE)
  public Object create(
      CommandSession session,
      @Descriptor(
              "NAME TYPE [--memory SIZE] [--iommu KIND|none] [--bus-bypass] [--confidential]"
                  + " [--json]")
          String[] line)
      throws CommandFailure {
    return Runner.run(
        "machine:create",
        session,
        line,
        call -> {
          MachineType type = known.machineType(call.arguments().word(1));
          Optional<String> iommu = call.arguments().option("iommu");
          // What follows the kind are its options, which the machine's maker looks at.
          Optional<String> kind = iommu.map(word -> word.replaceFirst(",.*", ""));
          if (kind.isPresent() && !type.iommus().contains(kind.get())) {
            throw ControlException.usage(
                "machine type %s: %s"
                    .formatted(
                        type.type(), Nearest.unknown("IOMMU kind", kind.get(), type.iommus())));
          }
          return controls
              .machines()
              .create(
                  new MachineSpec(
                      call.arguments().word(0),
                      type.type(),
                      call.arguments().size("memory", DEFAULT_MEMORY),
                      iommu,
                      call.arguments().has("confidential"),
                      call.arguments().has("bus-bypass")));
        });
  }

  @Descriptor(MACHINE_LIST)
  public Object list(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "machine:list",
        session,
        line,
        call ->
            Listing.of(
                controls.machines().list(),
                "no machines yet; machine:types lists what can be built, then: machine:create m0"
                    + " TYPE"));
  }

  @Descriptor(MACHINE_SHOW)
  public Object show(CommandSession session, @Descriptor("NAME|TYPE [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "machine:show",
        session,
        line,
        call -> {
          String name = call.arguments().word(0);
          return known.isMachine(name) ? controls.machines().show(name) : known.machineType(name);
        });
  }

  @Descriptor(MACHINE_DESTROY)
  public Object destroy(CommandSession session, @Descriptor("NAME") String[] line)
      throws CommandFailure {
    return Runner.run(
        "machine:destroy",
        session,
        line,
        call -> {
          String name = known.machine(call.arguments().word(0));
          controls.machines().destroy(name);
          return "machine %s has ended".formatted(name);
        });
  }
}
