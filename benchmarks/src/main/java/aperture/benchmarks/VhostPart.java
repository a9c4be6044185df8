package aperture.benchmarks;

import aperture.guest.ModernDriverKind;
import aperture.vhostuser.testkit.FrontEnd;
import aperture.vhostuser.testkit.FrontEndMemory;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A disk over vhost-user, without an IOMMU, against {@code qemu-storage-daemon}: the same front
 * end, driver, load and image, one server after the other, in turns.
 */
final class VhostPart {

  private static final int IMAGE = 64 << 20;
  private static final long MEMORY = 128L << 20;
  private static final int SAMPLES = 9;
  private static final double RATE_LIMIT = 1.0;
  private static final double CPU_LIMIT = 1.5;
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** A load, and how many requests make a sample. */
  private record Load(String name, int block, int depth, long requests) {}

  private static final List<Load> LOADS =
      List.of(
          new Load("random read 4 KiB, depth 1", 4096, 1, 20_000),
          new Load("random read 4 KiB, depth 32", 4096, 32, 60_000),
          new Load("read 1 MiB, depth 4", 1 << 20, 4, 1_000));

  private VhostPart() {}

  static List<Ratio> measure() throws Exception {
    Path directory = Files.createTempDirectory("aperture-vhost");
    // One each, since both lock theirs.
    Path image = Files.write(directory.resolve("ours.img"), new byte[IMAGE]);
    Path copy = Files.write(directory.resolve("peer.img"), new byte[IMAGE]);
    List<Ratio> ratios = new ArrayList<>();
    try (DiskServer ours = DiskServer.ours(directory, image);
        DiskServer peer = DiskServer.storageDaemon(directory, copy);
        Client first = new Client(ours);
        Client second = new Client(peer)) {
      for (Load load : LOADS) {
        ratios.addAll(compare(load, first, second));
      }
    } finally {
      try (var files = Files.list(directory)) {
        for (Path file : files.toList()) {
          Files.deleteIfExists(file);
        }
      }
      Files.delete(directory);
    }
    return ratios;
  }

  private static List<Ratio> compare(Load load, Client ours, Client peer) throws Exception {
    ours.run(load);
    peer.run(load);
    ours.run(load);
    double[][] figures = new double[4][SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      double[] a = ours.run(load);
      double[] b = peer.run(load);
      figures[0][i] = a[0];
      figures[1][i] = b[0];
      figures[2][i] = a[1];
      figures[3][i] = b[1];
    }
    for (double[] each : figures) {
      Arrays.sort(each);
    }
    int median = SAMPLES / 2;
    return List.of(
        new Ratio(
            "time per request, " + load.name(),
            figures[0][median],
            figures[1][median],
            "us",
            RATE_LIMIT),
        new Ratio(
            "server CPU per request, " + load.name(),
            figures[2][median],
            figures[3][median],
            "us",
            CPU_LIMIT));
  }

  /** A driver on one server. */
  private static final class Client implements AutoCloseable {
    private final DiskServer server;
    private final FrontEndMemory memory;
    private final FrontEnd frontEnd;
    private final GuestDriver driver;

    Client(DiskServer server) throws Exception {
      this.server = server;
      memory = new FrontEndMemory(MEMORY, false);
      frontEnd = FrontEnd.connectBlk(memory, server.socket());
      driver = new ModernDriverKind().probe(frontEnd, frontEnd);
    }

    /** Microseconds for each request: on the clock, and of the server's processor. */
    double[] run(Load load) throws Exception {
      long cpu = server.cpuNanos();
      long start = System.nanoTime();
      IoJob job =
          driver.start(
              new IoPlan(IoPlan.Pattern.READ, load.requests(), load.block(), load.depth(), 1));
      if (!job.await(LIMIT) || !job.report().clean()) {
        throw new IllegalStateException("the I/O did not go well: " + job.report());
      }
      double clock = System.nanoTime() - start;
      double busy = server.cpuNanos() - cpu;
      return new double[] {clock / load.requests() / 1000, busy / load.requests() / 1000};
    }

    @Override
    public void close() {
      driver.close();
      frontEnd.close();
      memory.close();
    }
  }
}
