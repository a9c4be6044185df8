package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DeviceControl;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.MachineControl;
import aperture.admin.PolicyControl;
import aperture.admin.SwapControl;
import aperture.core.Aperture;
import aperture.vhostuser.VhostControl;

/** The services of an engine on the class path; nobody serves real guests. */
public class EngineControls implements Controls {

  private final Aperture engine;

  public EngineControls(Aperture engine) {
    this.engine = engine;
  }

  @Override
  public MachineControl machines() {
    return engine.machines();
  }

  @Override
  public DeviceControl devices() {
    return engine.devices();
  }

  @Override
  public DriverControl drivers() {
    return engine.drivers();
  }

  @Override
  public DmaControl dma() {
    return engine.dma();
  }

  @Override
  public PolicyControl policy() {
    return engine.policies();
  }

  @Override
  public SwapControl swaps() {
    return engine.swaps();
  }

  @Override
  public VhostControl vhost() throws ControlException {
    throw ControlException.failed("nobody controls serving");
  }
}
