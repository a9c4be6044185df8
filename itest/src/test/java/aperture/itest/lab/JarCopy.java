package aperture.itest.lab;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Copies of a bundle that differ in one respect. */
public final class JarCopy {

  private static final String DESCRIPTIONS = "OSGI-INF/";

  private JarCopy() {}

  /** The same content as another version. */
  public static Path ofVersion(Path jar, String version, Path folder) throws IOException {
    return edited(jar, version, "", "", folder);
  }

  /**
   * Another version, in which component descriptions read differently.
   *
   * @param from text in the descriptions, for example a class name
   * @param to what replaces it
   */
  public static Path edited(Path jar, String version, String from, String to, Path folder)
      throws IOException {
    Path copy = folder.resolve("%s-%s".formatted(version, jar.getFileName()));
    try (JarFile source = new JarFile(jar.toFile());
        JarOutputStream target =
            new JarOutputStream(Files.newOutputStream(copy), manifest(source, version))) {
      for (JarEntry entry : Collections.list(source.entries())) {
        if (entry.isDirectory() || entry.getName().equals(JarFile.MANIFEST_NAME)) {
          continue;
        }
        target.putNextEntry(new JarEntry(entry.getName()));
        try (InputStream in = source.getInputStream(entry)) {
          target.write(content(entry, in.readAllBytes(), from, to));
        }
        target.closeEntry();
      }
    }
    return copy;
  }

  private static Manifest manifest(JarFile source, String version) throws IOException {
    Manifest manifest = new Manifest(source.getManifest());
    manifest.getMainAttributes().putValue("Bundle-Version", version);
    return manifest;
  }

  private static byte[] content(JarEntry entry, byte[] bytes, String from, String to) {
    if (from.isEmpty() || !entry.getName().startsWith(DESCRIPTIONS)) {
      return bytes;
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.replace(from, to).getBytes(StandardCharsets.UTF_8);
  }
}
