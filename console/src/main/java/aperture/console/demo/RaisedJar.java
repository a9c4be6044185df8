package aperture.console.demo;

import aperture.admin.ControlException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/** Makes a bundle's successor for a swap: the same content, the next version. */
final class RaisedJar {

  private RaisedJar() {}

  /** Writes the jar; taken from the bundle itself, wherever that was installed from. */
  static Path of(Bundle bundle, Path folder) throws ControlException {
    Version version = bundle.getVersion();
    Version next = new Version(version.getMajor(), version.getMinor(), version.getMicro() + 1);
    Path file = folder.resolve("%s-%s.jar".formatted(bundle.getSymbolicName(), next));
    try (JarOutputStream jar =
        new JarOutputStream(Files.newOutputStream(file), manifest(bundle, next))) {
      Enumeration<URL> entries = bundle.findEntries("/", "*", true);
      if (entries != null) {
        for (URL entry : Collections.list(entries)) {
          copy(entry, jar);
        }
      }
      return file;
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.FAILED,
          "%s cannot be copied: %s".formatted(bundle.getSymbolicName(), e.getMessage()),
          e);
    }
  }

  private static Manifest manifest(Bundle bundle, Version version) throws IOException {
    URL url = bundle.getEntry(JarFile.MANIFEST_NAME);
    if (url == null) {
      throw new IOException("it has no manifest");
    }
    try (InputStream in = url.openStream()) {
      Manifest manifest = new Manifest(in);
      manifest.getMainAttributes().putValue(Constants.BUNDLE_VERSION, version.toString());
      return manifest;
    }
  }

  private static void copy(URL entry, JarOutputStream jar) throws IOException {
    String name = entry.getPath().replaceFirst("^/+", "");
    if (name.endsWith("/") || name.equals(JarFile.MANIFEST_NAME)) {
      return;
    }
    jar.putNextEntry(new JarEntry(name));
    try (InputStream in = entry.openStream()) {
      in.transferTo(jar);
    }
    jar.closeEntry();
  }
}
