package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class WalkAllocationTest {

  private static final int ROUNDS = 20_000;

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Test
  void walkingAllocatesNothing() throws Exception {
    try (SmmuFixture state = new SmmuFixture()) {
      Endpoint endpoint = HandMadeTables.build(state);
      IommuWalker walker = state.attach().walker();
      WalkResult result = new WalkResult();
      walkMany(walker, endpoint, result);

      long before = allocated();
      walkMany(walker, endpoint, result);

      assertThat(allocated() - before).isLessThan(ROUNDS);
    }
  }

  @Test
  void walkingTwoStagesAllocatesNothing() throws Exception {
    try (SmmuFixture state = new SmmuFixture()) {
      Endpoint endpoint = HandMadeStage2.build(state, 7);
      IommuWalker walker = state.attach().walker();
      WalkResult result = new WalkResult();
      walkMany(walker, endpoint, result);

      long before = allocated();
      walkMany(walker, endpoint, result);

      assertThat(allocated() - before).isLessThan(ROUNDS);
    }
  }

  private static void walkMany(IommuWalker walker, Endpoint endpoint, WalkResult result) {
    for (int i = 0; i < ROUNDS; i++) {
      result.begin();
      // Translations and faults of several kinds.
      walker.walk(endpoint, (i & 63L) << 12, Access.WRITE, result);
    }
  }

  @Test
  void mappingAndUnmappingCostTheSameWithManyLiveMappings() throws Exception {
    try (SmmuFixture state = new SmmuFixture()) {
      IommuTableDriver driver = state.attach().tableDriver().orElseThrow();
      Endpoint endpoint = state.addEndpoint(8);
      driver.initialize();
      driver.attachEndpoint(endpoint);
      long tablesBefore = state.pagesOut();
      for (int i = 0; i < 10_000; i++) {
        driver.map(endpoint, SmmuFixture.RAM, 4096, Permission.READ, -1L);
      }
      long live = state.pagesOut();
      for (int i = 0; i < 3 * 16_384; i++) {
        long iova = driver.map(endpoint, SmmuFixture.RAM, 4096, Permission.READ, -1L);
        driver.unmap(endpoint, iova, 4096);
        state.invalidations.clear();
        state.registerWrites.clear();
      }

      // Tables follow the live part of the aperture, not the number of calls.
      assertThat(live - tablesBefore).isBetween(20L, 24L);
      assertThat(state.pagesOut() - live).isLessThan(20);
    }
  }
}
