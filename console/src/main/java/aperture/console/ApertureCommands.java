package aperture.console;

import static aperture.console.line.Texts.APERTURE_COMMANDS;
import static aperture.console.line.Texts.APERTURE_DEMO;
import static aperture.console.line.Texts.APERTURE_VERSION;

import aperture.admin.ControlException;
import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.demo.Demo;
import aperture.console.format.Listing;
import aperture.console.line.CommandTable;
import aperture.console.line.Manual;
import aperture.dma.PlatformDma;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** {@code aperture:} the platform as a whole. */
@Component(
    service = ApertureCommands.class,
    property = {
      "osgi.command.scope=aperture",
      "osgi.command.function=demo",
      "osgi.command.function=version",
      "osgi.command.function=commands"
    })
public final class ApertureCommands {

  private final Controls controls;
  private final BundleContext context;

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable PlatformDma dma;

  @Activate
  public ApertureCommands(@Reference Controls controls, BundleContext context) {
    this.controls = controls;
    this.context = context;
  }

  @Descriptor(APERTURE_DEMO)
  public Object demo(CommandSession session, @Descriptor("[--image F] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "aperture:demo",
        session,
        line,
        call -> {
          PlatformDma platform = dma;
          if (platform == null) {
            throw ControlException.failed("aperture.core is not running; start aperture.core");
          }
          Optional<String> image = call.arguments().option("image");
          Optional<Path> file =
              image.isPresent() ? Optional.of(call.existingFile(image.get())) : Optional.empty();
          return new Demo(controls, context, platform, call.json() ? call.progress() : call.out())
              .run(file);
        });
  }

  @Descriptor(APERTURE_VERSION)
  public Object version(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run("aperture:version", session, line, call -> version());
  }

  private VersionInfo version() {
    Bundle framework = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION);
    return new VersionInfo(
        context.getBundle().getVersion().toString(),
        "%s (%s)".formatted(Runtime.version(), System.getProperty("java.vm.name")),
        framework == null
            ? ""
            : "%s %s".formatted(framework.getSymbolicName(), framework.getVersion()),
        "%s %s".formatted(System.getProperty("os.name"), System.getProperty("os.arch")));
  }

  @Descriptor(APERTURE_COMMANDS)
  public Object commands(CommandSession session, @Descriptor("[--markdown] [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "aperture:commands",
        session,
        line,
        call ->
            call.arguments().has("markdown")
                ? Manual.markdown()
                : Listing.of(
                    CommandTable.all().stream()
                        .map(c -> new CommandLine(c.name(), c.summary(), c.example()))
                        .toList(),
                    ""));
  }
}
