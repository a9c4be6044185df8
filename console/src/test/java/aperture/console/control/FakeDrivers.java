package aperture.console.control;

import aperture.admin.ControlException;
import aperture.admin.DriverControl;
import aperture.admin.DriverInfo;
import aperture.admin.DriverKindInfo;
import aperture.virtio.IoJob;
import aperture.virtio.IoPlan;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One driver kind that binds to everything. */
final class FakeDrivers implements DriverControl {

  private final FakeControls all;

  FakeDrivers(FakeControls all) {
    this.all = all;
  }

  @Override
  public List<DriverKindInfo> kinds() {
    return List.of(new DriverKindInfo("K2", "modern driver", List.of()));
  }

  @Override
  public DriverInfo bind(String device, String kind, Map<String, String> options) {
    all.drivers.put(device, kind);
    return show(device);
  }

  @Override
  public DriverInfo show(String device) {
    return new DriverInfo(device, "K2", "bound", "0x300000000", "bus", "");
  }

  @Override
  public void unbind(String device) {
    all.drivers.remove(device);
  }

  @Override
  public DriverInfo reset(String device) {
    return show(device);
  }

  @Override
  public IoJob io(String device, IoPlan plan) throws ControlException {
    if (!all.drivers.containsKey(device)) {
      throw ControlException.usage("device %s has no driver".formatted(device));
    }
    all.plan = plan;
    all.jobs.put(device, all.nextJob);
    return all.nextJob;
  }

  @Override
  public Optional<IoJob> job(String device) {
    return Optional.ofNullable(all.jobs.get(device));
  }
}
