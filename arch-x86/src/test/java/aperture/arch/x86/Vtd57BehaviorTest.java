package aperture.arch.x86;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.vtd.VtdBehavior;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import org.junit.jupiter.api.Test;

class Vtd57BehaviorTest {

  @Test
  void aUnitBroughtUpFreshHasFiftySevenBitsAndFiveLevels() throws Exception {
    try (BareState state = new BareState()) {
      IommuInstance instance = new Vtd57Behavior().attach(state);
      IommuTableDriver driver = instance.tableDriver().orElseThrow();
      driver.initialize();
      Endpoint endpoint = state.endpoint(0, 1);
      driver.attachEndpoint(endpoint);

      assertThat(state.values.get("CAP") >>> 16 & 0x3f).isEqualTo(56);
      long context = state.get(state.values.get("RTADDR") & -4096) & -4096;
      assertThat(state.get(context + 8 * 16 + 8) & 7).isEqualTo(3);
    }
  }

  @Test
  void itsStateIsThatOfTheKindItIsMadeOf() {
    assertThat(new Vtd57Behavior().kind()).isEqualTo("intel-vtd-57");
    assertThat(new Vtd57Behavior().stateVersion()).isEqualTo(new VtdBehavior().stateVersion());
    assertThat(new Vtd57Behavior().capabilities()).isEqualTo(new VtdBehavior().capabilities());
    assertThat(new Vtd57Behavior().mappedRegisters("pc-q35-7.2"))
        .isNotEmpty()
        .isEqualTo(new VtdBehavior().mappedRegisters("pc-q35-7.2"));
  }
}
