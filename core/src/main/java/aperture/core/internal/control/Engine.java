package aperture.core.internal.control;

import aperture.admin.ControlException;
import aperture.admin.DeviceControl;
import aperture.admin.DmaControl;
import aperture.admin.DriverControl;
import aperture.admin.MachineControl;
import aperture.admin.PolicyControl;
import aperture.admin.SwapControl;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.core.internal.machine.Families;
import aperture.core.internal.machine.MachineFactory;
import aperture.core.internal.machine.RunningMachine;
import aperture.core.internal.policy.Laboratory;
import aperture.core.internal.policy.Matrix;
import aperture.core.internal.swap.Behaviors;
import aperture.dma.PlatformDma;
import aperture.iommu.IommuBehavior;
import aperture.machine.MachineDefaults;
import aperture.served.DeviceHost;
import aperture.virtio.DriverKind;
import aperture.virtio.VirtioDeviceType;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The whole engine, put together by hand: the same inside a framework and on a plain class path.
 */
public final class Engine implements AutoCloseable {

  private static final Logger LOG = System.getLogger(Engine.class.getName());

  private final SwapLog swaps = new SwapLog();
  private final Behaviors behaviors = new Behaviors(swaps);
  private final Families families = new Families();
  private final Registry<VirtioDeviceType> deviceTypes =
      new Registry<>("device type", VirtioDeviceType::name);
  private final Registry<DriverKind> driverKinds = new Registry<>("driver kind", DriverKind::name);
  private final GlobalPolicy policy = new GlobalPolicy();
  private final Inventory inventory = new Inventory();
  private final AtomicLong arrivals = new AtomicLong();
  private final DeviceService devices = new DeviceService(inventory, deviceTypes, policy);
  private final MachineFactory factory = new MachineFactory(families, behaviors, swaps);
  private final MachineService machines = new MachineService(inventory, families, factory, devices);
  private final DriverService drivers = new DriverService(inventory, driverKinds);
  private final DmaService dma = new DmaService(inventory, behaviors);
  private final PolicyService policies =
      new PolicyService(
          inventory,
          deviceTypes,
          policy,
          new Matrix(
              new Laboratory(families, behaviors, factory, deviceTypes::all, driverKinds::all)));
  private final SwapService swapService = new SwapService(inventory, families, behaviors, swaps);
  private final HostService host = new HostService(families, deviceTypes, policy);
  private final PlatformDmaService platformDma = new PlatformDmaService(inventory);

  /**
   * A bundle that supplies services.
   *
   * @param bundle symbolic name
   * @param version its version, as numbers
   * @param ranking ranking of the service
   */
  public record Origin(String bundle, List<Integer> version, int ranking) {}

  public void addBehavior(IommuBehavior behavior, Origin origin) {
    behaviors.add(
        new Supplier<>(
            behavior,
            behavior.kind(),
            "",
            origin.bundle(),
            origin.version(),
            origin.ranking(),
            arrivals.incrementAndGet()));
  }

  /** Returns when the last thread has left the behaviour's code. */
  public void removeBehavior(IommuBehavior behavior) {
    behaviors.remove(behavior);
  }

  public void addFamily(MachineDefaults family, String arch, Origin origin) {
    families.add(
        new Supplier<>(
            family,
            family.family(),
            arch,
            origin.bundle(),
            origin.version(),
            origin.ranking(),
            arrivals.incrementAndGet()));
  }

  public void removeFamily(MachineDefaults family) {
    families.remove(family);
  }

  public Registry<VirtioDeviceType> deviceTypes() {
    return deviceTypes;
  }

  public Registry<DriverKind> driverKinds() {
    return driverKinds;
  }

  public GlobalPolicy policy() {
    return policy;
  }

  public MachineControl machines() {
    return machines;
  }

  public DeviceControl devices() {
    return devices;
  }

  public DriverControl drivers() {
    return drivers;
  }

  public DmaControl dma() {
    return dma;
  }

  public PolicyControl policies() {
    return policies;
  }

  public SwapControl swaps() {
    return swapService;
  }

  public DeviceHost host() {
    return host;
  }

  public PlatformDma platformDma() {
    return platformDma;
  }

  /** Ends all machines, the newest first. */
  @Override
  public void close() {
    List<RunningMachine> running = inventory.machines();
    for (RunningMachine machine : running.reversed()) {
      try {
        machines.destroy(machine.name());
      } catch (ControlException | RuntimeException e) {
        LOG.log(Level.WARNING, "machine " + machine.name() + " did not end in order", e);
      }
    }
    behaviors.close();
  }
}
