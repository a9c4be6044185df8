package aperture.virtio;

import org.osgi.annotation.versioning.ConsumerType;

/** A driver bound to one device. Thread-safe. */
@ConsumerType
public interface GuestDriver extends AutoCloseable {

  DriverStatus status();

  /**
   * Resets the device and brings it up again; I/O that was running ends with what it did.
   *
   * @throws DriverException when it cannot be brought up; {@link #status()} says more
   */
  void reset() throws DriverException;

  /**
   * Starts I/O; one job at a time.
   *
   * @throws DriverException when the driver is not bound, a job is running, or the plan does not
   *     fit the device
   */
  IoJob start(IoPlan plan) throws DriverException;

  /** Unbinds: stops I/O, resets the device, gives all memory back. */
  @Override
  void close();
}
