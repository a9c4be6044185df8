package aperture.launcher;

import aperture.launcher.probe.Probe;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Packs the probe as a bundle of any version, as a stranger would. */
final class ProbeJar {
  static final String NAME = "aperture.arch.probe";
  private static final List<Class<?>> CLASSES =
      List.of(Probe.class, Probe.Row.class, Probe.Refused.class, Probe.Delegates.class);

  private ProbeJar() {}

  /** Writes the jar beside its place first: a watched folder must not see half of one. */
  static Path write(Path jar, String version) {
    Manifest manifest = new Manifest();
    Attributes headers = manifest.getMainAttributes();
    headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    headers.putValue("Bundle-ManifestVersion", "2");
    headers.putValue("Bundle-SymbolicName", NAME);
    headers.putValue("Bundle-Version", version);
    headers.putValue("Bundle-Activator", Probe.class.getName());
    headers.putValue("Import-Package", "org.osgi.framework");
    try {
      Path draft = Files.createTempFile(jar.getParent(), "draft", ".tmp");
      try (OutputStream file = Files.newOutputStream(draft);
          JarOutputStream out = new JarOutputStream(file, manifest)) {
        for (Class<?> type : CLASSES) {
          add(out, type.getName().replace('.', '/') + ".class");
        }
      }
      return Files.move(draft, jar, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void add(JarOutputStream out, String entry) throws IOException {
    out.putNextEntry(new JarEntry(entry));
    try (InputStream bytes = ProbeJar.class.getClassLoader().getResourceAsStream(entry)) {
      bytes.transferTo(out);
    }
    out.closeEntry();
  }
}
