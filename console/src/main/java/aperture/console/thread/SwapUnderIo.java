package aperture.console.thread;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DriverInfo;
import aperture.admin.PolicyExplanation;
import aperture.admin.SwapReport;
import aperture.console.io.IoResult;
import aperture.console.io.IoWait;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Swaps the supplier of an IOMMU kind while devices do I/O, and looks whether what was decided for
 * them moved: one by its machine type, and one by its own setting.
 *
 * @param by whose claim it tests
 */
record SwapUnderIo(Optional<Author> by) implements Step {

  private static final String DRIVER = "K2";
  private static final String UNCHANGED = "unchanged";
  private static final String CHANGED = "changed";
  private static final String IOMMU = "iommu";
  private static final String SWAPPED = "swapped";
  private static final long WARM = 50;
  private static final Duration POLL = Duration.ofMillis(2);
  private static final Duration LONGEST = Duration.ofSeconds(30);
  private static final IoPlan PLAN = new IoPlan(IoPlan.Pattern.READ, 0, 4096, 4, 1);

  private static final List<Site> SITES =
      List.of(Site.SPARC, Site.PSERIES, Site.NEW_ARM, Site.NEW_PC, Site.PC_AMD);

  SwapUnderIo() {
    this(Optional.empty());
  }

  SwapUnderIo claimed(Author who) {
    return new SwapUnderIo(Optional.of(who));
  }

  @Override
  public List<Done> run(Stage stage) throws ControlException, InterruptedException {
    Site site = quietest(stage);
    Optional<Done> absent = stage.absence(setting(), site, DRIVER);
    if (absent.isPresent()) {
      return List.of(absent.get());
    }
    List<Done> done = new ArrayList<>();
    for (Setting own : List.of(Setting.UNSET, Setting.ON)) {
      done.add(swap(stage, site, own));
    }
    return done;
  }

  /** The first whose IOMMU kind no machine uses: a swap concerns all that do. */
  private static Site quietest(Stage stage) throws ControlException {
    for (Site site : SITES) {
      boolean quiet =
          stage.controls().swaps().suppliers().stream()
              .anyMatch(info ->
                  info.role().equals(IOMMU)
                      && info.name().equals(site.iommu())
                      && info.inUse()
                      && info.machines() == 0);
      if (quiet && stage.type(site.type()).isPresent()) {
        return site;
      }
    }
    return SITES.getFirst();
  }

  private Done swap(Stage stage, Site site, Setting own)
      throws ControlException, InterruptedException {
    String machine = stage.machine(site);
    String disk = stage.disk(machine, own, Setting.UNSET).id();
    PolicyExplanation before = stage.controls().policy().explain(disk);
    DriverInfo driver = stage.controls().drivers().bind(disk, DRIVER);
    if (!driver.reason().isEmpty()) {
      throw ControlException.failed("driver %s: %s".formatted(DRIVER, driver.reason()));
    }
    IoJob job = stage.controls().drivers().io(disk, PLAN);
    PolicyExplanation during;
    boolean swapped;
    try {
      progress(job, WARM);
      long mark = last(stage);
      try (Relief.Turn _ = stage.relief().replace(site.iommu())) {
        swapped = awaitSwap(stage, machine, mark, job);
        during = stage.controls().policy().explain(disk);
        progress(job, job.report().completed() + WARM);
      }
      progress(job, job.report().completed() + WARM);
    } finally {
      job.stop();
    }
    boolean ended = new IoWait(job, Optional.empty()).until(Optional.of(LONGEST));
    IoResult io = IoResult.of(disk, job.report());
    PolicyExplanation after = stage.controls().policy().explain(disk);
    stage.endMachine();
    boolean same = during.equals(before) && after.equals(before);
    return new Done(
        new ThreadCase(
            "device %s%s".formatted(own == Setting.UNSET ? "default" : own.word(), setting()),
            site.label(),
            DRIVER,
            same ? UNCHANGED : CHANGED,
            "%s before and after; I/O %s"
                .formatted(before.offerProvenance(), io.clean() ? "clean" : io.complaint())),
        swapped && same && ended && io.clean());
  }

  private static long last(Stage stage) throws ControlException {
    return stage.controls().swaps().swaps().stream().mapToLong(SwapReport::number).max().orElse(0);
  }

  private static boolean awaitSwap(Stage stage, String machine, long mark, IoJob job)
      throws ControlException, InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (System.nanoTime() - end < 0) {
      boolean there =
          stage.controls().swaps().swaps().stream()
              .anyMatch(report ->
                  report.number() > mark
                      && report.machine().equals(machine)
                      && report.outcome().equals(SWAPPED));
      if (there) {
        return true;
      }
      var _ = job.await(POLL);
    }
    return false;
  }

  private static void progress(IoJob job, long completed)
      throws ControlException, InterruptedException {
    long end = System.nanoTime() + LONGEST.toNanos();
    while (job.report().completed() < completed) {
      if (job.await(POLL) || System.nanoTime() - end > 0) {
        throw ControlException.failed(
            "I/O makes no progress: " + IoResult.of("it", job.report()).complaint());
      }
    }
  }

  private String setting() {
    return Author.mark(by);
  }
}
