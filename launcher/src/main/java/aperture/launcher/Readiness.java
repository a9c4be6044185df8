package aperture.launcher;

import aperture.launcher.outcome.ExitCode;
import aperture.launcher.outcome.Failure;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/**
 * Waits until started bundles have kept their promises.
 *
 * <p>A bundle's manifest announces the services it will provide (for a declarative component the
 * build writes that line). A batch may run when each bundle that started has registered them: this
 * needs no list of bundles here, no agreement with them, and names the culprit when it fails.
 */
final class Readiness {
  private static final String SERVICE = "osgi.service";

  private final BundleContext context;
  private final Collection<Bundle> bundles;

  Readiness(BundleContext context, Collection<Bundle> bundles) {
    this.context = context;
    this.bundles = bundles;
  }

  /** Returns when every promise is kept; after the deadline, fails with the first that is not. */
  void await(Duration limit) throws InterruptedException {
    Semaphore news = new Semaphore(0);
    ServiceListener listener =
        event -> {
          if (event.getType() == ServiceEvent.REGISTERED) {
            news.release();
          }
        };
    context.addServiceListener(listener);
    try {
      long deadline = System.nanoTime() + limit.toNanos();
      Optional<String> broken = firstBroken();
      while (broken.isPresent()) {
        if (!news.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          throw new Failure(
              ExitCode.FAILED, "not ready after " + limit.toSeconds() + " s: " + broken.get());
        }
        news.drainPermits();
        broken = firstBroken();
      }
    } finally {
      context.removeServiceListener(listener);
    }
  }

  private Optional<String> firstBroken() {
    return bundles.stream()
        .filter(bundle -> bundle.getState() == Bundle.ACTIVE)
        .map(Readiness::broken)
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> broken(Bundle bundle) {
    return bundle.adapt(BundleRevision.class).getDeclaredCapabilities(SERVICE).stream()
        .map(Readiness::names)
        .filter(names -> !names.isEmpty() && !registered(bundle, names))
        .map(names ->
            bundle.getSymbolicName() + " has not registered " + String.join(" and ", names))
        .findFirst();
  }

  private static List<String> names(BundleCapability capability) {
    Object names = capability.getAttributes().get(Constants.OBJECTCLASS);
    return switch (names) {
      case null -> List.of();
      case Collection<?> many -> many.stream().map(Object::toString).toList();
      default -> List.of(names.toString());
    };
  }

  private static boolean registered(Bundle bundle, List<String> names) {
    ServiceReference<?>[] references = bundle.getRegisteredServices();
    return references != null
        && Arrays.stream(references)
            .map(reference -> (String[]) reference.getProperty(Constants.OBJECTCLASS))
            .filter(Objects::nonNull)
            .anyMatch(classes -> Arrays.asList(classes).containsAll(names));
  }
}
