package aperture.benchmarks;

import aperture.access.Setting;
import aperture.admin.DeviceSpec;
import aperture.admin.MachineSpec;
import aperture.core.Aperture;
import aperture.devices.blk.BlkDeviceType;
import aperture.guest.ModernDriverKind;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Bytes allocated for each block request in steady state, by all threads together: driver, rings,
 * mapping, translation, device, file.
 */
final class AllocationPart {

  private static final long REQUESTS = 60_000;
  private static final int IMAGE = 16 << 20;

  /** One byte for each request: anything that is allocated per request costs at least 16. */
  private static final double LIMIT = 1.0;

  private AllocationPart() {}

  static List<Ratio> measure() throws Exception {
    List<Ratio> ratios = new ArrayList<>();
    Path image = Files.createTempFile("aperture-benchmark", ".img");
    try (Aperture aperture = Aperture.standalone()) {
      Files.write(image, new byte[IMAGE]);
      aperture.deviceType(new BlkDeviceType()).driverKind(new ModernDriverKind());
      Kinds.addTo(aperture);
      for (Kinds.Kind kind : Kinds.all()) {
        ratios.add(measure(aperture, kind, image));
      }
    } finally {
      Files.delete(image);
    }
    return ratios;
  }

  private static Ratio measure(Aperture aperture, Kinds.Kind kind, Path image) throws Exception {
    String name = kind.behavior().kind();
    aperture
        .machines()
        .create(new MachineSpec(name, kind.row().type(), 64L << 20, Optional.of(name)));
    aperture
        .devices()
        .add(
            new DeviceSpec(
                name,
                "blk",
                Optional.of("disk"),
                Setting.ON,
                Setting.UNSET,
                false,
                Map.of("file", image.toString())));
    aperture.drivers().bind("disk", "K2");
    run(aperture, REQUESTS);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // A job itself allocates a little when it starts and ends: the difference of two lengths is
    // what its requests cost.
    long before = threads.getTotalThreadAllocatedBytes();
    run(aperture, REQUESTS);
    long between = threads.getTotalThreadAllocatedBytes();
    run(aperture, 2 * REQUESTS);
    long after = threads.getTotalThreadAllocatedBytes();
    aperture.machines().destroy(name);
    double each = Math.max(0, (double) ((after - between) - (between - before)) / REQUESTS);
    return new Ratio("bytes allocated per block request, " + name, each, 1, "bytes", LIMIT);
  }

  private static void run(Aperture aperture, long requests) throws Exception {
    IoJob job =
        aperture.drivers().io("disk", new IoPlan(IoPlan.Pattern.READ, requests, 4096, 16, 1));
    if (!job.await(Duration.ofMinutes(5)) || !job.report().clean()) {
      throw new IllegalStateException("the I/O did not go well: " + job.report());
    }
  }
}
