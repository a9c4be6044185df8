package aperture.console.control;

import aperture.admin.MachineControl;
import aperture.admin.MachineInfo;
import aperture.admin.MachineSpec;
import aperture.admin.MachineType;
import aperture.admin.RowDifference;
import java.util.List;

/** Two machine types of one family, and whatever machines a test makes. */
final class FakeMachines implements MachineControl {

  private final FakeControls all;

  FakeMachines(FakeControls all) {
    this.all = all;
  }

  @Override
  public List<MachineType> types() {
    return List.of(
        FakeTypes.of(
            "bare",
            "toy",
            "",
            "toy",
            List.of("none"),
            "none",
            "toy-1",
            List.of(
                new RowDifference("iommus", "none", "none, toy"),
                new RowDifference("defaultIommu", "none", "toy"))),
        FakeTypes.of("toy-1", "toy", "1", "toy", List.of("none", "toy"), "toy"));
  }

  @Override
  public MachineInfo create(MachineSpec spec) {
    MachineInfo made =
        new MachineInfo(
            spec.name(),
            spec.type(),
            "toy",
            spec.memory(),
            4096,
            spec.iommu().orElse("toy"),
            "attached",
            "aperture.arch.toy 1.0.0",
            List.of("0x0-0x3ffffff"),
            List.of(),
            List.of());
    all.machines.put(spec.name(), made);
    return made;
  }

  @Override
  public List<MachineInfo> list() {
    return List.copyOf(all.machines.values());
  }

  @Override
  public MachineInfo show(String name) {
    return all.machines.get(name);
  }

  @Override
  public void destroy(String name) {
    all.machines.remove(name);
  }
}
