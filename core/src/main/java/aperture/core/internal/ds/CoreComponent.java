package aperture.core.internal.ds;

import aperture.admin.DeviceControl;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.MachineControl;
import aperture.admin.PolicyControl;
import aperture.admin.SwapControl;
import aperture.core.internal.control.Engine;
import aperture.core.internal.control.Engine.Origin;
import aperture.dma.PlatformDma;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineDefaults;
import aperture.served.DeviceHost;
import aperture.virtio.DriverKind;
import aperture.virtio.VirtioDeviceType;
import java.util.ArrayList;
import java.util.List;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/**
 * Puts the engine into the framework: whiteboard services in, administration services out.
 * Unbinding a behaviour blocks until its code is left; that is what lets a bundle stop under load.
 */
@Component(
    immediate = true,
    service = {})
public final class CoreComponent {

  private final Engine engine = new Engine();
  private final List<ServiceRegistration<?>> registrations = new ArrayList<>();

  @Activate
  void activate(BundleContext context) {
    publish(context, MachineControl.class, engine.machines());
    publish(context, DeviceControl.class, engine.devices());
    publish(context, DriverControl.class, engine.drivers());
    publish(context, DmaControl.class, engine.dma());
    publish(context, PolicyControl.class, engine.policies());
    publish(context, SwapControl.class, engine.swaps());
    publish(context, DeviceHost.class, engine.host());
    publish(context, PlatformDma.class, engine.platformDma());
    registrations.addAll(SettingsEdge.register(context, engine.policy(), engine.swaps()));
  }

  private <S> void publish(BundleContext context, Class<S> type, S service) {
    registrations.add(context.registerService(type, service, null));
  }

  @Deactivate
  void deactivate() {
    registrations.forEach(ServiceRegistration::unregister);
    engine.close();
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindBehavior(IommuBehavior behavior, ServiceReference<IommuBehavior> reference) {
    engine.addBehavior(behavior, origin(reference));
  }

  void unbindBehavior(IommuBehavior behavior) {
    engine.removeBehavior(behavior);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindFamily(MachineDefaults family, ServiceReference<MachineDefaults> reference) {
    Object arch = reference.getProperty(MachineDefaults.ARCH_PROPERTY);
    engine.addFamily(family, arch == null ? "" : arch.toString(), origin(reference));
  }

  void unbindFamily(MachineDefaults family) {
    engine.removeFamily(family);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindDeviceType(VirtioDeviceType type) {
    engine.deviceTypes().add(type);
  }

  void unbindDeviceType(VirtioDeviceType type) {
    engine.deviceTypes().remove(type);
  }

  @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
  void bindDriverKind(DriverKind kind) {
    engine.driverKinds().add(kind);
  }

  void unbindDriverKind(DriverKind kind) {
    engine.driverKinds().remove(kind);
  }

  private static Origin origin(ServiceReference<?> reference) {
    Bundle bundle = reference.getBundle();
    Object ranking = reference.getProperty(Constants.SERVICE_RANKING);
    if (bundle == null) {
      bundle = FrameworkUtil.getBundle(CoreComponent.class);
    }
    Version version = bundle.getVersion();
    String name = bundle.getSymbolicName();
    return new Origin(
        name == null ? "bundle " + bundle.getBundleId() : name,
        List.of(version.getMajor(), version.getMinor(), version.getMicro()),
        ranking instanceof Integer number ? number : 0);
  }
}
