package aperture.benchmarks;

import java.util.Arrays;
import java.util.function.DoubleSupplier;

/** Alternates two measurements, so that both meet the same weather, and takes medians. */
final class Sampler {

  private static final int WARM_UP = 3;
  private static final int SAMPLES = 9;

  private Sampler() {}

  /** Medians of ours and the peer's. */
  static double[] medians(DoubleSupplier ours, DoubleSupplier peer) {
    for (int i = 0; i < WARM_UP; i++) {
      ours.getAsDouble();
    }
    double[] a = new double[SAMPLES];
    double[] b = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      a[i] = ours.getAsDouble();
      b[i] = peer.getAsDouble();
    }
    Arrays.sort(a);
    Arrays.sort(b);
    return new double[] {a[SAMPLES / 2], b[SAMPLES / 2]};
  }

  static Ratio ratio(
      String name, double limit, DoubleSupplier ours, DoubleSupplier peer) {
    double[] medians = medians(ours, peer);
    return new Ratio(name, medians[0], medians[1], "ns", limit);
  }
}
