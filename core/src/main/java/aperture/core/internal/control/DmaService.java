package aperture.core.internal.control;

import aperture.admin.ControlException;
import aperture.admin.DmaControl;
import aperture.admin.FaultInfo;
import aperture.admin.MappingInfo;
import aperture.admin.PageSource;
import aperture.admin.ReplayQuestion;
import aperture.admin.ReplayReport;
import aperture.core.internal.dma.Completion;
import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.Replay;
import aperture.core.internal.iommu.Supplier;
import aperture.core.internal.machine.RunningMachine;
import aperture.core.internal.swap.Behaviors;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.MappedRegister;
import java.util.ArrayList;
import java.util.List;

/** Translation, seen from outside. */
final class DmaService implements DmaControl {

  private final Inventory inventory;
  private final Behaviors behaviors;

  DmaService(Inventory inventory, Behaviors behaviors) {
    this.inventory = inventory;
    this.behaviors = behaviors;
  }

  @Override
  public TranslationReport translate(String device, long iova, long length, Access access)
      throws ControlException {
    return inventory.device(device).engine().dma().explain(iova, length, access);
  }

  @Override
  public List<MappingInfo> mappings() {
    List<MappingInfo> mappings = new ArrayList<>();
    for (RunningMachine machine : inventory.machines()) {
      machine
          .unit()
          .ifPresent(unit ->
              unit.mappings()
                  .forEach((endpoint, iova, gpa, size, permission) ->
                      mappings.add(
                          new MappingInfo(
                              machine.name(),
                              endpoint.id(),
                              hex(iova),
                              hex(gpa),
                              size,
                              (permission.read() ? "r" : "") + (permission.write() ? "w" : "")))));
    }
    return mappings;
  }

  @Override
  public List<FaultInfo> faults() {
    List<FaultInfo> infos = new ArrayList<>();
    for (RunningMachine machine : inventory.machines()) {
      for (FaultLog.Entry entry : machine.faults().entries()) {
        infos.add(info(machine, entry));
      }
    }
    return infos;
  }

  private FaultInfo info(RunningMachine machine, FaultLog.Entry entry) {
    IommuFault fault = entry.fault();
    String device =
        inventory.devicesOf(machine).stream()
            .filter(d -> d.engine().endpointIndex() == entry.endpoint().index())
            .map(DeviceEntry::id)
            .findFirst()
            .orElse("");
    return new FaultInfo(
        machine.name(),
        device,
        entry.endpoint().id(),
        hex(fault.iova()),
        fault.access() == Access.READ ? "r" : "w",
        fault.kind().name(),
        fault.reason() < 0 ? "" : hex(fault.reason()),
        fault.reasonText(),
        fault.structure().isEmpty()
            ? ""
            : "%s at %s reads %s"
                .formatted(
                    fault.structure(), hex(fault.structureAddress()), hex(fault.structureValue())),
        entry.recorded(),
        entry.count());
  }

  private static String hex(long value) {
    return "0x" + Long.toHexString(value);
  }

  @Override
  public ReplayReport replay(IommuSnapshot snapshot, List<ReplayQuestion> questions, int limit)
      throws ControlException {
    return Replay.run(supplier(snapshot.kind()), snapshot, questions, limit);
  }

  @Override
  public IommuSnapshot complete(
      IommuSnapshot state, List<ReplayQuestion> questions, PageSource source)
      throws ControlException {
    return Completion.run(supplier(state.kind()), state, questions, source);
  }

  @Override
  public TranslationReport translate(
      IommuSnapshot snapshot, String endpoint, long iova, long length, Access access)
      throws ControlException {
    return Replay.explain(supplier(snapshot.kind()), snapshot, endpoint, iova, length, access);
  }

  @Override
  public List<MappedRegister> registers(String kind, String machineType) throws ControlException {
    List<MappedRegister> registers =
        List.copyOf(supplier(kind).service().mappedRegisters(machineType));
    if (registers.isEmpty()) {
      throw new ControlException(
          ControlException.Kind.CAPABILITY_MISSING,
          "nobody says where a processor of machine %s reads the registers of IOMMU kind %s"
              .formatted(machineType, kind));
    }
    return registers;
  }

  private Supplier<IommuBehavior> supplier(String kind) throws ControlException {
    return behaviors
        .best(kind)
        .orElseThrow(() ->
            new ControlException(
                ControlException.Kind.CAPABILITY_MISSING,
                "nobody supplies IOMMU kind %s".formatted(kind)));
  }

  @Override
  public IommuSnapshot snapshot(String name) throws ControlException {
    RunningMachine machine = inventory.machine(name);
    IommuUnit unit =
        machine
            .unit()
            .orElseThrow(() -> ControlException.usage("machine %s has no IOMMU".formatted(name)));
    return unit.snapshot(machine.row().type());
  }
}
