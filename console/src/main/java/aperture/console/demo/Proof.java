package aperture.console.demo;

import aperture.console.io.IoResult;
import aperture.console.swap.ArchSwapReport;

/** What has held so far on one architecture. */
final class Proof {

  private final DemoType chosen;
  boolean sha256Equal;
  long written;
  boolean readBack;
  boolean contained;
  boolean held;
  private long requestsDuringSwap;
  private long lost;
  private long repeated;
  private long pauseMicros;
  private long workMicros;

  Proof(DemoType chosen) {
    this.chosen = chosen;
  }

  void swapped(ArchSwapReport swap, long requests, IoResult io) {
    requestsDuringSwap = requests;
    lost = io.lost();
    repeated = io.repeated();
    pauseMicros = swap.pauseMicros();
    workMicros = swap.workMicros();
  }

  DemoRow row() {
    return new DemoRow(
        chosen.type().arch(),
        chosen.type().type(),
        chosen.iommu(),
        sha256Equal,
        written,
        readBack,
        contained,
        requestsDuringSwap,
        lost,
        repeated,
        pauseMicros,
        workMicros,
        held);
  }
}
