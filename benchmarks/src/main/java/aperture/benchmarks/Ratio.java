package aperture.benchmarks;

import java.util.Locale;

/**
 * One measured ratio.
 *
 * @param name what was measured
 * @param ours our figure
 * @param peer the peer's figure in the same run
 * @param unit of both figures
 * @param limit largest ratio that is fine; 0 when there is none
 */
record Ratio(String name, double ours, double peer, String unit, double limit) {

  double ratio() {
    return ours / peer;
  }

  boolean holds() {
    return limit == 0 || ratio() <= limit;
  }

  String verdict() {
    return limit == 0 ? "" : holds() ? "ok" : "MISSED";
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%-52s %10.2f %10.2f %-7s %7.2f %7s  %s",
        name,
        ours,
        peer,
        unit,
        ratio(),
        limit == 0 ? "-" : String.format(Locale.ROOT, "%.2f", limit),
        verdict());
  }

  String json() {
    return String.format(
        Locale.ROOT,
        "{\"name\":\"%s\",\"ours\":%.3f,\"peer\":%.3f,\"unit\":\"%s\",\"ratio\":%.3f,\"limit\":%.2f,\"holds\":%b}",
        name,
        ours,
        peer,
        unit,
        ratio(),
        limit,
        holds());
  }
}
