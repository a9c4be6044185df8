package aperture.guest;

import aperture.guest.bringup.DriverPolicy;
import aperture.virtio.DriverException;
import aperture.virtio.DriverKind;
import aperture.virtio.GuestDriver;
import aperture.virtio.GuestPlatform;
import aperture.virtio.VirtioTransport;

/** A kind that is the same for every device: without options, it is its own policy. */
interface PolicyKind extends DriverKind, DriverPolicy {

  @Override
  String name();

  @Override
  default GuestDriver probe(GuestPlatform platform, VirtioTransport device) throws DriverException {
    return BoundDriver.probe(this, platform, device);
  }
}
