package aperture.core.internal.policy;

import aperture.access.AccessConfigurationException;
import aperture.access.AccessDecision;
import aperture.admin.ControlException;
import aperture.core.internal.device.DeviceEngine;
import aperture.core.internal.device.DevicePlatform;
import aperture.core.internal.dma.FaultLog;
import aperture.dma.DmaException;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DriverException;
import aperture.virtio.DriverKind;
import aperture.virtio.DriverStatus;
import aperture.virtio.Feature;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoReport;
import aperture.virtqueue.QueueFault;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Runs one case and notes what is seen. */
final class Experiment {

  private static final Logger LOG = System.getLogger(Experiment.class.getName());
  private static final IoPlan PLAN = new IoPlan(IoPlan.Pattern.VERIFY, 24, 4096, 4, 1);
  private static final Duration LONGEST = Duration.ofSeconds(20);

  private final Laboratory laboratory;
  private final UnaryOperator<AccessDecision> instead;

  Experiment(Laboratory laboratory, UnaryOperator<AccessDecision> instead) {
    this.laboratory = laboratory;
    this.instead = instead;
  }

  /**
   * Runs a case.
   *
   * @throws ControlException when it cannot be set up at all
   */
  Evidence run(Case tried, DriverKind kind) throws ControlException, InterruptedException {
    try (Bench bench = Bench.setUp(laboratory, tried, instead)) {
      return drive(bench, tried, kind);
    } catch (DmaException
        | DriverException
        | AccessConfigurationException
        | DeviceConfigurationException e) {
      throw new ControlException(ControlException.Kind.FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  private static Evidence drive(Bench bench, Case tried, DriverKind kind)
      throws DriverException, DmaException, InterruptedException {
    WatchedPlatform platform = bench.platform(tried.options(), tried.platform().layout().mask());
    GuestDriver driver = kind.probe(platform, bench.engine());
    try {
      IoReport report = null;
      DriverStatus status = driver.status();
      if (status.state() == DriverStatus.State.BOUND) {
        report = work(driver);
      }
      return look(bench, platform, status, report);
    } finally {
      driver.close();
      platform.release();
      DevicePlatform.giveBack(bench.machine(), bench.engine());
    }
  }

  /** Does I/O; null when the device broke before it began. */
  private static @Nullable IoReport work(GuestDriver driver) throws InterruptedException {
    try {
      IoJob job = driver.start(PLAN);
      job.await(LONGEST);
      return job.report();
    } catch (DriverException e) {
      LOG.log(Level.DEBUG, "no I/O was begun", e);
      return null;
    }
  }

  private static Evidence look(
      Bench bench, WatchedPlatform platform, DriverStatus status, @Nullable IoReport report)
      throws DmaException {
    DeviceEngine engine = bench.engine();
    long consulted = bench.endpoint().hits() + bench.endpoint().misses();
    List<String> faults =
        bench.machine().faults().entries().stream()
            .filter(entry -> entry.endpoint().index() == bench.endpoint().endpoint().index())
            .map(Experiment::describe)
            .toList();
    List<String> garbage =
        engine
            .queueFault()
            .filter(fault -> fault.dma().isEmpty())
            .map(QueueFault::describe)
            .stream()
            .toList();
    long ring = engine.queueAddresses(0).descriptors();
    Probes probes = new Probes(bench.machine(), bench.endpoint());
    boolean constrains = probes.constrains();
    boolean works = report != null && report.clean();
    List<String> leaks = works && consulted > 0 && constrains ? probes.leaks() : List.of();
    return new Evidence(
        status.state(),
        reason(engine, status, report),
        engine.offered().has(Feature.ACCESS_PLATFORM),
        report == null ? 0 : PLAN.requests(),
        report == null ? 0 : report.completed() - report.failed(),
        report == null ? 0 : report.mismatches(),
        consulted,
        constrains,
        platform.userProgram(),
        platform.owned().holds(ring),
        garbage,
        leaks,
        bench.canaries().overwritten(),
        faults);
  }

  /** The device's word on a refusal says more than what the driver makes of it. */
  private static String reason(
      DeviceEngine engine, DriverStatus status, @Nullable IoReport report) {
    if (status.state() == DriverStatus.State.REFUSED_BY_DEVICE) {
      return engine.refusal();
    }
    if (report != null && report.running()) {
      return "I/O did not end within %d s".formatted(LONGEST.toSeconds());
    }
    return report == null || report.reason().isEmpty() ? status.reason() : report.reason();
  }

  private static String describe(FaultLog.Entry entry) {
    return entry.fault().describe()
        + (entry.recorded().isEmpty() ? "" : ", recorded at " + entry.recorded());
  }
}
