package aperture.devices.blk;

import java.io.IOException;
import java.util.Collections;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Failures of the host under a device, logged once for each distinct cause. Thread-safe. */
final class HostErrors {

  private static final System.Logger LOG = System.getLogger(HostErrors.class.getName());

  /** More distinct causes than this are not logged. */
  private static final int MOST_CAUSES = 32;

  private final String device;
  private final Set<String> causes = Collections.newSetFromMap(new ConcurrentHashMap<>());
  private volatile String last = "";

  HostErrors(String device) {
    this.device = device;
  }

  void report(IOException error) {
    String message = error.getMessage();
    report(message == null ? error.getClass().getSimpleName() : message);
  }

  void report(String cause) {
    last = cause;
    if (causes.size() < MOST_CAUSES && causes.add(cause)) {
      LOG.log(System.Logger.Level.WARNING, "device {0}: {1}", device, cause);
    }
  }

  /** The latest cause; empty when there was none. */
  String last() {
    return last;
  }
}
