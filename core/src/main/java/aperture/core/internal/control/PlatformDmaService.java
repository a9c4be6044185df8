package aperture.core.internal.control;

import aperture.access.AddressSpace;
import aperture.dma.DeviceDma;
import aperture.dma.DriverDma;
import aperture.dma.PlatformDma;
import java.util.Optional;

/** The service: faces of every endpoint of every machine. */
final class PlatformDmaService implements PlatformDma {

  private final Inventory inventory;

  PlatformDmaService(Inventory inventory) {
    this.inventory = inventory;
  }

  @Override
  public Optional<DriverDma> driver(String machine, String endpoint, AddressSpace space) {
    return find(machine, endpoint)
        .map(entry -> entry.machine().driverFace(entry.engine().dma(), space));
  }

  @Override
  public Optional<DeviceDma> device(String machine, String endpoint) {
    return find(machine, endpoint).map(entry -> entry.engine().dma());
  }

  private Optional<DeviceEntry> find(String machine, String endpoint) {
    return inventory.devices().stream()
        .filter(entry -> entry.machine().name().equals(machine))
        .filter(entry -> entry.engine().dma().endpoint().id().equals(endpoint))
        .findFirst();
  }
}
