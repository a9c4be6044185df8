package aperture.console.swap;

import aperture.admin.BehaviorInfo;
import aperture.admin.ControlException;
import aperture.admin.Nearest;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineDefaults;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/**
 * The bundles that supply machines or IOMMUs. What an active one supplies core knows; what a
 * stopped one would supply is declared in its manifest as a service capability.
 */
public final class ArchBundles {

  static final String IOMMU = "iommu";
  static final String FAMILY = "family";

  private static final String SERVICE = "osgi.service";
  private static final String OBJECT_CLASS = "objectClass";

  private final BundleContext context;

  public ArchBundles(BundleContext context) {
    this.context = context;
  }

  /** All of them, by name and version. */
  public List<ArchBundle> list(List<BehaviorInfo> suppliers) {
    return bundles(suppliers).stream().map(bundle -> describe(bundle, suppliers)).toList();
  }

  private List<Bundle> bundles(List<BehaviorInfo> suppliers) {
    return Arrays.stream(context.getBundles())
        .filter(bundle -> bundle.getSymbolicName() != null)
        .filter(bundle ->
            suppliers.stream().anyMatch(info -> supplies(bundle, info))
                || !declared(bundle, IommuBehavior.class).isEmpty()
                || !declared(bundle, MachineDefaults.class).isEmpty())
        .sorted(Comparator.comparing(Bundle::getSymbolicName).thenComparing(Bundle::getVersion))
        .toList();
  }

  static boolean supplies(Bundle bundle, BehaviorInfo info) {
    return info.bundle().equals(bundle.getSymbolicName())
        && info.version().equals(numbers(bundle.getVersion()));
  }

  /** A version as suppliers are ranked by it: without the qualifier. */
  static String numbers(Version version) {
    return "%d.%d.%d".formatted(version.getMajor(), version.getMinor(), version.getMicro());
  }

  private static ArchBundle describe(Bundle bundle, List<BehaviorInfo> suppliers) {
    List<BehaviorInfo> own = suppliers.stream().filter(info -> supplies(bundle, info)).toList();
    return new ArchBundle(
        bundle.getSymbolicName(),
        bundle.getVersion().toString(),
        state(bundle),
        bundle.getBundleId(),
        names(own, FAMILY, DeclaredComponents.values(bundle, MachineDefaults.FAMILY_PROPERTY)),
        names(own, IOMMU, DeclaredComponents.values(bundle, IommuBehavior.KIND_PROPERTY)),
        own.stream()
            .filter(BehaviorInfo::inUse)
            .map(BehaviorInfo::name)
            .distinct()
            .sorted()
            .toList(),
        own.stream()
            .filter(info -> info.role().equals(IOMMU))
            .mapToInt(BehaviorInfo::machines)
            .sum());
  }

  private static List<String> names(List<BehaviorInfo> own, String role, List<String> declared) {
    return Stream.concat(
            own.stream().filter(info -> info.role().equals(role)).map(BehaviorInfo::name),
            declared.stream())
        .distinct()
        .sorted()
        .toList();
  }

  private static List<BundleCapability> declared(Bundle bundle, Class<?> service) {
    BundleRevision revision = bundle.adapt(BundleRevision.class);
    if (revision == null) {
      return List.of();
    }
    return revision.getDeclaredCapabilities(SERVICE).stream()
        .filter(capability ->
            capability.getAttributes().get(OBJECT_CLASS) instanceof Collection<?> types
                && types.contains(service.getName()))
        .toList();
  }

  static String state(Bundle bundle) {
    return switch (bundle.getState()) {
      case Bundle.INSTALLED -> "installed";
      case Bundle.RESOLVED -> "resolved";
      case Bundle.STARTING -> "starting";
      case Bundle.ACTIVE -> "active";
      case Bundle.STOPPING -> "stopping";
      default -> "uninstalled";
    };
  }

  /** The words by which {@link #find} knows them. */
  public List<String> names(List<BehaviorInfo> suppliers) {
    return bundles(suppliers).stream()
        .map(Bundle::getSymbolicName)
        .flatMap(name -> Stream.of(lastPart(name), name))
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * The active bundle that a word means: its symbolic name, or the last part of it.
   *
   * @throws ControlException of kind usage when there is none, or several
   */
  public Bundle find(String word, List<BehaviorInfo> suppliers) throws ControlException {
    List<Bundle> meant =
        bundles(suppliers).stream()
            .filter(bundle ->
                word.equals(bundle.getSymbolicName())
                    || word.toLowerCase(Locale.ROOT).equals(lastPart(bundle.getSymbolicName())))
            .toList();
    if (meant.isEmpty()) {
      throw ControlException.usage(Nearest.unknown("architecture bundle", word, names(suppliers)));
    }
    List<Bundle> active =
        meant.stream().filter(bundle -> bundle.getState() == Bundle.ACTIVE).toList();
    if (active.isEmpty()) {
      throw ControlException.failed(
          "%s is %s, so there is nothing to swap; start it, or update it"
              .formatted(meant.getFirst().getSymbolicName(), state(meant.getFirst())));
    }
    if (active.size() > 1) {
      throw ControlException.usage(
          "'%s' means several active bundles: %s; uninstall one by its id"
              .formatted(
                  word,
                  String.join(
                      ", ",
                      active.stream()
                          .map(b ->
                              "%d (%s %s)"
                                  .formatted(b.getBundleId(), b.getSymbolicName(), b.getVersion()))
                          .toList())));
    }
    return active.getFirst();
  }

  private static String lastPart(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }
}
