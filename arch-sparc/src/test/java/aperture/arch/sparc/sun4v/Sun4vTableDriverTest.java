package aperture.arch.sparc.sun4v;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel's half builds, and what the walker makes of it. */
class Sun4vTableDriverTest {

  private static final long ALL = -1L;
  private static final long NARROW = 0xffff_ffffL;
  private static final long ATU = 1L << 40;
  private static final long WINDOW = 0x8000_0000L;
  private static final long GPA = 0x40_0000;

  private final TableState state = new TableState();
  private Endpoint endpoint;
  private Sun4vInstance instance;
  private IommuTableDriver driver;

  @BeforeEach
  void bringUp() throws Exception {
    endpoint = state.endpoint(Map.of());
    attach();
    driver.initialize();
    driver.attachEndpoint(endpoint);
    state.invalidations.clear();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void attach() throws AttachRefusedException {
    instance = Sun4vInstance.attach(state);
    driver = instance.tableDriver().orElseThrow();
  }

  private WalkResult walk(Endpoint who, long iova) {
    return TableState.walk(instance.walker(), who, iova, Access.WRITE);
  }

  @Test
  void wideAddressesComeFromAnIotsbNarrowOnesFromTheFirstTable() throws Exception {
    long wide = driver.map(endpoint, GPA, 16384, Permission.READ_WRITE, ALL);
    long narrow = driver.map(endpoint, GPA, 8192, Permission.READ_WRITE, NARROW);

    assertThat(wide).isBetween(ATU, ATU + (1L << 30));
    assertThat(narrow).isBetween(WINDOW, 2 * WINDOW - 1);
    assertThat(walk(endpoint, wide + 8192).gpaBase()).isEqualTo(GPA + 8192);
    assertThat(walk(endpoint, narrow).gpaBase()).isEqualTo(GPA);
    assertThat(walk(endpoint, narrow).domain()).isZero();
    assertThat(walk(endpoint, wide).domain()).isEqualTo(1);
  }

  @Test
  void aLargeMappingIsMadeInSeveralCalls() throws Exception {
    for (long limit : new long[] {ALL, NARROW}) {
      long iova = driver.map(endpoint, 0, 3000L << 13, Permission.READ_WRITE, limit);

      for (long page = 0; page < 3000; page++) {
        assertThat(walk(endpoint, iova + (page << 13)).gpaBase()).isEqualTo(page << 13);
      }
      driver.unmap(endpoint, iova, 3000L << 13);
      assertThat(walk(endpoint, iova + (2999L << 13)).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    }
  }

  @Test
  void readOnlyDeniesWritesAndWriteOnlyCannotBeSaid() throws Exception {
    long readable = driver.map(endpoint, GPA, 8192, Permission.READ, ALL);
    long writable = driver.map(endpoint, GPA, 8192, Permission.WRITE, ALL);

    assertThat(walk(endpoint, readable).faultKind()).isEqualTo(FaultKind.DENIED);
    assertThat(walk(endpoint, writable).permission()).isEqualTo(Permission.READ_WRITE);
    assertThat(walk(endpoint, readable).recorded()).isFalse();
    assertThat(instance.recordedFaults()).isEmpty();
    assertThat(instance.decode("IOTTE", GPA | 1)).isEqualTo("page 0x400000, R-");
    assertThat(instance.decode("TTE", 1)).isEmpty();
  }

  @Test
  void memoryThatIsNoneLeavesNothingBehind() throws Exception {
    assertThatThrownBy(
            () -> driver.map(endpoint, TableState.MEMORY - 8192, 16384, Permission.READ, ALL))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("no such real address");

    assertThat(walk(endpoint, ATU).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    driver.mapAt(endpoint, ATU, GPA, 16384, Permission.READ);
  }

  @Test
  void withoutMemoryForAnIotsbTheFirstTableServesAll() throws Exception {
    try (TableState poor = new TableState()) {
      poor.bytesLeft = 8192;
      Endpoint one = poor.endpoint(Map.of());
      IommuTableDriver other = Sun4vInstance.attach(poor).tableDriver().orElseThrow();
      other.initialize();
      other.attachEndpoint(one);

      assertThat(other.map(one, GPA, 8192, Permission.READ, ALL)).isBetween(WINDOW, 2 * WINDOW);
      other.detachEndpoint(one);
      assertThatThrownBy(other::initialize).isInstanceOf(IommuException.class);
    }
  }

  @Test
  void leavingUnbindsTheDeviceAndEndsItsMappings() throws Exception {
    Endpoint other = state.endpoint(Map.of());
    driver.attachEndpoint(other);
    long iova = driver.map(endpoint, GPA, 8192, Permission.READ_WRITE, ALL);
    state.enter(endpoint, iova, GPA, 8192);
    assertThat(walk(other, iova).gpaBase()).as("all share one table").isEqualTo(GPA);

    driver.detachEndpoint(endpoint);

    assertThat(walk(endpoint, iova).faultKind()).isEqualTo(FaultKind.ADDRESS_SIZE);
    assertThat(walk(other, iova).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertThatThrownBy(() -> driver.mapAt(other, iova, GPA, 8192, Permission.READ))
        .isInstanceOf(IommuException.class);
    driver.unmap(endpoint, iova, 8192);
    driver.mapAt(other, iova, GPA, 8192, Permission.READ);
  }

  @Test
  void aDeviceIsBoundOnce() {
    Endpoint twin = new Endpoint(1, "twin", endpoint.requesterId(), Map.of());

    assertThatThrownBy(() -> driver.attachEndpoint(twin)).hasMessageContaining("busy");
  }

  @Test
  void aSuccessorFindsTablesAndWhatIsTaken() throws Exception {
    long wide = driver.map(endpoint, GPA, 16384, Permission.READ_WRITE, ALL);
    long narrow = driver.map(endpoint, GPA, 8192, Permission.READ_WRITE, NARROW);
    state.enter(endpoint, wide, GPA, 16384);
    state.enter(endpoint, narrow, GPA, 8192);
    long bytes = state.bytesLeft;

    attach();

    assertThat(walk(endpoint, wide).gpaBase()).isEqualTo(GPA);
    assertThat(driver.map(endpoint, GPA, 8192, Permission.READ, ALL)).isNotEqualTo(wide);
    assertThat(driver.map(endpoint, GPA, 8192, Permission.READ, NARROW)).isNotEqualTo(narrow);
    assertThat(state.bytesLeft).isEqualTo(bytes);
    state.enter(endpoint, 0x5000_0000L, GPA, 8192);
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("is in no table");
  }

  @Test
  void tablesThatAreNotUnderstoodAreRefusedByName() {
    state.tables().create(9, 4, Map.of("iova_base", 0L));
    assertThatThrownBy(this::attach).hasMessageContaining("table 9 has no page_shift");
    state.tables().remove(9);
    state.tables().create(9, 4, Map.of("page_shift", 13L));
    assertThatThrownBy(this::attach).hasMessageContaining("table 9 has no iova_base");
    state.tables().remove(9);
    state.tables().create(9, 4, Map.of("iova_base", 0L, "page_shift", 12L));
    assertThatThrownBy(this::attach).hasMessageContaining("2^12");
    state.tables().remove(9);
    state.tables().create(9, 4, Map.of("iova_base", 0x1000L, "page_shift", 13L));
    assertThatThrownBy(this::attach).hasMessageContaining("misaligned");
    state.tables().remove(9);
    state.tables().create(9, 4, Map.of("iova_base", -8192L, "page_shift", 13L));
    assertThatThrownBy(this::attach).hasMessageContaining("wraps");
  }

  @Test
  void beforeBringUpThereIsNoTable() throws Exception {
    try (TableState fresh = new TableState()) {
      Endpoint one = fresh.endpoint(Map.of());
      IommuTableDriver other = Sun4vInstance.attach(fresh).tableDriver().orElseThrow();

      assertThatThrownBy(() -> other.attachEndpoint(one)).isInstanceOf(IommuException.class);
      assertThatThrownBy(() -> other.map(one, GPA, 8192, Permission.READ, ALL))
          .isInstanceOf(IommuException.class);
    }
  }
}
