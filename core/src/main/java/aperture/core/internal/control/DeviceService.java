package aperture.core.internal.control;

import aperture.access.AccessDecision;
import aperture.access.AccessRequest;
import aperture.access.Levels;
import aperture.admin.AccessSettings;
import aperture.admin.ControlException;
import aperture.admin.DeviceControl;
import aperture.admin.DeviceInfo;
import aperture.admin.DeviceSpec;
import aperture.admin.DeviceStats;
import aperture.admin.DeviceTypeInfo;
import aperture.admin.Diagnosis;
import aperture.core.internal.device.DeviceEngine;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.Route;
import aperture.core.internal.machine.RunningMachine;
import aperture.dma.DmaException;
import aperture.machine.MachineRow;
import aperture.virtio.DeviceConfigurationException;
import aperture.virtio.DeviceSettings;
import aperture.virtio.GuestDriver;
import aperture.virtio.VirtioDevice;
import aperture.virtio.VirtioDeviceType;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;

/** Devices: made whole or not at all. */
final class DeviceService implements DeviceControl {

  private final Inventory inventory;
  private final Registry<VirtioDeviceType> types;
  private final GlobalPolicy policy;

  DeviceService(Inventory inventory, Registry<VirtioDeviceType> types, GlobalPolicy policy) {
    this.inventory = inventory;
    this.types = types;
    this.policy = policy;
  }

  @Override
  public List<DeviceTypeInfo> types() {
    return types.all().stream()
        .map(t -> new DeviceTypeInfo(t.name(), t.deviceId(), t.summary(), t.options()))
        .toList();
  }

  @Override
  public DeviceInfo add(DeviceSpec spec) throws ControlException {
    RunningMachine machine = inventory.machine(spec.machine());
    VirtioDeviceType type = types.get(spec.type());
    DeviceMaker.checkOptions(type, spec.options());
    String id = spec.id().orElseGet(() -> inventory.freeDeviceId(spec.type()));
    DeviceMaker.checkId(id);
    inventory.requireFreeDevice(id);
    Route route = route(spec.access(), machine);
    AccessDecision decision = decide(spec.access(), id, machine, route);
    VirtioDevice device =
        DeviceMaker.create(type, new DeviceSettings(id, machine.row(), spec.options()));
    try {
      EndpointDma endpoint = machine.newEndpoint(route);
      DeviceEngine engine =
          new DeviceEngine(
              id,
              type.deviceId(),
              device,
              decision,
              endpoint,
              spec.access().requireVersion1(),
              System.getLogger(DeviceEngine.class.getName()));
      DeviceEntry entry = new DeviceEntry(machine, type.name(), engine);
      boolean added = false;
      try {
        inventory.addDevice(entry);
        machine.unit().ifPresent(unit -> unit.join(engine));
        added = true;
      } finally {
        if (!added) {
          machine.removeEndpoint(endpoint);
        }
      }
      return DeviceRecords.info(entry);
    } catch (DmaException e) {
      device.close();
      throw ControlException.failed("device %s: %s".formatted(id, e.getMessage()));
    } catch (ControlException | RuntimeException e) {
      device.close();
      throw e;
    }
  }

  private static Route route(AccessSettings access, RunningMachine machine) {
    boolean excluded =
        access.busBypass() || machine.fabric().busBypass() || !access.transport().onBus();
    return excluded ? Route.EXCLUDED : Route.IOMMU;
  }

  private AccessDecision decide(
      AccessSettings access, String id, RunningMachine machine, Route route)
      throws ControlException {
    MachineRow row = machine.row();
    return Decisions.decide(
        new AccessRequest(
            id,
            row.type(),
            new Levels(access.accessPlatform(), policy.offer(), row.offer()),
            new Levels(access.strict(), policy.strict(), row.strict()),
            access.unacked(),
            access.wiring(),
            Decisions.interfaces(row, access.transport(), access.legacy()),
            machine.describesIommu(route),
            machine.fabric().confidential(),
            access.unsafe()));
  }

  @Override
  public List<DeviceInfo> list() {
    return inventory.devices().stream().map(DeviceRecords::info).toList();
  }

  @Override
  public DeviceInfo show(String id) throws ControlException {
    return DeviceRecords.info(inventory.device(id));
  }

  @Override
  public DeviceStats stats(String id) throws ControlException {
    return DeviceRecords.stats(inventory.device(id));
  }

  @Override
  public Diagnosis why(String id) throws ControlException {
    return Diagnoses.of(inventory.device(id));
  }

  @Override
  public long resize(String id, OptionalLong bytes) throws ControlException {
    try {
      return inventory.device(id).engine().resize(bytes);
    } catch (DeviceConfigurationException e) {
      throw new ControlException(
          ControlException.Kind.USAGE, "device %s: %s".formatted(id, e.getMessage()), e);
    } catch (IOException e) {
      throw new ControlException(
          ControlException.Kind.FAILED, "device %s: %s".formatted(id, e.getMessage()), e);
    }
  }

  @Override
  public void remove(String id) throws ControlException {
    DeviceEntry entry = inventory.device(id);
    GuestDriver driver = entry.driver();
    if (driver != null) {
      driver.close();
      entry.driver(null);
    }
    entry.engine().remove();
    entry.machine().unit().ifPresent(unit -> unit.leave(entry.engine()));
    entry.machine().removeEndpoint(entry.engine().dma());
    inventory.removeDevice(id);
  }
}
