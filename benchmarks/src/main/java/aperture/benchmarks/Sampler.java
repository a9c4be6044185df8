package aperture.benchmarks;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/**
 * Alternates two measurements, so that both meet the same weather, and takes the lower quartile of
 * each: other programs on the machine only ever add time.
 */
final class Sampler {

  private static final int WARM_UP = 3;
  private static final int SAMPLES = 24;

  private Sampler() {}

  /** Lower quartiles of ours and the peer's. */
  static double[] quartiles(DoubleSupplier ours, DoubleSupplier peer) {
    for (int i = 0; i < WARM_UP; i++) {
      var _ = ours.getAsDouble();
    }
    double[] a = new double[SAMPLES];
    double[] b = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      a[i] = ours.getAsDouble();
      b[i] = peer.getAsDouble();
    }
    Arrays.sort(a);
    Arrays.sort(b);
    return new double[] {a[SAMPLES / 4], b[SAMPLES / 4]};
  }

  static Ratio ratio(String name, double limit, DoubleSupplier ours, DoubleSupplier peer) {
    double[] figures = quartiles(ours, peer);
    return new Ratio(name, figures[0], figures[1], "ns", limit);
  }
}
