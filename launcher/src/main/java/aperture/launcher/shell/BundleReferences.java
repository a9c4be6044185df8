package aperture.launcher.shell;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import aperture.launcher.outcome.Nearest;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** How an operator names a bundle that is there, or a jar that is to become one. */
final class BundleReferences {
  private final BundleContext context;

  BundleReferences(BundleContext context) {
    this.context = context;
  }

  /** By id, symbolic name or location; a {@link Failure} says why none fits. */
  Bundle bundle(String reference) {
    return find(reference).orElseThrow(() -> new Failure(ExitCode.USAGE, unknown(reference)));
  }

  private String unknown(String reference) {
    List<String> names =
        Arrays.stream(context.getBundles())
            .map(Bundle::getSymbolicName)
            .filter(name -> name != null)
            .toList();
    return "no bundle '" + reference + "'" + Nearest.hint(reference, names);
  }

  /** The bundle, or nothing; one symbolic name in two versions is ambiguous and refused. */
  Optional<Bundle> find(String reference) {
    if (!reference.isEmpty() && reference.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.ofNullable(context.getBundle(Long.parseLong(reference)));
    }
    List<Bundle> named =
        Arrays.stream(context.getBundles())
            .filter(bundle -> reference.equals(bundle.getSymbolicName()))
            .toList();
    if (named.size() > 1) {
      String choices =
          named.stream()
              .map(bundle -> bundle.getBundleId() + " (" + bundle.getVersion() + ")")
              .collect(Collectors.joining(", "));
      throw new Failure(ExitCode.USAGE, reference + " is ambiguous, use the id: " + choices);
    }
    return named.isEmpty()
        ? Optional.ofNullable(context.getBundle(reference))
        : Optional.of(named.getFirst());
  }

  /** A URL as it is; a path, or a {@code file:} URL without a leading slash, from the folder. */
  static String location(Path folder, String text) {
    String path = text.startsWith("file:") ? text.substring("file:".length()) : text;
    if (path.equals(text) && text.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")) {
      return text;
    }
    if (path.startsWith("//") || path.contains("%")) {
      return URI.create(text).toString();
    }
    try {
      Path file = folder.resolve(path).normalize();
      if (!Files.exists(file)) {
        throw new Failure(ExitCode.USAGE, "no such file: " + file);
      }
      return file.toFile().toURI().toString();
    } catch (InvalidPathException e) {
      throw new Failure(ExitCode.USAGE, "no such file: " + path);
    }
  }
}
