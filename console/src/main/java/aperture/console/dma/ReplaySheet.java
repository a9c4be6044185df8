package aperture.console.dma;

import aperture.admin.ReplayDisagreement;
import java.util.List;

/**
 * Replayed captures as a page for people.
 *
 * @param captures a row for each
 * @param disagreements the first ones of each, with what the walk read last
 */
public record ReplaySheet(List<ReplayRow> captures, List<Disagreement> disagreements) {

  /**
   * An answer that differs.
   *
   * @param capture name of the capture's folder
   * @param endpoint who asked
   * @param iova address
   * @param access {@code r} or {@code w}
   * @param expected the recorded answer
   * @param actual ours
   * @param lastStep the last structure that the walk read
   */
  public record Disagreement(
      String capture,
      String endpoint,
      String iova,
      String access,
      String expected,
      String actual,
      String lastStep) {

    static Disagreement of(String capture, ReplayDisagreement d) {
      return new Disagreement(
          capture, d.endpoint(), d.iova(), d.access(), d.expected(), d.actual(), d.lastStep());
    }
  }

  static ReplaySheet of(List<ReplayResult> results) {
    return new ReplaySheet(
        results.stream().map(ReplayResult::row).toList(),
        results.stream()
            .flatMap(result ->
                result.disagreements().stream().map(d -> Disagreement.of(result.capture(), d)))
            .toList());
  }
}
