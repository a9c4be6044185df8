package aperture.arch.ppc.tce;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.MemoryRange;
import aperture.testkit.TableState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel's half builds, and what the walker makes of it. */
class SpaprTceTableDriverTest {

  private static final long ALL = -1L;
  private static final long GPA = 0x100_0000;

  private final TableState state = new TableState();
  private Endpoint endpoint;
  private SpaprTceInstance instance;
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
    instance = SpaprTceInstance.attach(state);
    driver = instance.tableDriver().orElseThrow();
  }

  private long tce(long iova) {
    return state.tables().find(HostBridge.DEFAULT_LIOBN).orElseThrow().get(iova >>> 12);
  }

  private long map(long gpa, long size) throws IommuException {
    long iova = driver.map(endpoint, gpa, size, Permission.READ_WRITE, ALL);
    state.enter(endpoint, iova, gpa, size);
    return iova;
  }

  private void assertReaches(long iova, long gpa) {
    WalkResult result = TableState.walk(instance.walker(), endpoint, iova, Access.WRITE);
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaOf(iova)).isEqualTo(gpa);
  }

  @Test
  void onePageIsOneEntry() throws Exception {
    long iova = map(GPA, 4096);

    assertThat(iova).as("page 0 is kept back").isPositive();
    assertThat(tce(iova)).isEqualTo(GPA | 3);
    assertThat(tce(iova + 4096)).isZero();
    assertReaches(iova + 123, GPA + 123);
  }

  @Test
  void aLargeMappingIsPutInListsOfFiveHundredAndTwelve() throws Exception {
    long iova = map(GPA, 1300L << 12);

    for (long page = 0; page < 1300; page++) {
      assertThat(tce(iova + (page << 12))).isEqualTo(GPA + (page << 12) | 3);
    }
    long list = state.registers().get(TceList.PAGE);
    long at = state.memory().offsetOf(list, 4096);
    assertThat(state.memory().getBe64(at)).isEqualTo(GPA + (1024L << 12) | 3);
    assertReaches(iova + (1299L << 12), GPA + (1299L << 12));
  }

  @Test
  void readOnlyDeniesWritesAndWriteOnlyCannotBeSaid() throws Exception {
    long readable = driver.map(endpoint, GPA, 4096, Permission.READ, ALL);
    long writable = driver.map(endpoint, GPA, 8192, Permission.WRITE, ALL);

    assertThat(tce(readable)).isEqualTo(GPA | 1);
    assertThat(tce(writable)).isEqualTo(GPA | 3);
    assertThat(new SpaprTceBehavior().capabilities().expressesWriteOnly()).isFalse();
  }

  @Test
  void unmapClearsTheEntriesAndInvalidatesExactlyThem() throws Exception {
    long iova = map(GPA, 3 << 12);

    driver.unmap(endpoint, iova, 3 << 12);

    assertThat(tce(iova)).isZero();
    assertThat(tce(iova + (2 << 12))).isZero();
    assertThat(state.invalidations)
        .containsExactly("domain 0x80000000 0x%x+0x3000".formatted(iova));
  }

  @Test
  void mappingAFreshAddressInvalidatesNothing() throws Exception {
    map(GPA, 4096);
    map(GPA, 1 << 20);

    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void anAddressMaskIsObserved() throws Exception {
    assertThat(driver.map(endpoint, GPA, 4096, Permission.READ, 0x1fff)).isEqualTo(0x1000);
    assertThatThrownBy(() -> driver.map(endpoint, GPA, 4096, Permission.READ, 0x1fff))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("below 0x1fff");
  }

  @Test
  void reservedAddressesAndPageZeroAreNeverHandedOut() throws Exception {
    state.reserved.add(new MemoryRange(0x3000, 0x2000));
    attach();
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      seen.add(map(GPA, 4096));
    }

    assertThat(seen).hasSize(1000).doesNotContain(0L, 0x3000L, 0x4000L);
  }

  @Test
  void aFullWindowIsAnErrorAndChangesNothing() throws Exception {
    assertThatThrownBy(() -> driver.map(endpoint, 0, 1L << 30, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(endpoint, 0, 1L << 50, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
    long all = driver.map(endpoint, 0, (1L << 30) - 4096, Permission.READ, ALL);

    assertThatThrownBy(() -> driver.map(endpoint, GPA, 4096, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);

    driver.unmap(endpoint, all, (1L << 30) - 4096);
    assertThat(driver.map(endpoint, GPA, 4096, Permission.READ, ALL)).isPositive();
  }

  @Test
  void aListThatIsRefusedLeavesNothingBehind() throws Exception {
    state.registers().set(TceList.PAGE, TableState.MEMORY);

    assertThatThrownBy(() -> driver.map(endpoint, GPA, 8192, Permission.READ, ALL))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("invalid parameter");

    for (long page = 0; page < 16; page++) {
      assertThat(tce(page << 12)).isZero();
    }
    long iova = map(GPA, 4096);
    assertReaches(iova, GPA);
  }

  @Test
  void withoutMemoryForTheListTheMachineDoesNotComeUp() throws Exception {
    try (TableState poor = new TableState()) {
      poor.bytesLeft = 0;
      IommuTableDriver other = SpaprTceInstance.attach(poor).tableDriver().orElseThrow();

      assertThatThrownBy(other::initialize).isInstanceOf(IommuException.class);

      assertThat(poor.tables().all()).isEmpty();
      assertThat(poor.registers().snapshot()).isEmpty();
    }
  }

  @Test
  void mappingAtAGivenAddressRefusesWhatIsTakenOrOutside() throws Exception {
    driver.mapAt(endpoint, 0x8000, GPA, 8192, Permission.READ_WRITE);

    assertReaches(0x9000, GPA + 4096);
    for (long iova : new long[] {0x7000, 0x9000, 0, 1L << 30, -4096}) {
      assertThatThrownBy(() -> driver.mapAt(endpoint, iova, GPA, 8192, Permission.READ))
          .isInstanceOf(IommuException.class);
    }
    assertThat(tce(0x7000)).isZero();
    assertThat(tce(0x9000)).isEqualTo(GPA + 4096 | 3);
  }

  @Test
  void endpointsBehindOneBridgeShareItsAddresses() throws Exception {
    Endpoint other = state.endpoint(Map.of());
    driver.attachEndpoint(other);

    long first = map(GPA, 4096);
    long second = driver.map(other, GPA + 4096, 4096, Permission.READ_WRITE, ALL);

    assertThat(second).isNotEqualTo(first);
    assertReaches(second, GPA + 4096);
  }

  @Test
  void anotherBridgeHasATableOfItsOwn() throws Exception {
    Endpoint other = state.endpoint(Map.of("liobn", "0x80000100"));
    driver.attachEndpoint(other);

    long first = map(GPA, 4096);
    long second = driver.map(other, GPA + 4096, 4096, Permission.READ_WRITE, ALL);

    assertThat(second).isEqualTo(first);
    WalkResult result = TableState.walk(instance.walker(), other, second, Access.READ);
    assertThat(result.gpaBase()).isEqualTo(GPA + 4096);
    assertThat(result.domain()).isEqualTo(0x8000_0100);
    assertReaches(first, GPA);
  }

  @Test
  void anEndpointWithoutAUsableWindowIsRefused() {
    Endpoint strange = new Endpoint(7, "07:00.0", 0x700, Map.of("liobn", "none"));

    assertThatThrownBy(() -> driver.attachEndpoint(strange)).isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(strange, GPA, 4096, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void leavingEndsTheMappingsButKeepsTheAddressesUntilTheyAreUnmapped() throws Exception {
    Endpoint other = state.endpoint(Map.of());
    driver.attachEndpoint(other);
    long iova = map(GPA, 8192);

    driver.detachEndpoint(endpoint);

    assertThat(tce(iova)).isZero();
    assertThat(tce(iova + 4096)).isZero();
    assertThatThrownBy(() -> driver.mapAt(other, iova, GPA, 4096, Permission.READ))
        .isInstanceOf(IommuException.class);
    driver.unmap(endpoint, iova, 8192);
    driver.mapAt(other, iova, GPA, 4096, Permission.READ);
    assertThat(tce(iova)).isEqualTo(GPA | 1);
  }

  @Test
  void aSuccessorContinuesFromTablesAndLedger() throws Exception {
    Map<Long, Long> live = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      live.put(map(GPA + i * 8192L, 8192), GPA + i * 8192L);
    }
    long list = state.registers().get(TceList.PAGE);
    long bytes = state.bytesLeft;

    attach();

    live.forEach(this::assertReaches);
    for (int i = 0; i < 200; i++) {
      assertThat(live).doesNotContainKey(map(GPA, 8192));
    }
    live.forEach((iova, gpa) -> driver.unmap(endpoint, iova, 8192));
    live.keySet().forEach(iova -> assertThat(tce(iova)).isZero());
    assertThat(state.registers().get(TceList.PAGE)).isEqualTo(list);
    assertThat(state.bytesLeft).as("a swap takes no memory").isEqualTo(bytes);
  }

  @Test
  void tablesAreRebuiltFromTheLedgerAtTheirAddresses() throws Exception {
    long iova = map(GPA, 5 << 12);
    state.registers().clear();
    state.tables().clear();

    attach();
    driver.initialize();
    driver.attachEndpoint(endpoint);
    for (TableState.Mapping m : state.live) {
      driver.mapAt(m.endpoint(), m.iova(), m.gpa(), m.size(), m.permission());
    }

    assertReaches(iova + (4 << 12), GPA + (4 << 12));
  }

  @Test
  void stateThatIsNotUnderstoodIsRefusedByName() {
    state.tables().create(0x8000_0200L, 16, Map.of("bus_offset", 0L, "page_shift", 3L));
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("0x80000200")
        .hasMessageContaining("2^3");
    state.tables().remove(0x8000_0200L);

    state.tables().create(0x8000_0200L, 16, Map.of("page_shift", 12L));
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("bus_offset");
    state.tables().remove(0x8000_0200L);

    state.tables().create(0x8000_0200L, 16, Map.of("bus_offset", 0x800L, "page_shift", 12L));
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("misaligned");
    state.tables().remove(0x8000_0200L);

    state.tables().create(0x8000_0200L, 16, Map.of("bus_offset", -0x8000L, "page_shift", 12L));
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("wraps");
    state.tables().remove(0x8000_0200L);

    state.endpoint(Map.of("windows", "0x80000000,x"));
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("00:01.0");
  }

  @Test
  void aLedgerThatDoesNotFitTheWindowIsRefused() {
    state.enter(endpoint, 1L << 31, GPA, 4096);

    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("0x80000000");
  }

  @Test
  void nothingIsEverRecorded() {
    assertThat(instance.recordedFaults()).isEmpty();
    assertThat(new SpaprTceBehavior().capabilities().recordsFaults()).isFalse();
    assertThat(instance.decode("TCE", 0x2090003L)).contains("0x2090000");
    assertThat(instance.decode("page", 1)).isEmpty();
  }

  @Test
  void randomMappingsAgreeWithAModel() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<long[]> live = new ArrayList<>();
    for (int step = 0; step < 4000; step++) {
      if (live.isEmpty() || random.nextInt(100) < 52) {
        long pages = 1L + random.nextInt(random.nextInt(10) == 0 ? 1200 : 4);
        long gpa = (long) random.nextInt(1 << 20) << 12;
        long iova = driver.map(endpoint, gpa, pages << 12, Permission.READ_WRITE, ALL);
        live.add(new long[] {iova, gpa, pages});
      } else {
        long[] gone = live.remove(random.nextInt(live.size()));
        driver.unmap(endpoint, gone[0], gone[2] << 12);
        long inside = gone[0] + ((long) random.nextInt((int) gone[2]) << 12);
        assertThat(TableState.walk(instance.walker(), endpoint, inside, Access.READ).outcome())
            .as("seed %d step %d", seed, step)
            .isEqualTo(WalkResult.Outcome.FAULT);
      }
      if (!live.isEmpty()) {
        long[] one = live.get(random.nextInt(live.size()));
        long at = (long) random.nextInt((int) one[2]) << 12;
        WalkResult result = TableState.walk(instance.walker(), endpoint, one[0] + at, Access.WRITE);
        assertThat(result.gpaBase()).as("seed %d step %d", seed, step).isEqualTo(one[1] + at);
      }
    }
  }
}
