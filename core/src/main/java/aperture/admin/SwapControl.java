package aperture.admin;

import java.time.Duration;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Suppliers of behaviours, and hot swaps. Thread-safe. */
@ProviderType
public interface SwapControl {

  /** Every behaviour and machine family present, chosen or not. */
  List<BehaviorInfo> suppliers();

  /** The swaps so far, oldest first, the last 256. */
  List<SwapReport> swaps();

  /** How long in-flight requests may take to finish against the old behaviour. */
  Duration quiesceDeadline();

  /** How long a machine waits for a behaviour before it is closed. */
  Duration gracePeriod();

  void quiesceDeadline(Duration deadline);

  void gracePeriod(Duration period);
}
