package aperture.arch.ppc.tce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the kernel's half uses a second window, per endpoint and by its kind. */
class HighWindowTest {

  private static final long ALL = -1L;
  private static final long HIGH = 1L << 59;
  private static final long GPA = 0x100_0000;
  private static final long SECOND = 0x8000_0001L;

  private final TableState state = new TableState();
  private SpaprTceInstance instance;
  private IommuTableDriver driver;

  @AfterEach
  void close() {
    state.close();
  }

  private Endpoint bringUp(DdwUse byDefault, Map<String, String> attributes) throws Exception {
    Endpoint endpoint = state.endpoint(attributes);
    attach(byDefault);
    driver.initialize();
    driver.attachEndpoint(endpoint);
    state.invalidations.clear();
    return endpoint;
  }

  private void attach(DdwUse byDefault) throws Exception {
    instance = SpaprTceInstance.attach(state, byDefault);
    driver = instance.tableDriver().orElseThrow();
  }

  private WalkResult walk(Endpoint endpoint, long iova) {
    return TableState.walk(instance.walker(), endpoint, iova, Access.WRITE);
  }

  @Test
  void aDirectWindowMapsAllMemoryOnceInTheLargestPages() throws Exception {
    Endpoint endpoint = bringUp(DdwUse.NONE, Map.of("ddw", "direct"));

    var table = state.tables().find(SECOND).orElseThrow();
    assertThat(table.attributes()).containsEntry("page_shift", 24L);
    assertThat(table.entries()).isEqualTo(TableState.MEMORY >>> 24);
    for (long page = 0; page < table.entries(); page++) {
      assertThat(table.get(page)).isEqualTo(page << 24 | 3);
    }
    assertThat(walk(endpoint, HIGH + 0x123_4567).gpaOf(HIGH + 0x123_4567)).isEqualTo(0x123_4567);
    assertThat(walk(endpoint, HIGH + TableState.MEMORY).faultKind())
        .isEqualTo(FaultKind.ADDRESS_SIZE);
  }

  @Test
  void aDirectMappingIsTheAddressPlusTheOffsetAndNoWork() throws Exception {
    Endpoint endpoint = bringUp(DdwUse.NONE, Map.of("ddw", "direct"));

    long iova = driver.map(endpoint, GPA, 8192, Permission.READ, ALL);
    driver.unmap(endpoint, iova, 8192);

    assertThat(iova).isEqualTo(HIGH + GPA);
    assertThat(state.invalidations).isEmpty();
    assertThat(walk(endpoint, iova).gpaBase()).as("it stays within reach").isEqualTo(GPA);
    driver.mapAt(endpoint, iova, GPA, 4096, Permission.READ);
    assertThatThrownBy(() -> driver.mapAt(endpoint, iova + 4096, GPA, 4096, Permission.READ))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(endpoint, TableState.MEMORY, 4096, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(endpoint, -4096, 4096, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void anAddressMaskThatIsNotWholeKeepsToTheDefaultWindow() throws Exception {
    Endpoint endpoint = bringUp(DdwUse.NONE, Map.of("ddw", "direct"));

    long iova = driver.map(endpoint, GPA, 4096, Permission.READ_WRITE, ALL >>> 1);

    assertThat(iova).isBetween(4096L, 1L << 30);
    assertThat(walk(endpoint, iova).gpaBase()).isEqualTo(GPA);
    driver.unmap(endpoint, iova, 4096);
    assertThat(walk(endpoint, iova).faultKind()).isEqualTo(FaultKind.UNMAPPED);
  }

  @Test
  void aDynamicWindowIsEmptyAndMapsSinglePages() throws Exception {
    Endpoint endpoint = bringUp(DdwUse.DYNAMIC, Map.of());
    long iova = driver.map(endpoint, GPA, 2L << 30, Permission.READ, ALL);

    assertThat(iova).isGreaterThanOrEqualTo(HIGH);
    assertThat(walk(endpoint, iova).faultKind()).isEqualTo(FaultKind.DENIED);
    var read = TableState.walk(instance.walker(), endpoint, iova + (1L << 30), Access.READ);
    assertThat(read.gpaBase()).isEqualTo(GPA + (1L << 30));
    assertThat(read.size()).isEqualTo(4096);
    driver.unmap(endpoint, iova, 2L << 30);
    assertThat(walk(endpoint, iova).faultKind()).isEqualTo(FaultKind.UNMAPPED);
  }

  @Test
  void anEndpointSaysWhatItGetsElseTheKindDoes() throws Exception {
    Endpoint plain = bringUp(DdwUse.NONE, Map.of());
    assertThat(state.tables().find(SECOND)).isEmpty();
    assertThat(driver.map(plain, GPA, 4096, Permission.READ, ALL)).isLessThan(1L << 30);

    Endpoint wide = state.endpoint(Map.of("ddw", "Dynamic"));
    driver.attachEndpoint(wide);
    assertThat(driver.map(wide, GPA, 4096, Permission.READ, ALL)).isGreaterThanOrEqualTo(HIGH);
    assertThat(driver.map(plain, GPA, 4096, Permission.READ, ALL)).isLessThan(1L << 30);
    assertThat(DdwUse.of(state.endpoint(Map.of("ddw", "off")), DdwUse.DYNAMIC))
        .isEqualTo(DdwUse.NONE);
  }

  @Test
  void aSuccessorFindsTheWindowsAndWhatIsTaken() throws Exception {
    Endpoint endpoint = bringUp(DdwUse.DYNAMIC, Map.of());
    long iova = driver.map(endpoint, GPA, 8192, Permission.READ_WRITE, ALL);
    state.enter(endpoint, iova, GPA, 8192);

    attach(DdwUse.DYNAMIC);

    assertThat(driver.map(endpoint, GPA, 4096, Permission.READ, ALL)).isNotEqualTo(iova);
    assertThatThrownBy(() -> driver.mapAt(endpoint, iova, GPA, 4096, Permission.READ))
        .isInstanceOf(IommuException.class);
    driver.unmap(endpoint, iova, 8192);
    driver.mapAt(endpoint, iova, GPA, 4096, Permission.READ);
  }

  @Test
  void aSuccessorTakesDirectMappingsAsTheyAre() throws Exception {
    Endpoint endpoint = bringUp(DdwUse.NONE, Map.of("ddw", "direct"));
    long iova = driver.map(endpoint, GPA, 4096, Permission.READ_WRITE, ALL);
    state.enter(endpoint, iova, GPA, 4096);
    attach(DdwUse.NONE);
    assertThat(driver.map(endpoint, GPA, 4096, Permission.READ, ALL)).isEqualTo(iova);

    state.enter(endpoint, iova + 4096, GPA, 4096);
    assertThatThrownBy(() -> attach(DdwUse.NONE)).hasMessageContaining("is in no window");
  }

  @Test
  void withoutASecondWindowEverybodyKeepsToTheDefaultOne() throws Exception {
    Endpoint endpoint = state.endpoint(Map.of("ddw", "direct"));
    attach(DdwUse.NONE);
    driver.initialize();
    // Somebody else has the second window already.
    state.tables().create(SECOND, 16, Map.of("bus_offset", HIGH, "page_shift", 16L));

    driver.attachEndpoint(endpoint);

    assertThat(driver.map(endpoint, GPA, 4096, Permission.READ, ALL)).isLessThan(1L << 30);
    driver.unmap(endpoint, HIGH + GPA, 4096);
  }

  @Test
  void theSecondWindowIsWithinReachWithoutBeingNamed() throws Exception {
    Endpoint endpoint = bringUp(DdwUse.NONE, Map.of());
    assertThat(walk(endpoint, HIGH).faultKind()).isEqualTo(FaultKind.ADDRESS_SIZE);

    state.tables().create(SECOND, 1, Map.of("bus_offset", HIGH, "page_shift", 16L));
    state.tables().find(SECOND).orElseThrow().set(0, 0x10003);

    assertThat(walk(endpoint, HIGH + 5).gpaOf(HIGH + 5)).isEqualTo(0x10005);
  }
}
