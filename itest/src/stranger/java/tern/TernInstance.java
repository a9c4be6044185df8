package tern;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.RecordedFault;
import aperture.iommu.Registers;
import java.util.List;
import java.util.Optional;

/** The bridge of one machine. */
final class TernInstance implements IommuInstance {

  private final Registers registers;
  private final TernWalker walker;
  private final TernTableDriver driver;

  TernInstance(IommuState state) {
    registers = state.registers();
    walker = new TernWalker(state);
    driver = new TernTableDriver(state);
  }

  @Override
  public IommuWalker walker() {
    return walker;
  }

  @Override
  public Optional<IommuTableDriver> tableDriver() {
    return Optional.of(driver);
  }

  @Override
  public void recordFault(Endpoint endpoint, IommuFault fault) {
    long before = registers.get(RegisterName.FAULT_STATUS);
    if ((before & FaultLayout.VALID) != 0) {
      registers.set(RegisterName.FAULT_STATUS, before | FaultLayout.OVERFLOW);
      return;
    }
    registers.set(RegisterName.FAULT_ADDRESS, fault.iova());
    registers.set(
        RegisterName.FAULT_STATUS,
        FaultLayout.status(endpoint.requesterId(), fault.access(), fault.reason()));
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    long status = registers.get(RegisterName.FAULT_STATUS);
    if ((status & FaultLayout.VALID) == 0) {
      return List.of();
    }
    return List.of(
        new RecordedFault(
            FaultLayout.requesterId(status),
            registers.get(RegisterName.FAULT_ADDRESS),
            FaultLayout.access(status),
            FaultLayout.reason(status),
            RegisterName.FAULT_STATUS));
  }

  @Override
  public String decode(String structure, long value) {
    if (structure.equals("table entry")) {
      return "page=0x%x r=%d w=%d"
          .formatted(
              TableLayout.address(value),
              value & TableLayout.READ,
              (value & TableLayout.WRITE) / TableLayout.WRITE);
    }
    return "next=0x%x v=%d".formatted(TableLayout.address(value), value & TableLayout.VALID);
  }
}
