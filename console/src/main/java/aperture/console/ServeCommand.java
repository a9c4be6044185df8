package aperture.console;

import static aperture.console.line.Texts.APERTURE_SERVE;

import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.json.RecordJson;
import aperture.console.vhost.Capabilities;
import aperture.console.vhost.ServeLine;
import aperture.console.vhost.Served;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code aperture:serve}: one device in the foreground, by the conventions of vhost-user back ends.
 *
 * <p>QEMU, docs/interop/vhost-user.rst, "Backend program conventions".
 */
@Component(
    service = ServeCommand.class,
    property = {"osgi.command.scope=aperture", "osgi.command.function=serve"})
public final class ServeCommand {

  private static final String NAME = "aperture:serve";
  private static final String CAPABILITIES = "--print-capabilities";

  private final Controls controls;

  @Activate
  public ServeCommand(@Reference Controls controls) {
    this.controls = controls;
  }

  @Descriptor(APERTURE_SERVE)
  public Object serve(
      CommandSession session,
      @Descriptor(
              "TYPE --socket-path S|--fd N [--print-capabilities] [--blk-file F] [--num-queues N]"
                  + " [--machine TYPE] [--access-platform on|off] [--unsafe] [type's options]")
          String[] line)
      throws CommandFailure {
    if (Arrays.asList(line).contains(CAPABILITIES)) {
      return capabilities(session, line);
    }
    ServeLine asked = new ServeLine(controls, NAME);
    return Runner.run(
        NAME,
        session,
        line,
        asked::typeOptions,
        call -> {
          Served served = asked.serve(call);
          call.progress().println(served.decision());
          call.progress().flush();
          call.out().println(served.readiness());
          call.out().flush();
          controls.vhost().await(served.server().name());
          return "";
        });
  }

  /** By the conventions, whatever else the line says is not looked at. */
  private Object capabilities(CommandSession session, String[] line) throws CommandFailure {
    Optional<String> type = Arrays.stream(line).filter(word -> !word.startsWith("-")).findFirst();
    String[] looked = type.map(word -> new String[] {word, CAPABILITIES}).orElse(new String[0]);
    return Runner.run(
        NAME,
        session,
        looked,
        words -> List.of(),
        call ->
            RecordJson.text(
                Capabilities.of(new Known(controls).deviceType(call.arguments().word(0)))));
  }
}
