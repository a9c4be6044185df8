package aperture.core;

import aperture.access.AddressSpace;
import aperture.virtio.DriverException;
import aperture.virtio.DriverStatus;
import aperture.virtio.FeatureSet;
import aperture.virtio.GuestDriver;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import aperture.virtio.VirtioTransport;

/** A bound driver that does nothing of its own. */
record IdleDriver(VirtioTransport device) implements GuestDriver {

  @Override
  public DriverStatus status() {
    return new DriverStatus(
        "by-hand", DriverStatus.State.BOUND, FeatureSet.NONE, AddressSpace.BUS, "");
  }

  @Override
  public void reset() {
    device.writeStatus(0);
  }

  @Override
  public IoJob start(IoPlan plan) throws DriverException {
    throw new DriverException("no I/O of its own");
  }

  @Override
  public void close() {
    device.writeStatus(0);
  }
}
