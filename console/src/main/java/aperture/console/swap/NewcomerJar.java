package aperture.console.swap;

import aperture.admin.ControlException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * A jar that is to take a bundle's place, as far as its manifest tells.
 *
 * @param file the jar
 * @param name its symbolic name
 * @param version its version
 */
record NewcomerJar(Path file, String name, Version version) {

  /**
   * Reads the manifest.
   *
   * @throws ControlException of kind usage when it is no bundle
   */
  static NewcomerJar read(Path file) throws ControlException {
    try (JarFile jar = new JarFile(file.toFile())) {
      Manifest manifest = jar.getManifest();
      String name = manifest == null ? null : header(manifest, Constants.BUNDLE_SYMBOLICNAME);
      if (manifest == null || name == null) {
        throw ControlException.usage(
            "%s is no bundle: its manifest has no Bundle-SymbolicName".formatted(file));
      }
      String version = header(manifest, Constants.BUNDLE_VERSION);
      return new NewcomerJar(
          file, name.replaceFirst(";.*", "").strip(), Version.parseVersion(version));
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.USAGE,
          "%s is no jar that can be read: %s".formatted(file, e.getMessage()),
          e);
    } catch (IllegalArgumentException e) {
      throw new ControlException(
          ControlException.Kind.USAGE,
          "%s has no proper Bundle-Version: %s".formatted(file, e.getMessage()),
          e);
    }
  }

  private static @Nullable String header(Manifest manifest, String name) {
    return manifest.getMainAttributes().getValue(new Attributes.Name(name));
  }

  /** Only the same bundle, newer, can take the place without a gap. */
  void requireSuccessorOf(Bundle old) throws ControlException {
    if (!name.equals(old.getSymbolicName())) {
      throw ControlException.usage(
          "%s is %s %s, not %s".formatted(file, name, version, old.getSymbolicName()));
    }
    Version running = old.getVersion();
    if (withoutQualifier(version).compareTo(withoutQualifier(running)) <= 0) {
      throw ControlException.usage(
          ("%s has version %s, not higher than the running %s; raise one of its three numbers, or"
                  + " use update")
              .formatted(file, version, running));
    }
  }

  /** Suppliers are ranked by the three numbers alone. */
  private static Version withoutQualifier(Version version) {
    return new Version(version.getMajor(), version.getMinor(), version.getMicro());
  }
}
