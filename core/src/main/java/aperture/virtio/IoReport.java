package aperture.virtio;

import java.time.Duration;
import java.util.Optional;

/**
 * What I/O did.
 *
 * @param pattern what was asked
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
 * @param running whether it goes on
 * @param reason why it ended early, empty when it did not
 */
public record IoReport(
    IoPlan.Pattern pattern,
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
    boolean running,
    String reason) {

  /** Whether everything went as it should. */
  public boolean clean() {
    return failed == 0 && lost == 0 && repeated == 0 && mismatches == 0 && reason.isEmpty();
  }
}
