package aperture.core.internal.dma;

import aperture.admin.Nearest;
import aperture.iommu.IommuBehavior;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Names of an IOMMU's options. */
public final class Options {

  private Options() {}

  /** What is wrong with the names, in words; empty when the kind takes them all. */
  public static Optional<String> unknown(IommuBehavior behavior, Collection<String> names) {
    Set<String> known = behavior.options();
    return new TreeSet<>(names)
        .stream()
            .filter(name -> !known.contains(name))
            .findFirst()
            .map(name -> message(behavior.kind(), name, List.copyOf(new TreeSet<>(known))));
  }

  private static String message(String kind, String name, List<String> known) {
    String what = "option of IOMMU " + kind;
    return known.isEmpty()
        ? "IOMMU %s takes no options, and none named '%s'".formatted(kind, name)
        : Nearest.unknown(what, name, known);
  }
}
