package aperture.arch.sparc.sun4u;

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
class Sun4uTableDriverTest {

  private static final long ALL = -1L;
  private static final long GPA = 0x100_0000;
  private static final long WINDOW = 0x2000_0000L;

  private final TableState state = new TableState();
  private Endpoint endpoint;
  private Sun4uInstance instance;
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
    instance = Sun4uInstance.attach(state);
    driver = instance.tableDriver().orElseThrow();
  }

  private long tte(long iova) {
    long base = state.registers().get("IOMMU_TSBBASE");
    long at = base + ((iova >>> 13 & 0xffff) << 3);
    return state.memory().getBe64(state.memory().offsetOf(at, 8));
  }

  private long dummy() {
    return state.registers().get("IOMMU_TSBBASE") + 0x8_0000;
  }

  private long map(long gpa, long size) throws IommuException {
    long iova = driver.map(endpoint, gpa, size, Permission.READ_WRITE, ALL);
    state.enter(endpoint, iova, gpa, size);
    return iova;
  }

  private WalkResult walk(long iova, Access access) {
    return TableState.walk(instance.walker(), endpoint, iova, access);
  }

  private void assertReaches(long iova, long gpa) {
    WalkResult result = walk(iova, Access.WRITE);
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaOf(iova)).isEqualTo(gpa);
  }

  @Test
  void bringUpLeavesTheRegistersOfARunningKernel() {
    assertThat(state.registers().get("IOMMU_CONTROL")).isEqualTo(0x60003L);
    assertThat(state.registers().get("IOMMU_TSBBASE") & 0x1fff).isZero();
    assertThat(state.registers().get("IOMMU_TSBBASE")).isPositive();
    assertThat(state.registers().get("IOMMU_TAG15")).isZero();
    assertThat(tte(0xc000_0000L)).as("invalid, on the dummy page").isEqualTo(dummy());
    assertThat(tte(0xdfff_ffffL)).isEqualTo(dummy());
    assertThat(walk(0xc000_0000L, Access.READ).outcome()).isEqualTo(WalkResult.Outcome.FAULT);
  }

  @Test
  void bringUpClearsWhatFirmwareLeft() throws Exception {
    state.registers().set("IOMMU_CONTROL", 0x7030007L);
    state.registers().set("IOMMU_TAG3", 0x40_0000L);

    driver.initialize();

    assertThat(state.registers().get("IOMMU_CONTROL") & 0x70007L).isEqualTo(0x60003L);
    assertThat(instance.recordedFaults()).isEmpty();
    assertThat(state.invalidations).contains("all");
  }

  @Test
  void withoutMemoryForTheTsbTheMachineDoesNotComeUp() throws Exception {
    try (TableState poor = new TableState()) {
      poor.bytesLeft = 0x8_0000;
      IommuTableDriver other = Sun4uInstance.attach(poor).tableDriver().orElseThrow();

      assertThatThrownBy(other::initialize).isInstanceOf(IommuException.class);

      assertThat(poor.registers().snapshot()).isEmpty();
      assertThatThrownBy(() -> other.attachEndpoint(endpoint)).isInstanceOf(IommuException.class);
      assertThatThrownBy(() -> other.map(endpoint, GPA, 8192, Permission.READ, ALL))
          .isInstanceOf(IommuException.class);
    }
  }

  @Test
  void aPageIsOneValidEntryInTheWindow() throws Exception {
    long iova = map(GPA, 8192);

    assertThat(iova).isBetween(0xc000_0000L, 0xdfff_e000L);
    assertThat(tte(iova)).isEqualTo(1L << 63 | 1 << 4 | 2 | GPA);
    assertReaches(iova + 123, GPA + 123);
  }

  @Test
  void readOnlyDeniesWritesAndWriteOnlyCannotBeSaid() throws Exception {
    long readable = driver.map(endpoint, GPA, 8192, Permission.READ, ALL);
    long writable = driver.map(endpoint, GPA, 8192, Permission.WRITE, ALL);

    assertThat(walk(readable, Access.WRITE).outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(walk(writable, Access.READ).outcome()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(new Sun4uBehavior().capabilities().expressesWriteOnly()).isFalse();
  }

  @Test
  void largePagesAreUsedWhereBothAddressesAllow() throws Exception {
    map(GPA, 8192);
    long iova = map(GPA, 3 * 0x1_0000 + 0x4000);

    assertThat(iova & 0xffff).isZero();
    assertThat(walk(iova + 0x2_e000, Access.READ).size()).isEqualTo(0x1_0000);
    assertThat(walk(iova + 0x3_0000, Access.READ).size()).isEqualTo(8192);
    for (long at = 0; at < 0x3_4000; at += 8192) {
      assertReaches(iova + at, GPA + at);
    }
  }

  @Test
  void aMappingThatBeginsBetweenLargePagesHasLargeOnesInside() throws Exception {
    driver.mapAt(endpoint, 0xc010_e000L, GPA + 0xe000, 0x2_4000, Permission.READ_WRITE);

    assertThat(walk(0xc010_e000L, Access.READ).size()).isEqualTo(8192);
    assertThat(walk(0xc011_0000L, Access.READ).size()).isEqualTo(0x1_0000);
    assertThat(walk(0xc012_0000L, Access.READ).size()).isEqualTo(0x1_0000);
    assertThat(walk(0xc013_0000L, Access.READ).size()).isEqualTo(8192);
    for (long at = 0; at < 0x2_4000; at += 8192) {
      assertReaches(0xc010_e000L + at, GPA + 0xe000 + at);
    }
  }

  @Test
  void largePagesNeedBothAddressesAligned() throws Exception {
    driver.mapAt(endpoint, 0xc010_0000L, GPA + 0x2000, 0x2_0000, Permission.READ_WRITE);

    assertThat(walk(0xc010_0000L, Access.READ).size()).isEqualTo(8192);
    assertReaches(0xc011_e000L, GPA + 0x2_0000);
  }

  @Test
  void aFreedEntryStaysValidOnTheDummyPageWithItsOldRights() throws Exception {
    long iova = map(GPA, 0x1_0000);
    long readOnly = driver.map(endpoint, GPA, 8192, Permission.READ, ALL);

    driver.unmap(endpoint, iova, 0x1_0000);
    driver.unmap(endpoint, readOnly, 8192);

    for (long at = 0; at < 0x1_0000; at += 8192) {
      assertReaches(iova + at, dummy());
      assertThat(walk(iova + at, Access.READ).size()).isEqualTo(8192);
    }
    assertThat(walk(readOnly, Access.READ).gpaBase()).isEqualTo(dummy());
    assertThat(walk(readOnly, Access.WRITE).outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(new Sun4uBehavior().capabilities().unmappedFaults()).isFalse();
  }

  @Test
  void unmapFlushesExactlyWhatItChanged() throws Exception {
    long iova = map(GPA, 3 * 8192);
    assertThat(state.invalidations).as("a fresh entry was never cached").isEmpty();

    driver.unmap(endpoint, iova, 3 * 8192);

    assertThat(state.invalidations).containsExactly("domain 0x0 0x%x+0x6000".formatted(iova));
  }

  @Test
  void mappingOverAFreedEntryFlushesItsDummyPage() throws Exception {
    driver.mapAt(endpoint, 0xc000_2000L, GPA, 8192, Permission.READ_WRITE);
    driver.unmap(endpoint, 0xc000_2000L, 8192);
    state.invalidations.clear();

    driver.mapAt(endpoint, 0xc000_0000L, GPA, 3 * 8192, Permission.READ_WRITE);

    assertThat(state.invalidations).containsExactly("domain 0x0 0xc0000000+0x6000");
  }

  @Test
  void onceAnAliasWasUsedEveryAliasIsFlushed() throws Exception {
    long iova = map(GPA, 8192);
    assertReaches(iova - WINDOW, GPA);

    driver.unmap(endpoint, iova, 8192);

    List<String> every = new ArrayList<>();
    for (long alias = iova & WINDOW - 1; alias < 1L << 32; alias += WINDOW) {
      every.add("domain 0x0 0x%x+0x2000".formatted(alias));
    }
    assertThat(state.invalidations).hasSize(8).containsExactlyElementsOf(every);
    assertReaches(iova - WINDOW, dummy());
  }

  @Test
  void anAddressMaskIsObserved() throws Exception {
    assertThat(driver.map(endpoint, GPA, 8192, Permission.READ, 0xc000_1fffL))
        .isEqualTo(0xc000_0000L);
    for (long mask : new long[] {0xc000_1fffL, 0xbfff_ffffL, (1L << 30) - 1}) {
      assertThatThrownBy(() -> driver.map(endpoint, GPA, 8192, Permission.READ, mask))
          .isInstanceOf(IommuException.class);
    }
  }

  @Test
  void reservedAddressesAreNeverHandedOut() throws Exception {
    state.reserved.add(new MemoryRange(0xc000_4000L, 0x4000));
    attach();
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      seen.add(map(GPA, 8192));
    }

    assertThat(seen).hasSize(1000).doesNotContain(0xc000_4000L, 0xc000_6000L);
  }

  @Test
  void aFullWindowIsAnErrorAndChangesNothing() throws Exception {
    assertThatThrownBy(() -> driver.map(endpoint, 0, WINDOW + 8192, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(endpoint, 0, 1L << 50, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
    long all = driver.map(endpoint, 0, WINDOW, Permission.READ, ALL);
    assertThatThrownBy(() -> driver.map(endpoint, GPA, 8192, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);

    driver.unmap(endpoint, all, WINDOW);

    assertReaches(map(GPA, 8192), GPA);
  }

  @Test
  void mappingAtAGivenAddressRefusesWhatIsTakenOrOutside() throws Exception {
    driver.mapAt(endpoint, 0xc001_0000L, GPA, 16_384, Permission.READ_WRITE);

    for (long iova : new long[] {0xc000_e000L, 0xc001_2000L, 0xbfff_e000L, 0xdfff_e000L, 0}) {
      assertThatThrownBy(() -> driver.mapAt(endpoint, iova, GPA, 16_384, Permission.READ))
          .isInstanceOf(IommuException.class);
    }
    assertReaches(0xc001_2000L, GPA + 8192);
  }

  @Test
  void devicesOfOneBusShareItsAddresses() throws Exception {
    Endpoint other = state.endpoint(Map.of());
    driver.attachEndpoint(other);

    long first = map(GPA, 8192);
    long second = driver.map(other, GPA + 8192, 8192, Permission.READ_WRITE, ALL);

    assertThat(second).isNotEqualTo(first);
    assertReaches(second, GPA + 8192);
  }

  @Test
  void leavingEndsTheMappingsButKeepsTheAddressesUntilTheyAreUnmapped() throws Exception {
    long iova = map(GPA, 16_384);

    driver.detachEndpoint(endpoint);

    assertReaches(iova + 8192, dummy());
    assertThatThrownBy(() -> driver.mapAt(endpoint, iova, GPA, 8192, Permission.READ))
        .isInstanceOf(IommuException.class);
    driver.unmap(endpoint, iova, 16_384);
    driver.mapAt(endpoint, iova, GPA, 8192, Permission.READ_WRITE);
    assertReaches(iova, GPA);
  }

  @Test
  void aSuccessorContinuesFromRegistersTablesAndLedger() throws Exception {
    Map<Long, Long> live = new HashMap<>();
    for (int i = 0; i < 200; i++) {
      live.put(map(GPA + i * 16_384L, 16_384), GPA + i * 16_384L);
    }
    long bytes = state.bytesLeft;

    attach();

    live.forEach(this::assertReaches);
    for (int i = 0; i < 200; i++) {
      assertThat(live).doesNotContainKey(map(GPA, 16_384));
    }
    live.keySet().forEach(iova -> driver.unmap(endpoint, iova, 16_384));
    live.keySet().forEach(iova -> assertReaches(iova, dummy()));
    assertThat(state.bytesLeft).as("a swap takes no memory").isEqualTo(bytes);
  }

  @Test
  void tablesAreRebuiltFromTheLedgerAtTheirAddresses() throws Exception {
    long iova = map(GPA, 5 * 8192);
    state.registers().clear();

    attach();
    driver.initialize();
    driver.attachEndpoint(endpoint);
    for (TableState.Mapping m : state.live) {
      driver.mapAt(m.endpoint(), m.iova(), m.gpa(), m.size(), m.permission());
    }

    assertReaches(iova + 4 * 8192, GPA + 4 * 8192);
  }

  @Test
  void liveMappingsWithoutTheirTableAreRefusedByName() throws Exception {
    map(GPA, 8192);
    state.registers().set("IOMMU_TSBBASE", TableState.MEMORY);
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("0x4000000");

    state.registers().set("IOMMU_TSBBASE", 0x10_0000);
    state.registers().set("IOMMU_CONTROL", 0x50003L);
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("65536 entries");
  }

  @Test
  void aLedgerThatDoesNotFitTheWindowIsRefused() {
    state.enter(endpoint, 0x8000_0000L, GPA, 8192);

    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("0x80000000");
  }

  @Test
  void tablesOfAnotherKernelAreWalkedButNotEdited() throws Exception {
    state.registers().set("IOMMU_CONTROL", 0x00003L);
    state.memory().putBe64(state.memory().offsetOf(0x2000, 8), 1L << 63 | GPA);
    state.registers().set("IOMMU_TSBBASE", 0x2000);

    attach();

    assertThat(walk(0xc000_0000L, Access.READ).gpaBase()).isEqualTo(GPA);
    assertThatThrownBy(() -> driver.map(endpoint, GPA, 8192, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void entriesThatAGuestScribbledOverAreRetiredAllTheSame() throws Exception {
    long iova = map(GPA, 8192);
    long at = state.registers().get("IOMMU_TSBBASE") + ((iova >>> 13 & 0xffff) << 3);
    state.memory().putBe64(state.memory().offsetOf(at, 8), -1L);

    driver.unmap(endpoint, iova, 8192);

    assertReaches(iova, dummy());
    assertThat(walk(iova, Access.READ).size()).isEqualTo(8192);
  }

  @Test
  void randomMappingsAgreeWithAModel() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<long[]> live = new ArrayList<>();
    for (int step = 0; step < 4000; step++) {
      if (live.isEmpty() || random.nextInt(100) < 52) {
        long pages = 1L + random.nextInt(random.nextInt(10) == 0 ? 200 : 4);
        long gpa = (long) random.nextInt(1 << 20) << (random.nextBoolean() ? 13 : 16);
        long iova = driver.map(endpoint, gpa, pages << 13, Permission.READ_WRITE, ALL);
        live.add(new long[] {iova, gpa, pages});
      } else {
        long[] gone = live.remove(random.nextInt(live.size()));
        driver.unmap(endpoint, gone[0], gone[2] << 13);
        long inside = gone[0] + ((long) random.nextInt((int) gone[2]) << 13);
        assertThat(walk(inside, Access.READ).gpaBase())
            .as("seed %d step %d", seed, step)
            .isEqualTo(dummy());
      }
      if (!live.isEmpty()) {
        long[] one = live.get(random.nextInt(live.size()));
        long at = (long) random.nextInt((int) one[2]) << 13;
        WalkResult result = walk(one[0] + at, Access.WRITE);
        assertThat(result.gpaOf(one[0] + at))
            .as("seed %d step %d", seed, step)
            .isEqualTo(one[1] + at);
      }
    }
  }
}
