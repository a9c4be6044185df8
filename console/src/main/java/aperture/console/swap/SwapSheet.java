package aperture.console.swap;

import aperture.admin.SwapReport;
import aperture.admin.SwapStep;
import java.util.List;

/**
 * A bundle's swap as a page for people.
 *
 * @param bundle symbolic name
 * @param from version before
 * @param to version now
 * @param pauseMicros the longest pause of a machine
 * @param workMicros the longest pause of a machine less the time in which no behaviour existed
 * @param machines those that moved over
 * @param steps what happened to each, in order
 */
public record SwapSheet(
    String bundle,
    String from,
    String to,
    long pauseMicros,
    long workMicros,
    List<SwapReport> machines,
    List<Step> steps) {

  /**
   * A step of one machine's move.
   *
   * @param machine the machine
   * @param step its name
   * @param timeMicros how long it took
   * @param detail what happened
   */
  public record Step(String machine, String step, long timeMicros, String detail) {

    static Step of(String machine, SwapStep step) {
      return new Step(machine, step.step(), step.micros(), step.detail());
    }
  }

  /** The same as the report, laid out flat. */
  public static SwapSheet of(ArchSwapReport report) {
    return new SwapSheet(
        report.bundle(),
        report.from(),
        report.to(),
        report.pauseMicros(),
        report.workMicros(),
        report.reports(),
        report.reports().stream()
            .flatMap(swap -> swap.steps().stream().map(step -> Step.of(swap.machine(), step)))
            .toList());
  }
}
