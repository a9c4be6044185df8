package aperture.console.thread;

import aperture.admin.ControlException;
import aperture.iommu.IommuBehavior;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/** Registers a service that outranks the one there is; no bundle is replaced. */
public final class ServiceRelief implements Relief {

  private final BundleContext context;

  public ServiceRelief(BundleContext context) {
    this.context = context;
  }

  @Override
  public Turn replace(String kind) throws ControlException {
    ServiceReference<IommuBehavior> old = find(kind);
    IommuBehavior behavior = context.getService(old);
    if (behavior == null) {
      throw gone(kind);
    }
    Map<String, Object> properties =
        Map.of(IommuBehavior.KIND_PROPERTY, kind, Constants.SERVICE_RANKING, ranking(old) + 1);
    ServiceRegistration<IommuBehavior> fresh =
        context.registerService(
            IommuBehavior.class, new Successor(behavior), FrameworkUtil.asDictionary(properties));
    return () -> {
      fresh.unregister();
      context.ungetService(old);
    };
  }

  private ServiceReference<IommuBehavior> find(String kind) throws ControlException {
    try {
      Collection<ServiceReference<IommuBehavior>> found =
          context.getServiceReferences(
              IommuBehavior.class, "(%s=%s)".formatted(IommuBehavior.KIND_PROPERTY, kind));
      return found.stream().max(Comparator.naturalOrder()).orElseThrow(() -> gone(kind));
    } catch (InvalidSyntaxException e) {
      throw new IllegalArgumentException(kind, e);
    }
  }

  private static ControlException gone(String kind) {
    return new ControlException(
        ControlException.Kind.CAPABILITY_MISSING,
        "nobody supplies IOMMU kind %s; arch:list shows the architecture bundles".formatted(kind));
  }

  private static int ranking(ServiceReference<?> reference) {
    return reference.getProperty(Constants.SERVICE_RANKING) instanceof Integer ranking
        ? ranking
        : 0;
  }
}
