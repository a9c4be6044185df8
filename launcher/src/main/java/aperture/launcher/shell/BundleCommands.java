package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * The {@code felix:} commands that change bundles, with the stock names and arguments.
 *
 * <p>The stock ones return their errors as text, which a script cannot tell from success, and only
 * some of them take symbolic names or paths. These outrank them: they fail by exception, and accept
 * an id, a symbolic name or, where a jar is expected, a path from the current folder.
 */
@Component(
    service = BundleCommands.class,
    property = {
      CommandProcessor.COMMAND_SCOPE + "=felix",
      CommandProcessor.COMMAND_FUNCTION + "=install",
      CommandProcessor.COMMAND_FUNCTION + "=start",
      CommandProcessor.COMMAND_FUNCTION + "=stop",
      CommandProcessor.COMMAND_FUNCTION + "=update",
      CommandProcessor.COMMAND_FUNCTION + "=uninstall",
      CommandProcessor.COMMAND_FUNCTION + "=refresh",
      CommandProcessor.COMMAND_FUNCTION + "=resolve",
      Constants.SERVICE_RANKING + ":Integer=100"
    })
public final class BundleCommands {
  private static final long REFRESH_LIMIT_SECONDS = 30;

  private final BundleContext context;
  private final BundleReferences references;

  /** Created by the component runtime. */
  @Activate
  public BundleCommands(BundleContext context) {
    this.context = context;
    this.references = new BundleReferences(context);
  }

  /** Installs without starting. */
  @Descriptor("install bundles; example: install build/my.bundle.jar")
  public String install(CommandSession session, @Descriptor("jar paths or URLs") String[] locations)
      throws BundleException {
    require(locations, "install PATH|URL...");
    StringBuilder ids = new StringBuilder();
    for (String text : locations) {
      Bundle bundle = context.installBundle(BundleReferences.location(session.currentDir(), text));
      ids.append(ids.isEmpty() ? "" : ", ").append(bundle.getBundleId());
    }
    return (locations.length == 1 ? "Bundle ID: " : "Bundle IDs: ") + ids;
  }

  /** Starts bundles; what is no bundle yet is installed first. */
  @Descriptor("start bundles; example: start aperture.arch.ppc")
  public void start(
      CommandSession session,
      @Descriptor("only until the framework stops")
          @Parameter(
              names = {"-t", "--transient"},
              presentValue = "true",
              absentValue = "false")
          boolean transiently,
      @Descriptor("use the bundle's activation policy")
          @Parameter(
              names = {"-p", "--policy"},
              presentValue = "true",
              absentValue = "false")
          boolean policy,
      @Descriptor("ids, symbolic names, jar paths or URLs") String[] bundles)
      throws BundleException {
    require(bundles, "start ID|NAME|PATH...");
    int options =
        (transiently ? Bundle.START_TRANSIENT : 0) | (policy ? Bundle.START_ACTIVATION_POLICY : 0);
    for (String text : bundles) {
      startable(session, text).start(options);
    }
  }

  private Bundle startable(CommandSession session, String text) throws BundleException {
    boolean file = text.contains("/") || text.contains(":") || text.endsWith(".jar");
    return file
        ? context.installBundle(BundleReferences.location(session.currentDir(), text))
        : references.bundle(text);
  }

  /** Stops bundles. */
  @Descriptor("stop bundles; example: stop aperture.arch.ppc")
  public void stop(
      @Descriptor("only until the framework stops")
          @Parameter(
              names = {"-t", "--transient"},
              presentValue = "true",
              absentValue = "false")
          boolean transiently,
      @Descriptor("ids or symbolic names") String[] bundles)
      throws BundleException {
    for (Bundle bundle : all(bundles, "stop ID|NAME...")) {
      bundle.stop(transiently ? Bundle.STOP_TRANSIENT : 0);
    }
  }

  /** Uninstalls bundles. */
  @Descriptor("uninstall bundles; example: uninstall aperture.arch.ppc")
  public void uninstall(@Descriptor("ids or symbolic names") String[] bundles)
      throws BundleException {
    for (Bundle bundle : all(bundles, "uninstall ID|NAME...")) {
      bundle.uninstall();
    }
  }

  /** Reads a bundle again from where it came. */
  @Descriptor("update a bundle from where it was installed; example: update aperture.arch.ppc")
  public void update(@Descriptor("id or symbolic name") String bundle) throws BundleException {
    references.bundle(bundle).update();
  }

  /** Replaces a bundle's content. */
  @Descriptor("update a bundle from a jar; example: update aperture.arch.ppc new.jar")
  public void update(
      CommandSession session,
      @Descriptor("id or symbolic name") String bundle,
      @Descriptor("jar path or URL") String jar)
      throws BundleException, IOException {
    Bundle target = references.bundle(bundle);
    URI source = URI.create(BundleReferences.location(session.currentDir(), jar));
    try (InputStream bytes = source.toURL().openStream()) {
      target.update(bytes);
    }
  }

  /** Wires bundles anew; without arguments, those whose old content is still in use. */
  @Descriptor("rewire bundles, and those that depend on them; example: refresh aperture.core")
  public void refresh(
      @Descriptor("ids or symbolic names; none: all that are pending") String[] bundles)
      throws InterruptedException {
    Collection<Bundle> targets = bundles.length == 0 ? null : all(bundles, "");
    CountDownLatch done = new CountDownLatch(1);
    wiring().refreshBundles(targets, event -> done.countDown());
    if (!done.await(REFRESH_LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new Failure(ExitCode.FAILED, "not refreshed after " + REFRESH_LIMIT_SECONDS + " s");
    }
  }

  /** Resolves bundles; without arguments, all. */
  @Descriptor("resolve bundles; example: resolve aperture.arch.ppc")
  public void resolve(@Descriptor("ids or symbolic names; none: all") String[] bundles) {
    Collection<Bundle> targets = bundles.length == 0 ? null : all(bundles, "");
    if (!wiring().resolveBundles(targets)) {
      String left =
          Arrays.stream(context.getBundles())
              .filter(bundle -> targets == null || targets.contains(bundle))
              .filter(bundle -> bundle.getState() == Bundle.INSTALLED)
              .map(Bundle::getSymbolicName)
              .collect(Collectors.joining(", "));
      throw new Failure(ExitCode.FAILED, "not resolved: " + left);
    }
  }

  private FrameworkWiring wiring() {
    return context.getBundle(0).adapt(FrameworkWiring.class);
  }

  private List<Bundle> all(String[] texts, String usage) {
    require(texts, usage);
    return Arrays.stream(texts).map(references::bundle).toList();
  }

  private static void require(String[] words, String usage) {
    if (words.length == 0) {
      throw new Failure(ExitCode.USAGE, "usage: " + usage);
    }
  }
}
