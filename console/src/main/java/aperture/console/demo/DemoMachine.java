package aperture.console.demo;

import aperture.access.Setting;
import aperture.admin.BehaviorInfo;
import aperture.admin.ControlException;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.DriverInfo;
import aperture.admin.MachineSpec;
import aperture.admin.MappingInfo;
import aperture.admin.PolicyExplanation;
import aperture.console.control.Controls;
import aperture.console.io.IoResult;
import aperture.console.io.IoWait;
import aperture.console.line.Numbers;
import aperture.console.swap.ArchSwap;
import aperture.console.swap.ArchSwapReport;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.IoPlan.Pattern;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * The run on one architecture. Each step says what it did; the first that does not hold ends it.
 */
final class DemoMachine {

  private static final long MEMORY = 32L << 20;
  private static final int DEPTH = 8;
  private static final long VERIFIED = 512;
  private static final long WARM = 200;
  private static final long PAGE = 4096;
  private static final String DRIVER = "K2";
  private static final String DEVICE_TYPE = "blk";
  private static final Duration IO_LIMIT = Duration.ofMinutes(10);
  private static final Duration WARM_LIMIT = Duration.ofSeconds(20);

  private final Controls controls;
  private final BundleContext context;
  private final Prober prober;
  private final Narrator narrator;
  private final DemoType chosen;
  private final DemoImage image;
  private final Path folder;
  private final String machine;
  private final String device;
  private final Proof proof;

  DemoMachine(Demo demo, DemoType chosen, DemoImage image, Path folder) {
    this.controls = demo.controls();
    this.context = demo.context();
    this.prober = demo.prober();
    this.narrator = demo.narrator();
    this.chosen = chosen;
    this.image = image;
    this.folder = folder;
    this.machine = "demo-" + chosen.type().arch();
    this.device = machine + "-disk";
    this.proof = new Proof(chosen);
  }

  /** Runs; whatever was made is taken away again. */
  DemoRow run() throws InterruptedException {
    narrator.heading(
        "%s: %s behind %s".formatted(chosen.type().arch(), chosen.type().type(), chosen.iommu()));
    try {
      build();
      scan();
      verify();
      translate();
      trespass();
      swapUnderLoad();
      explain();
      proof.held = true;
    } catch (ControlException e) {
      narrator.bad(e.line());
    } finally {
      takeAway();
    }
    return proof.row();
  }

  private void build() throws ControlException {
    controls
        .machines()
        .create(
            new MachineSpec(machine, chosen.type().type(), MEMORY, Optional.of(chosen.iommu())));
    Path copy = image.copyTo(folder.resolve(machine + ".img"));
    DeviceInfo added =
        controls
            .devices()
            .add(
                new DeviceSpec(
                    machine,
                    DEVICE_TYPE,
                    Optional.of(device),
                    Setting.ON,
                    Setting.UNSET,
                    false,
                    Map.of("file", copy.toString())));
    DriverInfo driver = controls.drivers().bind(device, DRIVER);
    if (!driver.reason().isEmpty()) {
      throw ControlException.failed(
          "driver %s is not bound: %s".formatted(DRIVER, driver.reason()));
    }
    narrator.good(
        "machine with 32 MiB, disk at endpoint %s, driver %s posts %s addresses"
            .formatted(added.endpoint(), driver.kind(), driver.addresses()));
  }

  private void scan() throws ControlException, InterruptedException {
    IoResult result = io(Pattern.SCAN, image.blockBytes());
    String read = result.sha256().orElse("nothing");
    proof.sha256Equal = read.equals(image.sha256());
    if (!proof.sha256Equal) {
      throw ControlException.failed(
          "the scan read %s, the image is %s".formatted(read, image.sha256()));
    }
    narrator.good(
        "read all %s through the IOMMU: SHA-256 %s... equals the file's"
            .formatted(Narrator.mebibytes(result.bytesRead()), read.substring(0, 16)));
  }

  private void verify() throws ControlException, InterruptedException {
    IoResult result = io(Pattern.VERIFY, image.smallBlockBytes());
    proof.written = result.bytesWritten();
    proof.readBack = result.bytesWritten() > 0 && result.mismatches() == 0;
    if (!proof.readBack) {
      throw ControlException.failed("nothing was written");
    }
    narrator.good(
        "wrote %s to a private copy and read it back as written"
            .formatted(Narrator.mebibytes(result.bytesWritten())));
  }

  private IoResult io(Pattern pattern, int block) throws ControlException, InterruptedException {
    long requests = pattern == Pattern.SCAN ? 0 : VERIFIED;
    IoJob job =
        controls.drivers().io(device, new IoPlan(pattern, requests, block, DEPTH, VERIFIED));
    if (!new IoWait(job, Optional.empty()).until(Optional.of(IO_LIMIT))) {
      job.stop();
      throw ControlException.failed("I/O did not end in time");
    }
    return clean(job);
  }

  private IoResult clean(IoJob job) throws ControlException {
    IoResult result = IoResult.of(device, job.report());
    if (!result.clean()) {
      throw ControlException.failed(result.complaint());
    }
    return result;
  }

  private List<MappingInfo> mappings() throws ControlException {
    String endpoint = controls.devices().show(device).endpoint();
    List<MappingInfo> mine =
        controls.dma().mappings().stream()
            .filter(m -> m.machine().equals(machine) && m.endpoint().equals(endpoint))
            .toList();
    if (mine.isEmpty()) {
      throw ControlException.failed("the driver has no live mapping: nothing is translated");
    }
    return mine;
  }

  private void translate() throws ControlException {
    MappingInfo mapping = mappings().getFirst();
    Access access = mapping.permission().contains("r") ? Access.READ : Access.WRITE;
    TranslationReport report =
        controls.dma().translate(device, iova(mapping), Math.min(PAGE, mapping.size()), access);
    if (report.fault().isPresent() || report.ranges().isEmpty()) {
      throw ControlException.failed(
          "the live mapping at %s does not translate".formatted(mapping.iova()));
    }
    narrator.good(
        "IOVA %s means guest-physical 0x%x; what the hardware read to know it:"
            .formatted(mapping.iova(), report.ranges().getFirst().gpa()));
    for (TranslationReport.Step step : report.steps()) {
      narrator.detail(
          "%s at 0x%x reads 0x%x%s"
              .formatted(
                  step.structure(),
                  step.address(),
                  step.value(),
                  step.fields().isEmpty() ? "" : " (" + step.fields() + ")"));
    }
  }

  private static long iova(MappingInfo mapping) throws ControlException {
    return Numbers.unsigned("iova", mapping.iova());
  }

  private void trespass() throws ControlException {
    String endpoint = controls.devices().show(device).endpoint();
    List<String> lines =
        new Trespass(controls.dma(), prober, machine, device, endpoint).attempt(mappings());
    proof.contained = true;
    narrator.good(lines.getFirst());
    lines.stream().skip(1).forEach(narrator::detail);
  }

  private void swapUnderLoad() throws ControlException, InterruptedException {
    IoJob job =
        controls
            .drivers()
            .io(device, new IoPlan(Pattern.READ, 0, image.smallBlockBytes(), DEPTH, VERIFIED));
    ArchSwapReport swap;
    long before;
    long after;
    try {
      var _ = awaitProgress(job, WARM);
      Bundle old = supplier();
      Path next = RaisedJar.of(old, folder);
      before = job.report().completed();
      swap = new ArchSwap(context, controls.swaps()).swap(old.getSymbolicName(), next);
      after = job.report().completed();
      var _ = awaitProgress(job, after + WARM);
    } finally {
      job.stop();
    }
    if (!new IoWait(job, Optional.empty()).until(Optional.of(IO_LIMIT))) {
      throw ControlException.failed("I/O did not end after the swap");
    }
    IoResult result = IoResult.of(device, job.report());
    proof.swapped(swap, after - before, result);
    if (swap.machines() == 0) {
      throw ControlException.failed("no machine moved over to the new bundle");
    }
    var _ = clean(job);
    narrator.good(
        "swapped %s %s for %s under load: %d requests meanwhile, 0 lost, 0 repeated"
            .formatted(swap.bundle(), swap.from(), swap.to(), after - before));
    narrator.detail(
        "pause %s, of it work %s"
            .formatted(Narrator.millis(swap.pauseMicros()), Narrator.millis(swap.workMicros())));
    swap.reports().stream()
        .filter(report -> report.machine().equals(machine))
        .flatMap(report -> report.steps().stream())
        .map(s -> "%s %s: %s".formatted(s.step(), Narrator.millis(s.micros()), s.detail()))
        .forEach(narrator::detail);
  }

  private long awaitProgress(IoJob job, long completed)
      throws ControlException, InterruptedException {
    long end = System.nanoTime() + WARM_LIMIT.toNanos();
    while (job.report().completed() < completed) {
      if (job.await(Duration.ofMillis(2)) || System.nanoTime() - end > 0) {
        IoResult result = IoResult.of(device, job.report());
        throw ControlException.failed(
            result.clean() ? "I/O makes no progress" : result.complaint());
      }
    }
    return job.report().completed();
  }

  private Bundle supplier() throws ControlException {
    BehaviorInfo used =
        controls.swaps().suppliers().stream()
            .filter(i -> i.role().equals("iommu") && i.name().equals(chosen.iommu()) && i.inUse())
            .findFirst()
            .orElseThrow(() -> ControlException.failed("nobody supplies " + chosen.iommu()));
    return Arrays.stream(context.getBundles())
        .filter(b -> used.bundle().equals(b.getSymbolicName()))
        .max(Comparator.comparing(Bundle::getVersion))
        .orElseThrow(() -> ControlException.failed("no bundle " + used.bundle()));
  }

  private void explain() throws ControlException {
    PolicyExplanation policy = controls.policy().explain(device);
    narrator.good(
        "decision: offer %s; path %s".formatted(policy.offerProvenance(), policy.pathMode()));
  }

  private void takeAway() {
    try {
      if (controls.machines().list().stream().anyMatch(m -> m.name().equals(machine))) {
        controls.machines().destroy(machine);
      }
      DemoFolder.delete(folder.resolve(machine + ".img"));
    } catch (ControlException e) {
      proof.held = false;
      narrator.bad("machine %s does not end: %s".formatted(machine, e.getMessage()));
    }
  }
}
