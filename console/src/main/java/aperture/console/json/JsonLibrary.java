package aperture.console.json;

import jakarta.json.spi.JsonProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/**
 * Finds the implementation behind {@code jakarta.json}.
 *
 * <p>The API's own look-up goes through the class path, which bundles do not have; so in a
 * framework the implementation is looked for as a service-loader entry of the bundles that are
 * there.
 */
public final class JsonLibrary {

  private static final String ENTRY = "META-INF/services/" + JsonProvider.class.getName();

  private JsonLibrary() {}

  /** The implementation. */
  public static JsonProvider provider() {
    return Holder.PROVIDER;
  }

  private static final class Holder {
    static final JsonProvider PROVIDER = find();

    private static JsonProvider find() {
      return Optional.ofNullable(FrameworkUtil.getBundle(JsonLibrary.class))
          .map(Holder::inFramework)
          .orElseGet(JsonProvider::provider);
    }

    private static JsonProvider inFramework(Bundle self) {
      for (Bundle bundle : self.getBundleContext().getBundles()) {
        URL entry = bundle.getEntry(ENTRY);
        if (entry != null) {
          try {
            Object made = bundle.loadClass(firstLine(entry)).getDeclaredConstructor().newInstance();
            if (made instanceof JsonProvider provider) {
              return provider;
            }
          } catch (IOException | ReflectiveOperationException e) {
            throw new IllegalStateException(
                "bundle %s does not supply its JSON implementation".formatted(bundle), e);
          }
        }
      }
      throw new IllegalStateException("no bundle supplies an implementation of jakarta.json");
    }

    private static String firstLine(URL entry) throws IOException {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(entry.openStream(), StandardCharsets.UTF_8))) {
        return lines
            .lines()
            .map(line -> line.replaceFirst("#.*", "").strip())
            .filter(line -> !line.isEmpty())
            .findFirst()
            .orElseThrow(() -> new IOException(entry + " is empty"));
      }
    }
  }
}
