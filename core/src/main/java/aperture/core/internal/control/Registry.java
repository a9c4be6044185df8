package aperture.core.internal.control;

import aperture.admin.ControlException;
import aperture.admin.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/** Whiteboard services by their word: device types, driver kinds. Thread-safe. */
public final class Registry<S> {

  private final String what;
  private final Function<S, String> name;
  private final Map<String, S> services = new ConcurrentSkipListMap<>();

  /**
   * @param what for messages, for example {@code device type}
   * @param name the word of a service
   */
  public Registry(String what, Function<S, String> name) {
    this.what = what;
    this.name = name;
  }

  public void add(S service) {
    services.putIfAbsent(name.apply(service), service);
  }

  public void remove(S service) {
    services.values().removeIf(service::equals);
  }

  public List<S> all() {
    return new ArrayList<>(services.values());
  }

  /**
   * The service of a word.
   *
   * @throws ControlException naming the nearest word
   */
  public S get(String word) throws ControlException {
    S service = services.get(word);
    if (service == null) {
      throw ControlException.usage(Nearest.unknown(what, word, services.keySet()));
    }
    return service;
  }
}
