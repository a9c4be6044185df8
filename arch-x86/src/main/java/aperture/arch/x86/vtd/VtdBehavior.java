package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.VtdRegisters.CAP;
import static aperture.arch.x86.vtd.VtdRegisters.ECAP;
import static aperture.arch.x86.vtd.VtdRegisters.GSTS;
import static aperture.arch.x86.vtd.VtdRegisters.RTADDR;

import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.iommu.MappedRegister;
import aperture.iommu.Registers;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * The IOMMU kind {@code intel-vtd}, in legacy and in scalable translation mode.
 *
 * <p>A state whose root table is in a mode that the unit does not have, or in the reserved mode, is
 * refused by name.
 */
@Component(property = IommuBehavior.KIND_PROPERTY + "=" + VtdBehavior.KIND)
public final class VtdBehavior implements IommuBehavior {

  /** The kind. */
  public static final String KIND = "intel-vtd";

  private static final int STATE_VERSION = 1;

  private static final IommuCapabilities CAPABILITIES =
      new IommuCapabilities(Set.of(1L << 12, 1L << 21, 1L << 30), true, true, true, false)
          .withIdentity();

  private final int width;

  /** Units brought up fresh have 48-bit addresses and 4-level tables, if no option says else. */
  @Activate
  public VtdBehavior() {
    this(CapabilityLayout.WIDTH_48);
  }

  /**
   * @param width address width of units brought up fresh: 57 for 5-level tables, 48 for 4-level
   *     ones, 39 for 3-level ones
   * @throws IllegalArgumentException for another width
   */
  public VtdBehavior(int width) {
    if (width != CapabilityLayout.WIDTH_39
        && width != CapabilityLayout.WIDTH_48
        && width != CapabilityLayout.WIDTH_57) {
      throw new IllegalArgumentException("width %d: 39, 48 and 57 are possible".formatted(width));
    }
    this.width = width;
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
  public List<MappedRegister> mappedRegisters(String machineType) {
    return RegisterMapLayout.of(machineType);
  }

  @Override
  public Set<String> options() {
    return VtdOptions.NAMES;
  }

  @Override
  public IommuInstance attach(IommuState state) throws AttachRefusedException {
    Registers registers = state.registers();
    switch (RootAddressLayout.mode(registers.get(RTADDR))) {
      case RootAddressLayout.TTM_LEGACY, RootAddressLayout.TTM_ABORT -> {}
      case RootAddressLayout.TTM_SCALABLE -> {
        long ecap = registers.get(ECAP);
        if (!CapabilityLayout.scalable(ecap)) {
          throw new AttachRefusedException(
              "scalable-mode root table, but ECAP 0x%x has no scalable mode".formatted(ecap));
        }
      }
      default ->
          throw new AttachRefusedException("root table of the reserved mode 10b is not modelled");
    }
    if ((registers.get(GSTS) & CommandLayout.TRANSLATION) != 0) {
      for (String needed : new String[] {RTADDR, CAP, ECAP}) {
        if (!registers.has(needed)) {
          throw new AttachRefusedException(
              "translation is enabled, but register %s is missing".formatted(needed));
        }
      }
    }
    for (Endpoint endpoint : state.endpoints()) {
      String problem = Requests.problem(endpoint);
      if (!problem.isEmpty()) {
        throw new AttachRefusedException(problem);
      }
    }
    return new VtdInstance(state, VtdOptions.of(state.options(), width));
  }
}
