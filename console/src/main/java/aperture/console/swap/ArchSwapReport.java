package aperture.console.swap;

import aperture.admin.SwapReport;
import java.util.List;

/**
 * What a swap of a bundle did.
 *
 * @param bundle symbolic name
 * @param from version before
 * @param to version now
 * @param machines machines that moved over
 * @param pauseMicros the longest pause of a machine, from revoke to the last worker resumed
 * @param workMicros the longest pause of a machine less the time in which no behaviour existed
 * @param reports each machine's move, with its steps
 */
public record ArchSwapReport(
    String bundle,
    String from,
    String to,
    int machines,
    long pauseMicros,
    long workMicros,
    List<SwapReport> reports) {

  static ArchSwapReport of(String bundle, String from, String to, List<SwapReport> reports) {
    return new ArchSwapReport(
        bundle,
        from,
        to,
        reports.size(),
        reports.stream().mapToLong(SwapReport::pauseMicros).max().orElse(0),
        reports.stream().mapToLong(SwapReport::workMicros).max().orElse(0),
        List.copyOf(reports));
  }
}
