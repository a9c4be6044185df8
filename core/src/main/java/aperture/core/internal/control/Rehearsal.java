package aperture.core.internal.control;

import aperture.access.Setting;
import aperture.admin.ControlException;
import aperture.admin.DeviceControl;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.PolicyRehearsal;
import aperture.virtio.VirtioDeviceType;

/** The way a device takes elsewhere, behind settings that nobody stores. */
final class Rehearsal implements PolicyRehearsal {

  private final GlobalPolicy own = new GlobalPolicy();
  private final DeviceControl devices;

  Rehearsal(Inventory inventory, Registry<VirtioDeviceType> types) {
    this.devices = new DeviceService(inventory, types, own);
  }

  @Override
  public void offer(Setting setting) {
    own.offer(setting);
  }

  @Override
  public void strict(Setting setting) {
    own.strict(setting);
  }

  @Override
  public DeviceInfo add(DeviceSpec spec) throws ControlException {
    return devices.add(spec);
  }
}
