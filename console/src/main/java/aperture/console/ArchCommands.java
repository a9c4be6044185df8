package aperture.console;

import static aperture.console.line.Texts.ARCH_LIST;
import static aperture.console.line.Texts.ARCH_SWAP;

import aperture.console.command.CommandFailure;
import aperture.console.command.Runner;
import aperture.console.control.Controls;
import aperture.console.format.Listing;
import aperture.console.swap.ArchBundles;
import aperture.console.swap.ArchSwap;
import aperture.console.swap.ArchSwapReport;
import aperture.console.swap.SwapSheet;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code arch:} the bundles that supply machines and IOMMUs. */
@Component(
    service = ArchCommands.class,
    property = {
      "osgi.command.scope=arch",
      "osgi.command.function=list",
      "osgi.command.function=swap"
    })
public final class ArchCommands {

  private final Controls controls;
  private final BundleContext context;

  @Activate
  public ArchCommands(@Reference Controls controls, BundleContext context) {
    this.controls = controls;
    this.context = context;
  }

  @Descriptor(ARCH_LIST)
  public Object list(CommandSession session, @Descriptor("[--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "arch:list",
        session,
        line,
        call ->
            Listing.of(
                new ArchBundles(context).list(controls.swaps().suppliers()),
                "no bundle supplies machines or IOMMUs; install one: start PATH"));
  }

  @Descriptor(ARCH_SWAP)
  public Object swap(CommandSession session, @Descriptor("ARCH JAR [--json]") String[] line)
      throws CommandFailure {
    return Runner.run(
        "arch:swap",
        session,
        line,
        call -> {
          String arch = call.arguments().word(0);
          var _ = new ArchBundles(context).find(arch, controls.swaps().suppliers());
          ArchSwapReport report =
              new ArchSwap(context, controls.swaps())
                  .swap(arch, call.existingFile(call.arguments().word(1)));
          return call.json() ? report : SwapSheet.of(report);
        });
  }
}
