package aperture.itest.container;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.admin.SwapReport;
import aperture.admin.SwapStep;
import aperture.exam.ApertureDistribution;
import aperture.exam.InContainer;
import aperture.itest.lab.Arch;
import aperture.itest.lab.Bundles;
import aperture.itest.lab.Disk;
import aperture.itest.lab.JarCopy;
import aperture.itest.lab.Lab;
import aperture.virtio.IoJob;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import javax.inject.Inject;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.wiring.BundleWiring;

/**
 * Bundles are swapped in every way that an operator has, again and again, while machines of all
 * architectures keep their queues full of requests that are verified. Takes its seed from the
 * system property {@code aperture.seed}, else from the clock, and says which.
 */
@InContainer
public class HotSwapIT {

  private static final System.Logger LOG = System.getLogger(HotSwapIT.class.getName());
  private static final List<Arch> ARCHS = List.of(Arch.values());
  private static final List<Way> WAYS = List.of(Way.values());
  private static final int ROUNDS = 50;
  private static final long PROGRESS = 25;
  private static final int MOST_PAUSE_MILLIS = 40;
  private static final Duration LIMIT = Duration.ofSeconds(20);

  @Inject public BundleContext context;

  @Configuration
  public static Option[] configuration() {
    return new Option[] {ApertureDistribution.bundles(Bundles.home())};
  }

  /** The ways. */
  private enum Way {
    STOP_START,
    UPDATE,
    UNINSTALL_INSTALL,
    SIDE_BY_SIDE
  }

  @Test
  public void fiftySwapsUnderLoadLoseNothing() throws Exception {
    long seed = Long.getLong("aperture.seed", System.nanoTime());
    LOG.log(System.Logger.Level.WARNING, "hot swaps with -Daperture.seed={0}", "" + seed);
    try (Lab lab = new Lab(context)) {
      new Run(lab, seed).rounds();
    } catch (AssertionError e) {
      throw new AssertionError("with -Daperture.seed=" + seed + ": " + e.getMessage(), e);
    }
  }

  /** The state of one run. */
  private static final class Run {

    private final Lab lab;
    private final SplittableRandom random;
    private final Map<Arch, Disk> disks = new EnumMap<>(Arch.class);
    private final Map<Arch, IoJob> jobs = new EnumMap<>(Arch.class);
    private final Map<Arch, Bundle> bundles = new EnumMap<>(Arch.class);
    private final List<WeakReference<ClassLoader>> left = new ArrayList<>();
    private int version;

    Run(Lab lab, long seed) throws Exception {
      this.lab = lab;
      this.random = new SplittableRandom(seed);
      for (Arch arch : Arch.values()) {
        bundles.put(arch, lab.bundles().get(arch.bundle()));
        Disk disk = lab.disk("load-" + arch, arch);
        disks.put(arch, disk);
        jobs.put(arch, disk.verifying(random.nextLong()));
      }
    }

    void rounds() throws Exception {
      jobs.values().forEach(job -> Disk.awaitProgress(job, PROGRESS));
      for (int round = 0; round < ROUNDS; round++) {
        Arch arch = ARCHS.get(round % ARCHS.size());
        // Each architecture meets each way in turn, at a moment of its own.
        Way way = WAYS.get(round / ARCHS.size() % WAYS.size());
        round("round %d, %s of %s".formatted(round, way, arch.bundle()), arch, way);
      }
      awaitCollected();
      for (Arch arch : Arch.values()) {
        disks.get(arch).finish(jobs.get(arch));
        assertThat(disks.get(arch).info().status()).doesNotContain("NEEDS_RESET");
      }
      assertThat(lab.dma().faults()).as("no device was refused anything").isEmpty();
    }

    /** While the machines still run: nothing of theirs may hold an old bundle. */
    private void awaitCollected() {
      Awaitility.await("class loaders of " + left.size() + " old bundles are collected")
          .atMost(LIMIT)
          .pollInterval(Duration.ofMillis(50))
          .until(() -> {
            System.gc();
            return left.stream().allMatch(loader -> loader.refersTo(null));
          });
    }

    private void round(String name, Arch arch, Way way) throws Exception {
      long mark = lab.swaps().swaps().stream().mapToLong(SwapReport::number).max().orElse(0);
      pause();
      swap(arch, way);
      awaitSwap(name, disks.get(arch), mark, way);
      for (IoJob job : jobs.values()) {
        Disk.awaitProgress(job, PROGRESS);
      }
    }

    private void swap(Arch arch, Way way) throws Exception {
      Bundle bundle = bundles.get(arch);
      if (way != Way.STOP_START) {
        left.add(new WeakReference<>(bundle.adapt(BundleWiring.class).getClassLoader()));
      }
      switch (way) {
        case STOP_START -> {
          bundle.stop();
          pause();
          bundle.start();
        }
        case UPDATE -> lab.bundles().update(bundle, next(arch));
        case UNINSTALL_INSTALL -> {
          bundle.uninstall();
          pause();
          bundles.put(arch, lab.bundles().install(next(arch)));
        }
        case SIDE_BY_SIDE -> bundles.put(arch, lab.bundles().replace(bundle, next(arch)));
      }
    }

    private Path next(Arch arch) throws Exception {
      return JarCopy.ofVersion(Bundles.shipped(arch.bundle()), "0.2." + ++version, lab.folder());
    }

    private void pause() {
      LockSupport.parkNanos(random.nextLong(Duration.ofMillis(MOST_PAUSE_MILLIS).toNanos()));
    }

    private void awaitSwap(String name, Disk disk, long mark, Way way) {
      Awaitility.await(name)
          .atMost(LIMIT)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(5))
          .untilAsserted(() -> {
            List<SwapReport> reports =
                lab.swaps().swaps().stream()
                    .filter(
                        report -> report.number() > mark && report.machine().equals(disk.machine()))
                    .toList();
            assertThat(reports).isNotEmpty();
            assertThat(reports)
                .allSatisfy(report -> {
                  assertThat(report.outcome()).as(report.toString()).isEqualTo("swapped");
                  assertThat(report.pauseMicros()).isPositive();
                  assertThat(report.workMicros()).isBetween(0L, report.pauseMicros());
                  assertThat(report.steps())
                      .extracting(SwapStep::step)
                      .containsSubsequence(expectedSteps(way));
                });
          });
    }

    private static List<String> expectedSteps(Way way) {
      return way == Way.SIDE_BY_SIDE
          ? Arrays.asList("revoke", "quiesce", "attach", "grant", "resume")
          : Arrays.asList("revoke", "quiesce", "leave", "attach", "grant", "resume");
    }
  }
}
