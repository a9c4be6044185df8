package aperture.console;

import static aperture.console.line.Texts.DRIVER_WAIT;

import aperture.admin.ControlException;
import aperture.console.command.CommandFailure;
import aperture.console.command.Outcome;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.io.IoResult;
import aperture.console.io.IoWait;
import aperture.virtio.IoJob;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code driver:wait}. It stands alone because the shell calls methods by name and would find
 * {@link Object#wait()}; a {@link Function} is called as it is.
 */
@Component(
    service = WaitCommand.class,
    property = {"osgi.command.scope=driver", "osgi.command.function=wait"})
public final class WaitCommand implements Function {

  private final Controls controls;
  private final Known known;

  @Activate
  public WaitCommand(@Reference Controls controls) {
    this.controls = controls;
    this.known = new Known(controls);
  }

  @Override
  public Object execute(CommandSession session, List<Object> arguments) throws CommandFailure {
    return wait(session, arguments.toArray());
  }

  /** Waits; the name is for the stock help, which reads annotations by name. */
  @Descriptor(DRIVER_WAIT)
  public Object wait(
      CommandSession session,
      @Descriptor("DEVICE [--timeout SECONDS] [--stop] [--json]") Object[] line)
      throws CommandFailure {
    return Runner.run(
        "driver:wait",
        session,
        line,
        call -> {
          String device = known.device(call.arguments().word(0));
          IoJob job =
              controls
                  .drivers()
                  .job(device)
                  .orElseThrow(() ->
                      ControlException.failed(
                          "no I/O was started through %s; driver:io %s starts some"
                              .formatted(device, device)));
          Optional<Duration> limit =
              call.arguments().has("timeout")
                  ? Optional.of(
                      Duration.ofSeconds(
                          call.arguments().number("timeout", 0, Integer.MAX_VALUE, 0)))
                  : Optional.empty();
          if (call.arguments().has("stop")) {
            job.stop();
          }
          boolean ended = new IoWait(job, DriverCommands.watcher(call)).until(limit);
          IoResult result = IoResult.of(device, job.report());
          return new Outcome(
              result,
              ended
                  ? result.complaint()
                  : "I/O through %s has not ended in time; driver:wait %s --stop ends it"
                      .formatted(device, device));
        });
  }
}
