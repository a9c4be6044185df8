package aperture.virtio;

import java.time.Duration;
import org.osgi.annotation.versioning.ConsumerType;

/** I/O in progress. Thread-safe. */
@ConsumerType
public interface IoJob {

  /** What has been done so far. */
  IoReport report();

  boolean done();

  /** Takes no new requests; those in flight complete. */
  void stop();

  /**
   * Waits for the end.
   *
   * @return false when it did not end in time
   */
  boolean await(Duration limit) throws InterruptedException;
}
