package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.WalkResult;
import aperture.memory.MemoryRange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** An SMMU that a driver has brought up, with one endpoint attached. */
abstract class AttachedDriver {

  static final long BUFFER = SmmuFixture.RAM + (32L << 20);
  static final long MIB = 1L << 20;

  final SmmuFixture state = new SmmuFixture();
  IommuInstance instance;
  IommuTableDriver driver;
  Endpoint endpoint;

  @BeforeEach
  void bringUp() throws Exception {
    state.reserved.add(new MemoryRange(0x0800_0000L, 0x10_0000L));
    state.reserved.add(new MemoryRange(0x0809_0000L, 0x1_0000L));
    instance = state.attach();
    driver = instance.tableDriver().orElseThrow();
    driver.initialize();
    endpoint = state.addEndpoint(8);
    driver.attachEndpoint(endpoint);
  }

  @AfterEach
  void close() {
    state.close();
  }

  final WalkResult write(long iova) {
    return state.walk(instance, endpoint, iova, Access.WRITE);
  }

  final void assertMapped(long iova, long gpa) {
    WalkResult result = write(iova);
    assertThat(result.outcome()).as("0x%x", iova).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaOf(iova)).isEqualTo(gpa);
  }

  final void assertUnmapped(long iova) {
    assertThat(write(iova).outcome()).as("0x%x", iova).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(write(iova).faultKind()).isEqualTo(FaultKind.UNMAPPED);
  }
}
