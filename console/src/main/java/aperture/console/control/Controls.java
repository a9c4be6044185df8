package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DeviceControl;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.MachineControl;
import aperture.admin.PolicyControl;
import aperture.admin.SwapControl;
import aperture.vhostuser.VhostControl;

/** The control services. Each call fails in plain words when its bundle does not run. */
public interface Controls {

  MachineControl machines() throws ControlException;

  DeviceControl devices() throws ControlException;

  DriverControl drivers() throws ControlException;

  DmaControl dma() throws ControlException;

  PolicyControl policy() throws ControlException;

  SwapControl swaps() throws ControlException;

  VhostControl vhost() throws ControlException;
}
