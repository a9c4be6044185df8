package aperture.console;

import static aperture.console.line.Texts.DMA_CAPTURE;
import static aperture.console.line.Texts.DMA_FAULTS;
import static aperture.console.line.Texts.DMA_MAPPINGS;
import static aperture.console.line.Texts.DMA_REPLAY;
import static aperture.console.line.Texts.DMA_TRANSLATE;

import aperture.admin.ControlException;
import aperture.console.capture.CaptureReader;
import aperture.console.command.Call;
import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.control.Known;
import aperture.console.dma.CaptureTaker;
import aperture.console.dma.GuestCapture;
import aperture.console.dma.Replay;
import aperture.console.dma.Translation;
import aperture.console.format.Listing;
import aperture.console.line.Arguments;
import aperture.console.line.Numbers;
import aperture.console.line.Words;
import aperture.console.qmp.PciAddress;
import aperture.iommu.Access;
import aperture.iommu.IommuSnapshot;
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
      CommandSession session,
      @Descriptor("DEVICE IOVA LEN r|w [--capture DIR] [--explain] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "dma:translate",
        session,
        line,
        call -> {
          Access access = call.arguments().word(3).equals("r") ? Access.READ : Access.WRITE;
          long iova = Numbers.unsigned("IOVA", call.arguments().word(1));
          long length = Numbers.size("LEN", call.arguments().word(2));
          String word = call.arguments().word(0);
          Optional<String> folder = call.arguments().option("capture");
          if (folder.isPresent()) {
            IommuSnapshot captured = CaptureReader.read(call.path(folder.get())).snapshot();
            return Translation.of(
                word,
                access,
                controls.dma().translate(captured, word, iova, length, access),
                call.arguments().has("explain"));
          }
          String device = known.device(word);
          return Translation.of(
              device,
              access,
              controls.dma().translate(device, iova, length, access),
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
  public Object capture(
      CommandSession session,
      @Descriptor("MACHINE|SERVER DIR [--qmp SOCKET] [--iommu KIND] [--endpoint BB:SS.F] [--json]")
          String[] line)
      throws CommandFailure {
    return Runner.run(
        "dma:capture",
        session,
        line,
        call ->
            call.arguments().option("qmp").isPresent()
                ? new GuestCapture(controls).take(wanted(call, call.arguments()))
                : new CaptureTaker(controls)
                    .take(ownMachine(call.arguments()), call.path(call.arguments().word(1))));
  }

  private GuestCapture.Wanted wanted(Call call, Arguments arguments) throws ControlException {
    String name = known.server(arguments.word(0));
    Optional<String> endpoint = arguments.option("endpoint");
    return new GuestCapture.Wanted(
        controls.vhost().show(name).server(),
        call.path(arguments.word(1)),
        call.path(arguments.option("qmp").orElseThrow()),
        arguments.option("iommu"),
        endpoint.isPresent()
            ? Optional.of(PciAddress.parse("--endpoint", endpoint.get()))
            : Optional.empty());
  }

  private String ownMachine(Arguments arguments) throws ControlException {
    String name = arguments.word(0);
    for (String option : List.of("iommu", "endpoint")) {
      if (arguments.has(option)) {
        throw ControlException.usage(
            "--%s is for the guest of a server; --qmp SOCKET is missing".formatted(option));
      }
    }
    if (!known.words(Words.MACHINE).contains(name) && known.words(Words.SERVER).contains(name)) {
      throw ControlException.usage(
          "%s is a server: --qmp SOCKET, its QEMU's control socket, is missing".formatted(name));
    }
    return known.machine(name);
  }
}
