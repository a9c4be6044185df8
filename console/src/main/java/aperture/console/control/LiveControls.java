package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DeviceControl;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.MachineControl;
import aperture.admin.PolicyControl;
import aperture.admin.SwapControl;
import aperture.vhostuser.VhostControl;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * The services as they come and go. They are optional, so that the commands stay and can say what
 * is missing while core is stopped.
 */
@Component(service = Controls.class)
public final class LiveControls implements Controls {

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable MachineControl machines;

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable DeviceControl devices;

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable DriverControl drivers;

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable DmaControl dma;

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable PolicyControl policy;

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable SwapControl swaps;

  @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC)
  private volatile @Nullable VhostControl vhost;

  @Override
  public MachineControl machines() throws ControlException {
    return present(machines, "machines");
  }

  @Override
  public DeviceControl devices() throws ControlException {
    return present(devices, "devices");
  }

  @Override
  public DriverControl drivers() throws ControlException {
    return present(drivers, "drivers");
  }

  @Override
  public DmaControl dma() throws ControlException {
    return present(dma, "translation");
  }

  @Override
  public PolicyControl policy() throws ControlException {
    return present(policy, "policy");
  }

  @Override
  public SwapControl swaps() throws ControlException {
    return present(swaps, "hot swap");
  }

  @Override
  public VhostControl vhost() throws ControlException {
    return present(vhost, "serving", "aperture.vhostuser");
  }

  private static <T> T present(@Nullable T service, String what) throws ControlException {
    return present(service, what, "aperture.core");
  }

  private static <T> T present(@Nullable T service, String what, String bundle)
      throws ControlException {
    if (service == null) {
      throw ControlException.failed(
          "nobody controls %s: %s is not running; start %2$s".formatted(what, bundle));
    }
    return service;
  }
}
