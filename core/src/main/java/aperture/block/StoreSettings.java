package aperture.block;

import java.util.Map;
import java.util.Optional;

/**
 * What a store is opened with.
 *
 * @param user name of the device that will use it, for messages
 * @param readOnly whether nothing will be written
 * @param options the store's own options that were given, by name
 */
public record StoreSettings(String user, boolean readOnly, Map<String, String> options) {

  public StoreSettings {
    options = Map.copyOf(options);
  }

  public Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }
}
