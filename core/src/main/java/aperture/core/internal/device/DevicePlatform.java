package aperture.core.internal.device;

import aperture.access.AddressSpace;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.Route;
import aperture.core.internal.machine.RunningMachine;
import aperture.dma.DmaException;
import aperture.dma.DriverDma;
import aperture.dma.UserDma;
import aperture.iommu.Endpoint;
import aperture.memory.MemoryRange;
import aperture.virtio.GuestPlatform;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The machine as one device's driver sees it.
 *
 * @param machine the machine
 * @param engine the device
 * @param options given with the driver
 */
public record DevicePlatform(
    RunningMachine machine, DeviceEngine engine, Map<String, String> options)
    implements GuestPlatform {

  public DevicePlatform {
    options = Map.copyOf(options);
  }

  @Override
  public String deviceName() {
    return engine.id();
  }

  @Override
  public DriverDma dmaApi() {
    return machine.driverFace(engine.dma(), AddressSpace.BUS);
  }

  @Override
  public DriverDma physical() {
    return machine.driverFace(engine.dma(), AddressSpace.PHYSICAL);
  }

  @Override
  public List<MemoryRange> memory() {
    return machine.memory().regions();
  }

  @Override
  public boolean describesIommu() {
    return engine.dma().covered();
  }

  @Override
  public Optional<UserDma> takeForUser() throws DmaException {
    Optional<IommuUnit> unit = machine.unit();
    if (unit.isEmpty() || !engine.dma().covered()) {
      return Optional.empty();
    }
    unit.get().endpoints().changeDomain(engine.dma().endpoint(), false);
    return Optional.of(machine.driverFace(engine.dma(), AddressSpace.BUS));
  }

  /** Ends what {@link #takeForUser} began: the kernel has what it had before. */
  public static void giveBack(RunningMachine machine, DeviceEngine engine) throws DmaException {
    Endpoint endpoint = engine.dma().endpoint();
    Optional<IommuUnit> unit = machine.unit();
    boolean identity = machine.fabric().identity();
    if (unit.isPresent()
        && engine.dma().route() != Route.EXCLUDED
        && unit.get().endpoints().isIdentity(endpoint) != identity) {
      unit.get().endpoints().changeDomain(endpoint, identity);
    }
  }
}
