package aperture.console;

import static aperture.console.line.Texts.VHOST_LIST;
import static aperture.console.line.Texts.VHOST_RESIZE;
import static aperture.console.line.Texts.VHOST_SERVE;
import static aperture.console.line.Texts.VHOST_SHOW;
import static aperture.console.line.Texts.VHOST_STOP;

import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.format.Listing;
import aperture.console.line.Numbers;
import aperture.console.vhost.ServeLine;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code vhost:} devices for real guests. */
@Component(
    service = VhostCommands.class,
    property = {
      "osgi.command.scope=vhost",
      "osgi.command.function=serve",
      "osgi.command.function=list",
      "osgi.command.function=show",
      "osgi.command.function=resize",
      "osgi.command.function=stop"
    })
public final class VhostCommands {

  private final Controls controls;
  private final Known known;

  @Activate
  public VhostCommands(@Reference Controls controls) {
    this.controls = controls;
    this.known = new Known(controls);
  }

  @Descriptor(VHOST_SERVE)
  public Object serve(
      CommandSession session,
      @Descriptor(
              "TYPE --socket-path S|--fd N [--name NAME] [--machine TYPE] [--access-platform"
                  + " on|off] [--unsafe] [--blk-file F] [--num-queues N] [type's options] [--json]")
          String[] line)
      throws CommandFailure {
    ServeLine served = new ServeLine(controls, "vhost:serve");
    return Runner.run("vhost:serve", session, line, served::typeOptions, served::serve);
  }

  @Descriptor(VHOST_LIST)
  public Object list(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "vhost:list",
        session,
        line,
        call ->
            Listing.of(
                controls.vhost().list(),
                "nothing is served; vhost:serve blk --socket-path S --blk-file F serves a disk"));
  }

  @Descriptor(VHOST_SHOW)
  public Object show(CommandSession session, @Descriptor("NAME [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "vhost:show",
        session,
        line,
        call -> controls.vhost().show(known.server(call.arguments().word(0))));
  }

  @Descriptor(VHOST_RESIZE)
  public Object resize(CommandSession session, @Descriptor("NAME [SIZE] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "vhost:resize",
        session,
        line,
        call ->
            controls
                .vhost()
                .resize(
                    known.server(call.arguments().word(0)),
                    Numbers.maybeSize("SIZE", call.arguments().maybe(1))));
  }

  @Descriptor(VHOST_STOP)
  public Object stop(CommandSession session, @Descriptor("NAME") String[] line)
      throws CommandFailure {
    return Runner.run(
        "vhost:stop",
        session,
        line,
        call -> {
          String name = known.server(call.arguments().word(0));
          controls.vhost().stop(name);
          return "server %s is gone".formatted(name);
        });
  }
}
