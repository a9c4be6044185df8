package aperture.core.internal.control;

import aperture.admin.ControlException;
import aperture.admin.MachineControl;
import aperture.admin.MachineInfo;
import aperture.admin.MachineSpec;
import aperture.admin.MachineType;
import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.machine.Families;
import aperture.core.internal.machine.MachineFactory;
import aperture.core.internal.machine.RowFacts;
import aperture.core.internal.machine.RunningMachine;
import aperture.machine.MachineRow;
import java.util.List;
import java.util.Locale;

/** Machine types and machines. */
final class MachineService implements MachineControl {

  private final Inventory inventory;
  private final Families families;
  private final MachineFactory factory;
  private final DeviceService devices;

  MachineService(
      Inventory inventory, Families families, MachineFactory factory, DeviceService devices) {
    this.inventory = inventory;
    this.families = families;
    this.factory = factory;
    this.devices = devices;
  }

  @Override
  public List<MachineType> types() {
    return families.rows().stream().map(RowFacts::type).toList();
  }

  @Override
  public MachineInfo create(MachineSpec spec) throws ControlException {
    inventory.requireFreeMachine(spec.name());
    RunningMachine machine = factory.create(spec);
    try {
      inventory.addMachine(machine);
    } catch (ControlException e) {
      factory.destroy(machine);
      throw e;
    }
    return info(machine);
  }

  @Override
  public List<MachineInfo> list() {
    return inventory.machines().stream().map(this::info).toList();
  }

  @Override
  public MachineInfo show(String name) throws ControlException {
    return info(inventory.machine(name));
  }

  private MachineInfo info(RunningMachine machine) {
    return new MachineInfo(
        machine.name(),
        machine.row().type(),
        machine.arch(),
        machine.memory().size(),
        machine.pages().used(),
        machine.unit().map(IommuUnit::kind).orElse(MachineRow.NO_IOMMU),
        machine
            .unit()
            .map(unit -> unit.phase().name().toLowerCase(Locale.ROOT))
            .orElse(MachineRow.NO_IOMMU),
        machine.unit().map(IommuUnit::supplier).orElse(""),
        machine.memory().regions().stream().map(Object::toString).toList(),
        RowFacts.reserved(machine.row()),
        inventory.devicesOf(machine).stream().map(DeviceEntry::id).toList());
  }

  @Override
  public void destroy(String name) throws ControlException {
    RunningMachine machine = inventory.machine(name);
    machine.handover().ifPresent(Handover::end);
    for (DeviceEntry device : inventory.devicesOf(machine)) {
      devices.remove(device.id());
    }
    inventory.removeMachine(name);
    factory.destroy(machine);
  }
}
