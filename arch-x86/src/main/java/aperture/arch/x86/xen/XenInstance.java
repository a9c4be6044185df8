package aperture.arch.x86.xen;

import aperture.iommu.Endpoint;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuFault;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.RecordedFault;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A Xen guest attached to one machine's state: back end and kernel wired together. */
final class XenInstance implements IommuInstance {

  static final int STATE_VERSION = 1;

  /** Grants say nothing of write-only, nobody is told of faults, and one table serves all. */
  static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(Set.of((long) BusAddressLayout.PAGE_SIZE), false, false, true, true);

  private final IommuWalker walker;
  private final XenTableDriver driver;

  /**
   * @param machineFrames whether frame numbers are the machine's, not the guest's own
   */
  XenInstance(IommuState state, boolean machineFrames) {
    walker = machineFrames ? new XenPvWalker(state) : new XenHvmWalker(state);
    driver = new XenTableDriver(state, machineFrames);
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
    // No fault of this kind says that it is recorded.
  }

  @Override
  public List<RecordedFault> recordedFaults() {
    return List.of();
  }

  @Override
  public String decode(String structure, long value) {
    return XenDecoder.decode(structure, value);
  }
}
