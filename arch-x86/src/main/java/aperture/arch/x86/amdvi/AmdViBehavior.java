package aperture.arch.x86.amdvi;

import static aperture.arch.x86.amdvi.AmdViRegisters.CONTROL;
import static aperture.arch.x86.amdvi.AmdViRegisters.DEVTAB;
import static aperture.arch.x86.amdvi.AmdViRegisters.EXCL_BASE;
import static aperture.arch.x86.amdvi.AmdViRegisters.EXT_FEATURES;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.Registers;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.osgi.service.component.annotations.Component;

/**
 * The IOMMU kind {@code amd-vi}, host translation.
 *
 * <p>A state with an exclusion range or with a segmented device table is refused by name.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + AmdViBehavior.KIND)
public final class AmdViBehavior implements IommuBehavior {

  /** The kind. */
  public static final String KIND = "amd-vi";

  private static final int STATE_VERSION = 1;

  private static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(powersOfTwo(), true, true, true, false).withIdentity();

  private static Set<Long> powersOfTwo() {
    return LongStream.iterate(
            1L << PageEntryLayout.PAGE_SHIFT,
            size -> size <= 1L << HostTables.MAX_SIZE_LOG2,
            size -> size << 1)
        .boxed()
        .collect(Collectors.toUnmodifiableSet());
  }

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
  public Set<String> options() {
    return Set.of(InvalidationMode.OPTION);
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    Registers registers = state.registers();
    long control = registers.get(CONTROL);
    if (ControlLayout.segmented(control)) {
      throw new AttachRefusedException("device table segments are not modelled");
    }
    if (ControlLayout.excludes(registers.get(EXCL_BASE))) {
      throw new AttachRefusedException("exclusion range is not modelled");
    }
    if (ControlLayout.enabled(control)) {
      for (String needed : new String[] {DEVTAB, EXT_FEATURES}) {
        if (!registers.has(needed)) {
          throw new AttachRefusedException(
              "the unit is enabled, but register %s is missing".formatted(needed));
        }
      }
    }
    return new AmdViInstance(state, InvalidationMode.of(state.options()));
  }
}
