package aperture.virtio;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A kind of guest driver, a whiteboard service with the property {@link #NAME_PROPERTY}: which
 * features it accepts and whose addresses it posts. Thread-safe.
 */
@ConsumerType
public interface DriverKind {

  /** Service property with {@link #name()}: a String. */
  String NAME_PROPERTY = "driver.kind";

  /** The word on the command line, for example {@code K2}. */
  String name();

  /** One line for people. */
  String summary();

  /** What may be given with it; the platform hands the driver no others. */
  default List<DeviceOption> options() {
    return List.of();
  }

  /**
   * Brings the device up as this kind of driver does: status steps, negotiation, queues. A refusal
   * is no exception: it shows in {@link GuestDriver#status()}.
   *
   * @throws DriverException when no driver of this kind knows the device type, or the guest is out
   *     of memory
   */
  GuestDriver probe(GuestPlatform platform, VirtioTransport device) throws DriverException;
}
