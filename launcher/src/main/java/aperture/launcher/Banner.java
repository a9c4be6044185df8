package aperture.launcher;

import java.util.Arrays;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;

/** The first lines of a console: what runs, what is loaded, what to type next. */
final class Banner {
  private static final String ARCHITECTURE = "aperture.arch.";

  private Banner() {}

  static String text(Host host) {
    String architectures = architectures(host.context());
    return """
    Aperture %s  (JDK %s, %s)
    Architectures: %s
    Type %s; 'help' lists all commands, 'exit' leaves.
    """
        .formatted(
            Distribution.version(),
            Runtime.version().feature()
                + "."
                + Runtime.version().interim()
                + "."
                + Runtime.version().update(),
            host.frameworkName(),
            architectures.isEmpty() ? "none (see --bundles)" : architectures,
            next(host.context()));
  }

  /** Architecture bundles are known by their name alone, so that a new one shows up by itself. */
  private static String architectures(BundleContext context) {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.getState() == Bundle.ACTIVE)
        .map(Bundle::getSymbolicName)
        .filter(name -> name != null && name.startsWith(ARCHITECTURE))
        .map(name -> name.substring(ARCHITECTURE.length()))
        .sorted()
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static String next(BundleContext context) {
    return hasScope(context, "machine")
        ? "machine:types to see what can be built"
        : "lb to see the bundles";
  }

  private static boolean hasScope(BundleContext context, String scope) {
    try {
      return context.getAllServiceReferences(null, "(osgi.command.scope=" + scope + ")") != null;
    } catch (InvalidSyntaxException e) {
      throw new IllegalArgumentException(scope, e);
    }
  }
}
