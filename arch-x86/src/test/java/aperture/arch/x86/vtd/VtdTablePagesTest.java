package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The pages that tables are made of: as many as are needed, none lost, and none left behind. */
class VtdTablePagesTest {

  private static final long ANYWHERE = -1L;

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  private IommuInstance bringUp() throws IommuException, AttachRefusedException {
    IommuInstance instance = new VtdBehavior(48).attach(state);
    driver(instance).initialize();
    return instance;
  }

  private static IommuTableDriver driver(IommuInstance instance) {
    return instance.tableDriver().orElseThrow();
  }

  private static WalkResult walk(
      IommuInstance instance, Endpoint endpoint, long iova, Access access) {
    return BareState.walk(instance.walker(), endpoint, iova, access);
  }

  @Test
  void runningOutOfTablePagesChangesNothing() throws Exception {
    IommuInstance instance = bringUp();
    Endpoint endpoint = state.endpoint(0, 1);
    IommuTableDriver driver = driver(instance);
    driver.attachEndpoint(endpoint);
    long kept = driver.map(endpoint, 0x10_0000, 0x1000, Permission.READ, ANYWHERE);
    Set<Long> before = new HashSet<>(state.taken);

    state.pagesLeft = 3;
    assertThatThrownBy(() -> driver.mapAt(endpoint, 0x7f_ffff_0000L, 0, 0x40_0000, Permission.READ))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("no memory");
    assertThat(state.taken).isEqualTo(before);
    assertThat(state.pagesLeft).isEqualTo(3);
    assertThat(walk(instance, endpoint, 0x7f_ffff_0000L, Access.READ).faultReason()).isEqualTo(6);
    assertThat(walk(instance, endpoint, kept, Access.READ).gpaOf(kept)).isEqualTo(0x10_0000);

    state.pagesLeft = 20;
    driver.mapAt(endpoint, 0x7f_ffff_0000L, 0, 0x40_0000, Permission.READ);
    WalkResult result = walk(instance, endpoint, 0x8000_0000_00L, Access.READ);
    assertThat(result.gpaOf(0x8000_0000_00L)).isEqualTo(0x1_0000);
  }

  @Test
  void exactlyTheMissingTablesAreTaken() throws Exception {
    IommuInstance instance = bringUp();
    Endpoint endpoint = state.endpoint(0, 1);
    driver(instance).attachEndpoint(endpoint);
    int before = state.taken.size();

    // Across 512 GiB: two tables each of levels 3 and 2, three of level 1.
    driver(instance).mapAt(endpoint, 0x7f_ffff_f000L, 0, 0x20_2000, Permission.READ);
    assertThat(state.taken).hasSize(before + 7);

    driver(instance).mapAt(endpoint, 0x7f_ffe0_0000L, 0, 0x1000, Permission.READ);
    assertThat(state.taken).hasSize(before + 7);
  }

  @Test
  void attachingRunsOutOfMemoryWithoutATrace() throws Exception {
    IommuInstance instance = bringUp();
    Endpoint endpoint = state.endpoint(0, 1);
    Set<Long> before = new HashSet<>(state.taken);

    for (int pages = 0; pages < 2; pages++) {
      state.pagesLeft = pages;
      assertThatThrownBy(() -> driver(instance).attachEndpoint(endpoint))
          .isInstanceOf(IommuException.class);
      assertThat(state.taken).isEqualTo(before);
      assertThat(walk(instance, endpoint, 0, Access.READ).faultReason()).isEqualTo(1);
    }
  }

  @Test
  void bringUpRunsOutOfMemoryWithoutATrace() {
    for (int pages = 0; pages < 3; pages++) {
      state.pagesLeft = pages;
      assertThatThrownBy(() -> bringUp()).isInstanceOf(IommuException.class);
      assertThat(state.taken).isEmpty();
      assertThat(state.values).isEmpty();
    }
  }

  @Test
  void detachGivesEveryPageBackAndClosesTheEndpoint() throws Exception {
    IommuInstance instance = bringUp();
    IommuTableDriver driver = driver(instance);
    Set<Long> before = new HashSet<>(state.taken);
    Endpoint first = state.endpoint(4, 1);
    Endpoint second = state.endpoint(4, 2);
    driver.attachEndpoint(first);
    driver.attachEndpoint(second);
    driver.map(first, 0, 0x80_0000, Permission.READ, ANYWHERE);
    driver.mapAt(first, 0x7f_ffff_f000L, 0, 0x2000, Permission.READ);
    long kept = driver.map(second, 0x1000, 0x1000, Permission.READ, ANYWHERE);
    state.invalidations.clear();

    driver.detachEndpoint(first);

    assertThat(state.invalidations).containsExactly("endpoint 04:01.0", "domain 1 0x0+0x0");
    assertThat(walk(instance, first, 0x1000, Access.READ).faultReason()).isEqualTo(2);
    assertThat(walk(instance, second, kept, Access.READ).gpaOf(kept)).isEqualTo(0x1000);
    driver.detachEndpoint(second);
    assertThat(walk(instance, second, kept, Access.READ).faultReason()).isEqualTo(1);
    assertThat(state.taken).isEqualTo(before);
    driver.detachEndpoint(second);
    assertThat(state.taken).isEqualTo(before);
  }

  @Test
  void tablesTiedInAKnotAreGivenBackOnce() throws Exception {
    IommuInstance instance = bringUp();
    IommuTableDriver driver = driver(instance);
    Set<Long> before = new HashSet<>(state.taken);
    Endpoint endpoint = state.endpoint(0, 1);
    driver.attachEndpoint(endpoint);
    driver.mapAt(endpoint, 0x1000, 0x10_0000, 0x1000, Permission.READ);
    long context = state.get(state.values.get("RTADDR")) & ~1L;
    long root = state.get(context + 8 * 16) & ~0xfffL;
    for (int i = 1; i < 512; i++) {
      state.put(root + i * 8L, root | 3);
    }
    state.put(root + 8, 0xf_ffff_ffff_f003L);

    driver.detachEndpoint(endpoint);

    assertThat(state.taken).isEqualTo(before);
    assertThat(walk(instance, endpoint, 0x1000, Access.READ).faultReason()).isEqualTo(1);
  }

  @Test
  void damagedTablesAreAnErrorAndNotAnAccident() throws Exception {
    IommuInstance instance = bringUp();
    Endpoint endpoint = state.endpoint(0, 1);
    IommuTableDriver driver = driver(instance);
    driver.attachEndpoint(endpoint);
    driver.mapAt(endpoint, 0x1000, 0, 0x1000, Permission.READ);
    long context = state.get(state.values.get("RTADDR")) & ~1L;
    long top = state.get(context + 128) & ~0xfffL;
    state.put(top, 0x7f_ffff_f003L);
    Set<Long> before = new HashSet<>(state.taken);

    assertThatThrownBy(() -> driver.mapAt(endpoint, 0x2000, 0, 0x1000, Permission.READ))
        .isInstanceOf(IommuException.class);
    driver.unmap(endpoint, 0x1000, 0x1000);

    assertThat(state.taken).isEqualTo(before);
  }
}
