package aperture.core.internal.policy;

import aperture.access.AccessDecision;
import aperture.access.PathMode;
import aperture.access.UnackedAddressing;
import aperture.access.Wiring;
import aperture.admin.ControlException;
import aperture.admin.MatrixCell;
import aperture.admin.MatrixRequest;
import aperture.admin.Nearest;
import aperture.core.internal.dma.Route;
import aperture.core.internal.policy.Case.Device;
import aperture.virtio.DeviceOption;
import aperture.virtio.DriverKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
   * Runs a request.
   *
   * @param progress is told how many of how many cases are done
   */
  public List<MatrixCell> run(MatrixRequest request, BiConsumer<Integer, Integer> progress)
      throws ControlException, InterruptedException {
    List<Job> jobs = jobs(request);
    AtomicInteger done = new AtomicInteger();
    List<Callable<MatrixCell>> tasks = new ArrayList<>();
    for (Job job : jobs) {
      tasks.add(() -> {
        MatrixCell cell = cell(job);
        progress.accept(done.incrementAndGet(), jobs.size());
        return cell;
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
      for (Future<MatrixCell> future : pool.invokeAll(tasks)) {
        cells.add(result(future));
      }
      return request.perMachine() ? cells : merged(cells);
    } finally {
      pool.shutdownNow();
    }
  }

  private static MatrixCell result(Future<MatrixCell> future)
      throws ControlException, InterruptedException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ControlException known) {
        throw known;
      }
      throw new ControlException(ControlException.Kind.FAILED, String.valueOf(e.getMessage()), e);
    }
  }

  private MatrixCell cell(Job job) throws ControlException, InterruptedException {
    Evidence seen = experiment.run(job.tried(), job.kind());
    Device device = job.tried().device();
    Platform platform = job.tried().platform();
    Judge.Verdict verdict;
    try {
      verdict = Judge.judge(seen);
    } catch (IllegalStateException e) {
      throw new ControlException(
          ControlException.Kind.FAILED,
          "mode %c, driver %s, %s, machine %s with %s: %s"
              .formatted(
                  platform.mode().letter(),
                  job.tried().driver(),
                  device,
                  platform.type(),
                  platform.iommu(),
                  e.getMessage()),
          e);
    }
    return new MatrixCell(
        String.valueOf(platform.mode().letter()),
        job.tried().driver(),
        device.offered(),
        device.strict(),
        device.unacked().name(),
        verdict.outcome(),
        platform.type() + " " + platform.iommu(),
        seen.describe(),
        verdict.reason());
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

  /** One row where all machines agree; where they do not, one for each outcome. */
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
              cell.outcome());
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
