package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuException;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import org.junit.jupiter.api.Test;

/** The pages that tables are made of: none lost, and none left behind. */
class SmmuV3TablePagesTest extends AttachedDriver {

  @Test
  void aTakenAddressIsRefusedAndNothingChanges() throws Exception {
    driver.mapAt(endpoint, 0x5000_0000L, BUFFER, 4 * MIB, Permission.READ_WRITE);
    driver.mapAt(endpoint, 0x5060_0000L, BUFFER, 4096, Permission.READ_WRITE);
    long pages = state.pagesOut();

    assertThatThrownBy(
            () -> driver.mapAt(endpoint, 0x5010_0000L, BUFFER, 4096, Permission.READ_WRITE))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("taken");
    assertThatThrownBy(
            () -> driver.mapAt(endpoint, 0x5040_0000L, BUFFER, 4 * MIB, Permission.READ_WRITE))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("taken");

    assertThat(state.pagesOut()).isEqualTo(pages);
    assertMapped(0x5000_0000L, BUFFER);
    assertMapped(0x5060_0000L, BUFFER);
    assertUnmapped(0x5040_0000L);
  }

  @Test
  void aBlockTakesThePlaceOfAnEmptyTable() throws Exception {
    driver.mapAt(endpoint, 0x6000_0000L, BUFFER, 4096, Permission.READ_WRITE);
    driver.unmap(endpoint, 0x6000_0000L, 4096);
    long pages = state.pagesOut();

    driver.mapAt(endpoint, 0x6000_0000L, BUFFER, 2 * MIB, Permission.READ_WRITE);

    assertThat(state.pagesOut()).isEqualTo(pages - 1);
    assertThat(write(0x6000_0000L).size()).isEqualTo(2 * MIB);
  }

  @Test
  void outOfMemoryLeavesNothingBehind() throws Exception {
    long used = state.pagesOut();
    for (int budget = 0; budget < 6; budget++) {
      state.budget = budget;
      // Three new tables on the way, and a second last-level table at the end.
      long iova = 0x7f_ffff_f000L;
      if (budget < 5) {
        assertThatThrownBy(() -> driver.mapAt(endpoint, iova, BUFFER, 8192, Permission.READ_WRITE))
            .isInstanceOf(IommuException.class)
            .hasMessageContaining("no memory");
        assertThat(state.pagesOut()).as("budget %d", budget).isEqualTo(used);
        assertThat(state.budget).isEqualTo(budget);
        assertUnmapped(iova);
      } else {
        driver.mapAt(endpoint, iova, BUFFER, 8192, Permission.READ_WRITE);
        assertMapped(iova + 4096, BUFFER + 4096);
      }
    }
  }

  @Test
  void attachingWithoutMemoryLeavesNothingBehind() {
    Endpoint other = state.addEndpoint(0x908);
    long used = state.pagesOut();
    for (int budget = 0; budget < 9; budget++) {
      state.budget = budget;
      assertThatThrownBy(() -> driver.attachEndpoint(other)).isInstanceOf(IommuException.class);
      assertThat(state.pagesOut()).as("budget %d", budget).isEqualTo(used);
    }
    state.budget = 9; // Four for the streams of a bus, context, four levels less what is shared.
    assertThatThrownBy(() -> driver.map(other, BUFFER, 4096, Permission.READ, -1L))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void detachingGivesEveryPageBack() throws Exception {
    Endpoint other = state.addEndpoint(0x908);
    long used = state.pagesOut();
    driver.attachEndpoint(other);
    for (int i = 0; i < 2000; i++) {
      driver.map(other, BUFFER, 4096, Permission.READ, -1L);
    }
    driver.map(other, BUFFER, 4 * MIB, Permission.READ, -1L);
    state.invalidations.clear();

    driver.detachEndpoint(other);

    assertThat(state.pagesOut()).isEqualTo(used);
    assertThat(state.invalidations).contains("endpoint 09:01.0", "domain 2 0x0 0x0");
    assertThat(state.walk(instance, other, 0x1000, Access.READ).faultKind())
        .isEqualTo(FaultKind.BLOCKED);
    driver.detachEndpoint(other);
    driver.unmap(other, 0x1000, 4096);
    assertMapped(0x0800_0000L, 0x0809_0000L);
  }

  @Test
  void tablesThatLeadBackToThemselvesDoNotTrapTheDriver() throws Exception {
    long iova = driver.map(endpoint, BUFFER, 4096, Permission.READ_WRITE, -1L);
    WalkResult walk = write(iova);
    long root = walk.stepAddress(3) & -4096L;
    for (int i = 0; i < 512; i++) {
      state.put(root + i * 8L, 0x1000_0003L);
    }

    driver.unmap(endpoint, iova, 4096);
    assertThatThrownBy(() -> driver.map(endpoint, BUFFER, 4096, Permission.READ, -1L))
        .isInstanceOf(IommuException.class);
    driver.detachEndpoint(endpoint);

    assertThat(state.walk(instance, endpoint, iova, Access.READ).faultKind())
        .isEqualTo(FaultKind.BLOCKED);
  }
}
