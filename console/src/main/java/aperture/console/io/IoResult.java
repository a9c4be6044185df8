package aperture.console.io;

import aperture.virtio.IoPlan;
import aperture.virtio.IoReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What I/O through a device did, and whether all was well.
 *
 * @param device the device
 * @param pattern what was asked
 * @param clean whether everything went as it should
 * @param running whether it goes on
 * @param submitted requests made available
 * @param completed requests used by the device
 * @param failed completed with an error status
 * @param lost submitted and never used, counted at the end
 * @param repeated used more than once, or never submitted
 * @param mismatches blocks that read something else than they should
 * @param bytesRead data bytes read
 * @param bytesWritten data bytes written
 * @param sha256 digest of everything read, for a scan that finished
 * @param elapsed time so far
 * @param longestStall longest time between two completions
 * @param reason why it ended early, empty when it did not
 */
public record IoResult(
    String device,
    IoPlan.Pattern pattern,
    boolean clean,
    boolean running,
    long submitted,
    long completed,
    long failed,
    long lost,
    long repeated,
    long mismatches,
    long bytesRead,
    long bytesWritten,
    Optional<String> sha256,
    Duration elapsed,
    Duration longestStall,
    String reason) {

  public static IoResult of(String device, IoReport report) {
    return new IoResult(
        device,
        report.pattern(),
        report.clean(),
        report.running(),
        report.submitted(),
        report.completed(),
        report.failed(),
        report.lost(),
        report.repeated(),
        report.mismatches(),
        report.bytesRead(),
        report.bytesWritten(),
        report.sha256(),
        report.elapsed(),
        report.longestStall(),
        report.reason());
  }

  /** What is wrong, in one line; empty when all is well. */
  public String complaint() {
    if (clean) {
      return "";
    }
    List<String> wrong = new ArrayList<>();
    count(wrong, failed, "failed");
    count(wrong, lost, "lost");
    count(wrong, repeated, "repeated");
    count(wrong, mismatches, "mismatches");
    if (!reason.isEmpty()) {
      wrong.add(reason);
    }
    return "I/O through %s is not clean: %s".formatted(device, String.join(", ", wrong));
  }

  private static void count(List<String> wrong, long count, String what) {
    if (count != 0) {
      wrong.add(count + " " + what);
    }
  }
}
