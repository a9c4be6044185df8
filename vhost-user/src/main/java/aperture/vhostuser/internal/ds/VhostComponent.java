package aperture.vhostuser.internal.ds;

import aperture.served.DeviceHost;
import aperture.vhostuser.VhostControl;
import aperture.vhostuser.internal.server.VhostService;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Puts the servers into the framework; they end with the bundle, or with core. */
@Component(
    immediate = true,
    service = {})
public final class VhostComponent {

  private final VhostService servers;
  private @Nullable ServiceRegistration<VhostControl> registration;

  @Activate
  public VhostComponent(@Reference DeviceHost host) {
    servers = new VhostService(host);
  }

  @Activate
  void publish(BundleContext context) {
    registration = context.registerService(VhostControl.class, servers, null);
  }

  @Deactivate
  void end() {
    if (registration != null) {
      registration.unregister();
    }
    servers.close();
  }
}
