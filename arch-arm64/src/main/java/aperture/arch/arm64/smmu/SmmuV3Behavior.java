package aperture.arch.arm64.smmu;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.MappedRegister;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** The IOMMU kind {@code arm-smmuv3}: both stages of an Arm SMMUv3. Stateless. */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + SmmuV3Behavior.KIND)
public final class SmmuV3Behavior implements IommuBehavior {

  static final String KIND = "arm-smmuv3";

  private static final int STATE_VERSION = 1;

  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;
  private static final long GIB = 1L << 30;

  private static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(
              Set.of(4 * KIB, 16 * KIB, 64 * KIB, 2 * MIB, 32 * MIB, 512 * MIB, GIB),
              true,
              false,
              true,
              false)
          .withIdentity();

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public int stateVersion() {
    return STATE_VERSION;
  }

  @Override
  public IommuCapabilities capabilities() {
    return CAPABILITIES;
  }

  @Override
  public List<MappedRegister> mappedRegisters(String machineType) {
    return RegisterMapLayout.of(machineType);
  }

  @Override
  public Set<String> options() {
    return Set.of(InvalidationMode.OPTION);
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    RegisterView view = new RegisterView(state.registers());
    SeenTags seen = new SeenTags();
    SmmuV3Walker walker = new SmmuV3Walker(view, state.memory(), seen);
    AttachScan.check(state, walker);
    return new SmmuV3Instance(state, view, walker, seen, InvalidationMode.of(state.options()));
  }
}
