package aperture.console.swap;

import aperture.admin.BehaviorInfo;
import aperture.admin.ControlException;
import aperture.admin.SwapControl;
import aperture.admin.SwapReport;
import aperture.admin.SwapStep;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.startlevel.BundleStartLevel;

/**
 * The seamless swap: the newcomer is started beside the old bundle, outranks it, live machines move
 * over, and the old one is uninstalled. There is no moment without a behaviour. Whatever goes wrong
 * before the last step, the newcomer is removed and the machines are where they were.
 */
public final class ArchSwap {

  private static final Duration SERVICES_LIMIT = Duration.ofSeconds(10);
  private static final long POLL_MILLIS = 5;
  private static final String REFUSED = "refused";
  private static final String CLOSED = "closed";
  private static final String WAITING = "waiting";
  private static final String REFUSE_STEP = "refuse";
  private static final String CLOSE_STEP = "close";

  private final BundleContext context;
  private final SwapControl swaps;

  public ArchSwap(BundleContext context, SwapControl swaps) {
    this.context = context;
    this.swaps = swaps;
  }

  /**
   * Swaps.
   *
   * @param arch symbolic name of the running bundle, or its last part
   * @param jar the newcomer
   * @throws ControlException with the reason; nothing has happened then
   */
  public synchronized ArchSwapReport swap(String arch, Path jar)
      throws ControlException, InterruptedException {
    Bundle old = new ArchBundles(context).find(arch, swaps.suppliers());
    NewcomerJar newcomer = NewcomerJar.read(jar);
    newcomer.requireSuccessorOf(old);
    long mark = lastNumber();
    Bundle fresh = install(newcomer, old);
    boolean done = false;
    try {
      start(fresh);
      awaitServices(old, fresh);
      awaitMachines(old, fresh, mark);
      done = true;
    } finally {
      if (!done) {
        remove(fresh);
      }
    }
    remove(old);
    return ArchSwapReport.of(
        newcomer.name(),
        old.getVersion().toString(),
        newcomer.version().toString(),
        since(mark).stream().filter(report -> isOf(fresh, report)).toList());
  }

  private Bundle install(NewcomerJar jar, Bundle old) throws ControlException {
    try (InputStream bytes = Files.newInputStream(jar.file())) {
      Bundle fresh = context.installBundle(freeLocation(jar.file()), bytes);
      fresh
          .adapt(BundleStartLevel.class)
          .setStartLevel(old.adapt(BundleStartLevel.class).getStartLevel());
      return fresh;
    } catch (IOException | BundleException e) {
      throw refused("it cannot be installed", e);
    }
  }

  /** The jar's address; when it was installed before, with a mark that readers of it ignore. */
  private String freeLocation(Path jar) {
    String address = jar.toAbsolutePath().toUri().toString();
    String location = address;
    for (int n = 2; context.getBundle(location) != null; n++) {
      location = address + "#" + n;
    }
    return location;
  }

  private void start(Bundle fresh) throws ControlException {
    try {
      fresh.start();
    } catch (BundleException e) {
      throw refused("it does not start", e);
    }
  }

  private void awaitServices(Bundle old, Bundle fresh)
      throws ControlException, InterruptedException {
    long end = System.nanoTime() + SERVICES_LIMIT.toNanos();
    while (true) {
      List<BehaviorInfo> all = swaps.suppliers();
      Optional<BehaviorInfo> missing =
          all.stream()
              .filter(info -> ArchBundles.supplies(old, info))
              .filter(info ->
                  all.stream()
                      .noneMatch(other ->
                          ArchBundles.supplies(fresh, other)
                              && other.role().equals(info.role())
                              && other.name().equals(info.name())))
              .findFirst();
      if (missing.isEmpty()) {
        return;
      }
      if (System.nanoTime() - end > 0) {
        throw ControlException.failed(
            "not swapped: %s %s does not supply %s %s, which the running one does"
                .formatted(
                    fresh.getSymbolicName(),
                    fresh.getVersion(),
                    missing.get().role(),
                    missing.get().name()));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void awaitMachines(Bundle old, Bundle fresh, long mark)
      throws ControlException, InterruptedException {
    long end = System.nanoTime() + SERVICES_LIMIT.toNanos() + swaps.quiesceDeadline().toNanos();
    while (true) {
      List<SwapReport> reports = since(mark);
      for (SwapReport report : reports) {
        if (report.outcome().equals(REFUSED) || report.outcome().equals(CLOSED)) {
          throw ControlException.failed(
              "not swapped: machine %s %s %s: %s"
                  .formatted(
                      report.machine(), report.outcome(), fresh.getVersion(), cause(report)));
        }
      }
      boolean moving = reports.stream().anyMatch(report -> report.outcome().equals(WAITING));
      int left =
          swaps.suppliers().stream()
              .filter(info -> info.role().equals(ArchBundles.IOMMU))
              .filter(info -> ArchBundles.supplies(old, info))
              .mapToInt(BehaviorInfo::machines)
              .sum();
      if (left == 0 && !moving) {
        return;
      }
      if (System.nanoTime() - end > 0) {
        throw ControlException.failed(
            "not swapped: %d machines stayed with %s %s"
                .formatted(left, old.getSymbolicName(), old.getVersion()));
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private static String cause(SwapReport report) {
    return report.steps().stream()
        .filter(step -> step.step().equals(REFUSE_STEP) || step.step().equals(CLOSE_STEP))
        .map(SwapStep::detail)
        .findFirst()
        .orElse("no reason given");
  }

  private static boolean isOf(Bundle fresh, SwapReport report) {
    return report.to().contains(fresh.getSymbolicName())
        && report.to().contains(ArchBundles.numbers(fresh.getVersion()));
  }

  private List<SwapReport> since(long mark) {
    return swaps.swaps().stream().filter(report -> report.number() > mark).toList();
  }

  private long lastNumber() {
    return swaps.swaps().stream().mapToLong(SwapReport::number).max().orElse(0);
  }

  private static void remove(Bundle bundle) throws ControlException {
    try {
      bundle.uninstall();
    } catch (BundleException | IllegalStateException e) {
      throw new ControlException(
          ControlException.Kind.FAILED,
          "%s %s cannot be removed: %s"
              .formatted(bundle.getSymbolicName(), bundle.getVersion(), reason(e)),
          e);
    }
  }

  private static ControlException refused(String what, Exception e) {
    return new ControlException(
        ControlException.Kind.FAILED, "not swapped: %s: %s".formatted(what, reason(e)), e);
  }

  /** The innermost message says most. */
  private static String reason(Throwable e) {
    Throwable cause = e;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
