package aperture.core.internal.swap;

import aperture.core.internal.iommu.Supplier;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** All suppliers of one sort of service, ranked by name. Thread-safe. */
public final class Suppliers<S> {

  private final List<Supplier<S>> all = new ArrayList<>();

  public synchronized void add(Supplier<S> supplier) {
    all.add(supplier);
    all.sort(Supplier.BEST_FIRST);
  }

  public synchronized Optional<Supplier<S>> remove(S service) {
    for (Supplier<S> supplier : all) {
      if (service.equals(supplier.service())) {
        all.remove(supplier);
        return Optional.of(supplier);
      }
    }
    return Optional.empty();
  }

  public synchronized Optional<Supplier<S>> best(String name) {
    return all.stream().filter(s -> s.name().equals(name)).findFirst();
  }

  /** Those of one name, the best first. */
  public synchronized List<Supplier<S>> named(String name) {
    return all.stream().filter(s -> s.name().equals(name)).toList();
  }

  /** All of them, the best of each name first. */
  public synchronized List<Supplier<S>> all() {
    return List.copyOf(all);
  }
}
