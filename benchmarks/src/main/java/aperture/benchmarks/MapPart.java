package aperture.benchmarks;

import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.GuestBuffer;
import aperture.testkit.TestMachine;
import java.util.ArrayList;
import java.util.List;

/** Map and unmap of one page through the driver face, for each IOMMU kind. */
final class MapPart {

  private static final int ROUNDS = 200_000;

  private MapPart() {}

  static List<Ratio> measure(Peer peer) throws Exception {
    List<Ratio> ratios = new ArrayList<>();
    for (Kinds.Kind kind : Kinds.all()) {
      try (TestMachine machine = TestMachine.create(kind.behavior(), kind.row(), 64L << 20)) {
        EndpointDma endpoint = machine.addEndpoint();
        DriverFace driver = machine.driver(endpoint);
        GuestBuffer buffer = driver.allocate(8192);
        ratios.add(
            Sampler.ratio(
                "map and unmap, " + kind.behavior().kind() + " against a C VT-d driver",
                0,
                () -> run(driver, buffer),
                () -> peer.ask("map 1000000")));
      }
    }
    return ratios;
  }

  private static double run(DriverFace driver, GuestBuffer buffer) {
    try {
      long start = System.nanoTime();
      for (int i = 0; i < ROUNDS; i++) {
        driver.unmap(driver.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL), 4096);
      }
      return (double) (System.nanoTime() - start) / ROUNDS;
    } catch (DmaException e) {
      throw new IllegalStateException(e);
    }
  }
}
