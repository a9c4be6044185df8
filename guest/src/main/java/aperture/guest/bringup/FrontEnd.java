package aperture.guest.bringup;

import aperture.guest.io.PumpedJob;
import aperture.virtio.DriverException;
import aperture.virtio.FeatureSet;
import aperture.virtio.IoPlan;
import aperture.virtio.VirtioTransport;

/** The part of a driver that knows one device type. Stateless. */
public interface FrontEnd {

  /** Features of the device type that it uses. */
  FeatureSet knows();

  /**
   * How many queues it uses; the device's configuration may be read.
   *
   * @return at least 1
   */
  int queues(VirtioTransport device, FeatureSet accepted);

  /**
   * Starts I/O on a live device.
   *
   * @throws DriverException when the plan does not fit the device, or memory is used up
   */
  PumpedJob start(LiveDevice device, IoPlan plan) throws DriverException;
}
