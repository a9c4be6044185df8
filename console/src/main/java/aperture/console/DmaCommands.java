package aperture.console;

import static aperture.console.line.Texts.DMA_CAPTURE;
import static aperture.console.line.Texts.DMA_FAULTS;
import static aperture.console.line.Texts.DMA_MAPPINGS;
import static aperture.console.line.Texts.DMA_REPLAY;
import static aperture.console.line.Texts.DMA_TRANSLATE;

import aperture.admin.ControlException;
import aperture.console.command.Call;
import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.dma.CaptureTaker;
import aperture.console.dma.Replay;
import aperture.console.dma.Translation;
import aperture.console.format.Listing;
import aperture.console.line.Numbers;
import aperture.iommu.Access;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code dma:} translation, seen from outside. */
@Component(
    service = DmaCommands.class,
    property = {
      "osgi.command.scope=dma",
      "osgi.command.function=translate",
      "osgi.command.function=mappings",
      "osgi.command.function=faults",
      "osgi.command.function=replay",
      "osgi.command.function=capture"
    })
public final class DmaCommands {

  private static final int DEFAULT_LIMIT = 10;
  private static final int MOST_LIMIT = 100_000;

  private final Controls controls;
  private final Known known;

  @Activate
  public DmaCommands(@Reference Controls controls) {
    this.controls = controls;
    this.known = new Known(controls);
  }

  @Descriptor(DMA_TRANSLATE)
  public Object translate(
      CommandSession session, @Descriptor("DEVICE IOVA LEN r|w [--explain] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "dma:translate",
        session,
        line,
        call -> {
          String device = known.device(call.arguments().word(0));
          Access access = call.arguments().word(3).equals("r") ? Access.READ : Access.WRITE;
          return Translation.of(
              device,
              access,
              controls
                  .dma()
                  .translate(
                      device,
                      Numbers.unsigned("IOVA", call.arguments().word(1)),
                      Numbers.size("LEN", call.arguments().word(2)),
                      access),
              call.arguments().has("explain"));
        });
  }

  @Descriptor(DMA_MAPPINGS)
  public Object mappings(CommandSession session, @Descriptor("[MACHINE] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "dma:mappings",
        session,
        line,
        call -> {
          Optional<String> machine = machine(call);
          return Listing.of(
              controls.dma().mappings().stream()
                  .filter(mapping -> machine.isEmpty() || machine.get().equals(mapping.machine()))
                  .toList(),
              "no live mappings: no driver uses bus addresses; driver:bind DEVICE KIND binds one");
        });
  }

  @Descriptor(DMA_FAULTS)
  public Object faults(CommandSession session, @Descriptor("[MACHINE] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "dma:faults",
        session,
        line,
        call -> {
          Optional<String> machine = machine(call);
          return Listing.of(
              controls.dma().faults().stream()
                  .filter(fault -> machine.isEmpty() || machine.get().equals(fault.machine()))
                  .toList(),
              "no faults: every access so far was allowed; dma:translate DEVICE IOVA LEN r|w tries"
                  + " one");
        });
  }

  private Optional<String> machine(Call call) throws ControlException {
    Optional<String> machine = call.arguments().maybe(0);
    return machine.isEmpty() ? machine : Optional.of(known.machine(machine.get()));
  }

  @Descriptor(DMA_REPLAY)
  public Object replay(
      CommandSession session, @Descriptor("DIR... [--limit N] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "dma:replay",
        session,
        line,
        call -> {
          List<Path> folders = new ArrayList<>();
          for (String folder : call.arguments().from(0)) {
            folders.add(call.path(folder));
          }
          int limit = (int) call.arguments().number("limit", 0, MOST_LIMIT, DEFAULT_LIMIT);
          return new Replay(controls.dma(), limit).run(folders, call.json());
        });
  }

  @Descriptor(DMA_CAPTURE)
  public Object capture(CommandSession session, @Descriptor("MACHINE DIR [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "dma:capture",
        session,
        line,
        call ->
            new CaptureTaker(controls)
                .take(
                    known.machine(call.arguments().word(0)), call.path(call.arguments().word(1))));
  }
}
