package aperture.core.internal.iommu;

import java.util.Comparator;
import java.util.List;

/**
 * A service that a bundle supplies, with what ranks it among others of the same name.
 *
 * @param service the service object
 * @param name IOMMU kind or machine family
 * @param arch architecture, an opaque word; empty for an IOMMU kind
 * @param bundle symbolic name of the bundle
 * @param version version of the bundle
 * @param ranking service ranking
 * @param order counts suppliers as they arrive: of two equals the older stays
 */
public record Supplier<S>(
    S service,
    String name,
    String arch,
    String bundle,
    List<Integer> version,
    int ranking,
    long order) {

  /** The best first: higher ranking, then higher version, then the older. */
  public static final Comparator<Supplier<?>> BEST_FIRST =
      Comparator.<Supplier<?>>comparingInt(s -> -s.ranking())
          .thenComparing((a, b) -> compareVersions(b.version(), a.version()))
          .thenComparingLong(Supplier::order);

  private static int compareVersions(List<Integer> a, List<Integer> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = Integer.compare(a.get(i), b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  public String versionText() {
    return String.join(".", version.stream().map(String::valueOf).toList());
  }

  /** For people: bundle and version. */
  public String label() {
    return bundle + " " + versionText();
  }
}
