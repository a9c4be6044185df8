package aperture.core.internal.policy;

import aperture.access.AccessDecision;
import aperture.access.PathMode;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.ControlException;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.Nearest;
import aperture.admin.Outcome;
import aperture.core.internal.dma.Route;
import aperture.core.internal.policy.Case.Device;
import aperture.virtio.DeviceOption;
import aperture.virtio.DriverKind;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/** Every case of a request, run side by side. */
public final class Matrix {

  private static final Logger LOG = System.getLogger(Matrix.class.getName());

  /** An experiment waits for its device half of the time. */
  private static final int WORKERS_A_PROCESSOR = 2;

  private final Laboratory laboratory;
  private final Experiment experiment;

  /** With devices that do what was decided. */
  public Matrix(Laboratory laboratory) {
    this(laboratory, UnaryOperator.identity());
  }

  /**
   * With devices that do something else than what was decided, to see whether the judge notices.
   *
   * @param instead what a device does when something was decided
   */
  public Matrix(Laboratory laboratory, UnaryOperator<AccessDecision> instead) {
    this.laboratory = laboratory;
    this.experiment = new Experiment(laboratory, instead);
  }

  private record Job(Case tried, DriverKind kind) {}

  /**
   * Runs a request. A case that comes to no verdict says why, and ends no other.
   *
   * @param progress is told how many of how many cases are done
   * @throws ControlException when a word is unknown, or nothing can be tried
   */
  public List<MatrixCell> run(MatrixRequest request, BiConsumer<Integer, Integer> progress)
      throws ControlException, InterruptedException {
    var _ = Bench.blockDevice(laboratory);
    List<Job> jobs = jobs(request);
    AtomicInteger done = new AtomicInteger();
    List<Callable<MatrixCell>> tasks = new ArrayList<>();
    for (Job job : jobs) {
      tasks.add(() -> {
        try {
          return cell(job);
        } finally {
          progress.accept(done.incrementAndGet(), jobs.size());
        }
      });
    }
    ExecutorService pool =
        Executors.newFixedThreadPool(
            WORKERS_A_PROCESSOR * Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform()
                .daemon()
                .inheritInheritableThreadLocals(false)
                .name("aperture-matrix-", 0)
                .factory());
    try {
      List<MatrixCell> cells = new ArrayList<>();
      List<Future<MatrixCell>> futures = pool.invokeAll(tasks);
      for (int i = 0; i < futures.size(); i++) {
        cells.add(result(jobs.get(i), futures.get(i)));
      }
      return request.perMachine() ? cells : merged(cells);
    } finally {
      pool.shutdownNow();
    }
  }

  /**
   * Drivers, devices and IOMMUs are anybody's code: whatever one throws ends its own case alone.
   */
  private static MatrixCell result(Job job, Future<MatrixCell> future) throws InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof ControlException) {
        return cell(job.tried(), Optional.empty(), "", String.valueOf(cause.getMessage()));
      }
      LOG.log(Level.WARNING, "no verdict on " + job.tried(), cause);
      return cell(job.tried(), Optional.empty(), "", String.valueOf(cause));
    }
  }

  private MatrixCell cell(Job job) throws ControlException, InterruptedException {
    Evidence seen = experiment.run(job.tried(), job.kind());
    try {
      Judge.Verdict verdict = Judge.judge(seen);
      return cell(job.tried(), Optional.of(verdict.outcome()), seen.describe(), verdict.reason());
    } catch (IllegalStateException e) {
      return cell(job.tried(), Optional.empty(), seen.describe(), String.valueOf(e.getMessage()));
    }
  }

  private static MatrixCell cell(
      Case tried, Optional<Outcome> outcome, String evidence, String reason) {
    Device device = tried.device();
    Platform platform = tried.platform();
    return new MatrixCell(
        String.valueOf(platform.mode().letter()),
        tried.driver(),
        device.offered(),
        device.strict(),
        device.unacked().name(),
        outcome,
        platform.type() + " " + platform.iommu(),
        evidence,
        reason);
  }

  private List<Job> jobs(MatrixRequest request) throws ControlException {
    List<DriverKind> kinds = kinds(request);
    Platforms platforms = new Platforms(laboratory, request.machine());
    List<Job> jobs = new ArrayList<>();
    for (PathMode mode : PathMode.values()) {
      if (!request.modes().isEmpty() && !request.modes().contains(mode)) {
        continue;
      }
      List<Platform> present = platforms.of(mode, request.identityMap());
      for (DriverKind kind : kinds) {
        for (Device device : devices(mode, request)) {
          for (Platform platform : present) {
            jobs.add(
                new Job(
                    new Case(
                        platform,
                        kind.name(),
                        options(kind, request.driverOptions()),
                        device,
                        request.collision()),
                    kind));
          }
        }
      }
    }
    if (jobs.isEmpty()) {
      throw new ControlException(
          ControlException.Kind.CAPABILITY_MISSING,
          "no machine present has such a path; arch:list shows the architecture bundles");
    }
    return jobs;
  }

  private List<DriverKind> kinds(MatrixRequest request) throws ControlException {
    List<DriverKind> present = laboratory.driverKinds().get();
    List<String> names = present.stream().map(DriverKind::name).toList();
    for (String wanted : request.drivers()) {
      if (!names.contains(wanted)) {
        throw ControlException.usage(Nearest.unknown("driver kind", wanted, names));
      }
    }
    return present.stream()
        .filter(kind -> request.drivers().isEmpty() || request.drivers().contains(kind.name()))
        .toList();
  }

  private static Map<String, String> options(DriverKind kind, Map<String, String> given) {
    Map<String, String> known = new HashMap<>();
    for (DeviceOption option : kind.options()) {
      if (given.containsKey(option.name())) {
        known.put(option.name(), given.get(option.name()));
      }
    }
    return known;
  }

  /** The four answers of a device to a driver that does not accept the bit. */
  private static List<Device> devices(PathMode mode, MatrixRequest request) {
    boolean inPath = mode == PathMode.IDENTITY || mode == PathMode.TRANSLATING;
    Wiring wiring = request.device().orElse(inPath ? Wiring.HARDWARE : Wiring.SOFTWARE);
    Route route = mode == PathMode.BYPASS ? Route.AROUND : Route.IOMMU;
    return List.of(
            new Device(false, false, UnackedAddressing.PHYSICAL, wiring, route, request.legacy()),
            new Device(true, true, UnackedAddressing.PHYSICAL, Wiring.SOFTWARE, route, false),
            new Device(true, false, UnackedAddressing.PHYSICAL, Wiring.SOFTWARE, route, false),
            new Device(true, false, UnackedAddressing.TRANSLATED, Wiring.SOFTWARE, route, false))
        .stream()
        .filter(
            device -> request.columns().has(device.offered(), device.strict(), device.unacked()))
        .toList();
  }

  /**
   * One row where all machines agree; where they do not, one for each outcome. What came to no
   * verdict has a row of its own.
   */
  private static List<MatrixCell> merged(List<MatrixCell> cells) {
    Map<List<Object>, MatrixCell> rows = new LinkedHashMap<>();
    for (MatrixCell cell : cells) {
      List<Object> key =
          List.of(
              cell.mode(),
              cell.driver(),
              cell.offered(),
              cell.strict(),
              cell.unacked(),
              cell.outcome().isEmpty() ? cell.machines() : cell.outcome());
      rows.merge(key, cell, Matrix::joined);
    }
    return List.copyOf(rows.values());
  }

  private static MatrixCell joined(MatrixCell first, MatrixCell second) {
    return new MatrixCell(
        first.mode(),
        first.driver(),
        first.offered(),
        first.strict(),
        first.unacked(),
        first.outcome(),
        first.machines() + ", " + second.machines(),
        first.evidence(),
        first.reason());
  }
}
