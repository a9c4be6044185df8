package aperture.console;

import static aperture.console.line.Texts.DRIVER_BIND;
import static aperture.console.line.Texts.DRIVER_IO;
import static aperture.console.line.Texts.DRIVER_KINDS;
import static aperture.console.line.Texts.DRIVER_RESET;
import static aperture.console.line.Texts.DRIVER_SHOW;
import static aperture.console.line.Texts.DRIVER_UNBIND;

import aperture.console.command.Call;
import aperture.console.command.CommandFailure;
import aperture.console.command.Outcome;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.control.TypeOptions;
import aperture.console.format.Listing;
import aperture.console.io.DriverView;
import aperture.console.io.IoPlans;
import aperture.console.io.IoResult;
import aperture.console.io.IoWait;
import aperture.virtio.IoJob;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code driver:} in-process guest drivers and their I/O; {@link WaitCommand} is one more. */
@Component(
    service = DriverCommands.class,
    property = {
      "osgi.command.scope=driver",
      "osgi.command.function=kinds",
      "osgi.command.function=bind",
      "osgi.command.function=unbind",
      "osgi.command.function=reset",
      "osgi.command.function=show",
      "osgi.command.function=io"
    })
public final class DriverCommands {

  private static final int KIND = 1;

  private final Controls controls;
  private final Known known;

  @Activate
  public DriverCommands(@Reference Controls controls) {
    this.controls = controls;
    this.known = new Known(controls);
  }

  @Descriptor(DRIVER_KINDS)
  public Object kinds(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "driver:kinds",
        session,
        line,
        call ->
            Listing.of(
                controls.drivers().kinds(),
                "no driver kinds: no bundle supplies any; lb shows the bundles"));
  }

  @Descriptor(DRIVER_BIND)
  public Object bind(
      CommandSession session, @Descriptor("DEVICE KIND [kind's options] [--json]") String[] line)
      throws CommandFailure {
    TypeOptions options =
        new TypeOptions(
            TypeOptions.driverKinds(controls, known), "driver kind", "driver:bind", KIND);
    return Runner.run(
        "driver:bind",
        session,
        line,
        options::of,
        call -> {
          String device = known.device(call.arguments().word(0));
          String kind = known.driverKind(call.arguments().word(KIND));
          return controls.drivers().bind(device, kind, options.given(call, kind, Map.of()));
        });
  }

  @Descriptor(DRIVER_UNBIND)
  public Object unbind(CommandSession session, @Descriptor("DEVICE") String[] line)
      throws CommandFailure {
    return Runner.run(
        "driver:unbind",
        session,
        line,
        call -> {
          String device = known.device(call.arguments().word(0));
          controls.drivers().unbind(device);
          return "device %s has no driver now".formatted(device);
        });
  }

  @Descriptor(DRIVER_RESET)
  public Object reset(CommandSession session, @Descriptor("DEVICE [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "driver:reset",
        session,
        line,
        call -> controls.drivers().reset(known.device(call.arguments().word(0))));
  }

  @Descriptor(DRIVER_SHOW)
  public Object show(CommandSession session, @Descriptor("DEVICE [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "driver:show",
        session,
        line,
        call -> {
          String device = known.device(call.arguments().word(0));
          return DriverView.of(
              controls.drivers().show(device),
              controls.drivers().job(device).map(job -> IoResult.of(device, job.report())));
        });
  }

  @Descriptor(DRIVER_IO)
  public Object io(
      CommandSession session,
      @Descriptor(
              "DEVICE [--background] [--pattern scan|read|verify|rewrite] [--requests N]"
                  + " [--block SIZE] [--depth N] [--seed N] [--json]")
          String[] line)
      throws CommandFailure {
    return Runner.run(
        "driver:io",
        session,
        line,
        call -> {
          String device = known.device(call.arguments().word(0));
          IoJob job = controls.drivers().io(device, IoPlans.of(call.arguments()));
          if (call.arguments().has("background")) {
            return IoResult.of(device, job.report());
          }
          var _ = new IoWait(job, watcher(call)).until(Optional.empty());
          IoResult result = IoResult.of(device, job.report());
          return new Outcome(result, result.complaint());
        });
  }

  static Optional<PrintStream> watcher(Call call) {
    return call.isWatched() ? Optional.of(call.progress()) : Optional.empty();
  }
}
