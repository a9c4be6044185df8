package aperture.arch.x86.amdvi;

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
import aperture.memory.MemoryRange;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmdViTableDriverTest {

  private static final long ANYWHERE = -1L;
  private static final long LOW_4G = 0xffff_ffffL;

  private final BareState state = new BareState();
  private IommuInstance instance;
  private IommuTableDriver driver;

  @BeforeEach
  void bringUp() throws Exception {
    attach();
    driver.initialize();
  }

  private void attach() throws AttachRefusedException {
    instance = new AmdViBehavior().attach(state);
    driver = instance.tableDriver().orElseThrow();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private Endpoint endpoint() throws IommuException {
    Endpoint endpoint = state.endpoint(0, 5);
    driver.attachEndpoint(endpoint);
    return endpoint;
  }

  private WalkResult walk(Endpoint endpoint, long iova, Access access) {
    return BareState.walk(instance.walker(), endpoint, iova, access);
  }

  private long quad0(Endpoint endpoint) {
    return state.get((state.values.get("DEVTAB") & -4096) + endpoint.requesterId() * 32L);
  }

  private void assertReaches(Endpoint endpoint, long iova, long gpa) {
    WalkResult result = walk(endpoint, iova, Access.READ);
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaOf(iova)).isEqualTo(gpa);
  }

  @Test
  void bringUpLeavesTheRegistersAsAKernelDoes() {
    assertThat(state.values.get("EXT_FEATURES")).isEqualTo(0x29d3);
    assertThat(state.values.get("CONTROL")).isEqualTo(0x148d);
    assertThat(state.values.get("STATUS")).isEqualTo(0x18);
    assertThat(state.values.get("DEVTAB") & 0xfff).isEqualTo(1);
    assertThat(state.values.get("CMDBUF") >>> 56).isEqualTo(9);
    assertThat(state.values.get("EVTLOG") >>> 56).isEqualTo(9);
    // One batch: invalidate all, and its wait.
    assertThat(state.values.get("CMD_HEAD")).isEqualTo(0x20);
    assertThat(state.values.get("CMD_TAIL")).isEqualTo(0x20);
    long commands = state.values.get("CMDBUF") & 0xf_ffff_ffff_f000L;
    assertThat(state.get(commands)).isEqualTo(8L << 60);
    assertThat(state.get(commands + 16)).isEqualTo(1L << 60 | commands + 0x2000 | 1);
  }

  @Test
  void whoIsNotAttachedIsBlockedByItsEntry() {
    Endpoint stranger = state.endpoint(0, 9);

    assertThat(quad0(stranger)).isEqualTo(3);
    assertThat(walk(stranger, 0x1000, Access.READ).faultReason()).isEqualTo(0x2050);
  }

  @Test
  void anEndpointGetsAnEmptyDomainOfThreeLevels() throws Exception {
    endpoint();
    Endpoint second = state.endpoint(0, 6);
    driver.attachEndpoint(second);

    assertThat(quad0(second) & 0x6000_0000_0000_0fffL).isEqualTo(0x6000_0000_0000_0603L);
    assertThat(state.get((state.values.get("DEVTAB") & -4096) + 0x30 * 32 + 8)).isEqualTo(2);
    assertThat(walk(second, 0x1000, Access.READ).faultReason()).isEqualTo(0x2000);
  }

  @Test
  void whatIsMappedIsReachedWithItsPermission() throws Exception {
    Endpoint endpoint = endpoint();

    long read = driver.map(endpoint, 0x10_0000, 0x3000, Permission.READ, ANYWHERE);
    long write = driver.map(endpoint, 0x20_0000, 0x1000, Permission.WRITE, ANYWHERE);

    WalkResult result = walk(endpoint, read + 0x2fff, Access.READ);
    assertThat(result.gpaOf(read + 0x2fff)).isEqualTo(0x10_2fff);
    assertThat(result.permission()).isEqualTo(Permission.READ);
    assertThat(result.domain()).isEqualTo(1);
    assertThat(walk(endpoint, read, Access.WRITE).faultReason()).isEqualTo(0x2050);
    assertThat(walk(endpoint, write, Access.WRITE).permission()).isEqualTo(Permission.WRITE);
    assertThat(walk(endpoint, write, Access.READ).faultReason()).isEqualTo(0x2050);
  }

  @ParameterizedTest
  @CsvSource({
    "0x1000, 0x1000, 0x1000",
    "0x100000, 0x2000, 0x2000",
    "0x100000, 0x10000, 0x10000",
    "0x200000, 0x100000, 0x100000",
    "0x200000, 0x200000, 0x200000",
    "0x400000, 0x400000, 0x400000",
    "0x40000000, 0x40000000, 0x40000000",
    "0x201000, 0x200000, 0x1000"
  })
  void theLargestPagesThatAlignmentAllowsAreUsed(String gpa, String size, String page)
      throws Exception {
    Endpoint endpoint = endpoint();

    long iova =
        driver.map(endpoint, Long.decode(gpa), Long.decode(size), Permission.READ_WRITE, ANYWHERE);

    assertThat(iova & Long.decode(size) - 1).isZero();
    assertThat(walk(endpoint, iova, Access.READ).size()).isEqualTo(Long.decode(page));
    assertReaches(endpoint, iova + Long.decode(size) - 1, Long.decode(gpa) + Long.decode(size) - 1);
  }

  @Test
  void aLargePageIsARowOfEqualEntries() throws Exception {
    Endpoint endpoint = endpoint();
    driver.mapAt(endpoint, 0x40_0000, 0x100_0000, 0x4000, Permission.READ);

    WalkResult result = walk(endpoint, 0x40_0000, Access.READ);
    long leaf = result.stepAddress(result.steps() - 1);

    for (int i = 0; i < 4; i++) {
      assertThat(state.get(leaf + i * 8L)).isEqualTo(0x2000_0000_0100_1e01L);
    }
    assertThat(state.get(leaf + 4 * 8L)).isZero();
    driver.unmap(endpoint, 0x40_0000, 0x4000);
    for (int i = 0; i < 4; i++) {
      assertThat(state.get(leaf + i * 8L)).isZero();
    }
  }

  @Test
  void aPlaceThatOnceHeldATableGetsSmallerPages() throws Exception {
    Endpoint endpoint = endpoint();
    driver.mapAt(endpoint, 0x80_1000, 0x1000, 0x1000, Permission.READ);
    driver.unmap(endpoint, 0x80_1000, 0x1000);

    driver.mapAt(endpoint, 0x80_0000, 0x80_0000, 0x80_0000, Permission.READ_WRITE);

    assertThat(walk(endpoint, 0x80_0000, Access.READ).size()).isEqualTo(0x10_0000);
    assertThat(walk(endpoint, 0xa0_0000, Access.READ).size()).isEqualTo(0x20_0000);
    assertReaches(endpoint, 0x80_1234, 0x80_1234);
    assertReaches(endpoint, 0xff_ffff, 0xff_ffff);
    driver.unmap(endpoint, 0x80_0000, 0x80_0000);
    for (long iova = 0x80_0000; iova < 0x100_0000; iova += 0x1000) {
      assertThat(walk(endpoint, iova, Access.READ).faultReason()).isEqualTo(0x2000);
    }
  }

  @Test
  void anAddressBeyondThreeLevelsMakesTheTableGrow() throws Exception {
    Endpoint endpoint = endpoint();
    long low = driver.map(endpoint, 0x10_0000, 0x1000, Permission.READ_WRITE, ANYWHERE);
    long before = quad0(endpoint);
    state.invalidations.clear();

    driver.mapAt(endpoint, 1L << 39, 0x20_0000, 0x1000, Permission.READ_WRITE);

    assertThat(quad0(endpoint) & 0xfff).isEqualTo(0x803);
    assertThat(state.get(quad0(endpoint) & 0xf_ffff_ffff_f000L) & 0xf_ffff_ffff_ffffL)
        .isEqualTo(before & 0xf_ffff_ffff_f000L | 3 << 9 | 1);
    assertReaches(endpoint, 1L << 39, 0x20_0000);
    assertReaches(endpoint, low, 0x10_0000);
    assertThat(state.invalidations).containsExactly("endpoint 00:05.0", "domain 1 0x0+0x0");
  }

  @Test
  void unmapInvalidatesExactlyTheRangeByCommands() throws Exception {
    Endpoint endpoint = endpoint();
    driver.mapAt(endpoint, 0x5000, 0x10_0000, 0x6000, Permission.READ_WRITE);
    state.invalidations.clear();

    driver.unmap(endpoint, 0x5000, 0x6000);

    assertThat(state.invalidations)
        .containsExactly(
            "domain 1 0x5000+0x1000",
            "domain 1 0x6000+0x2000",
            "domain 1 0x8000+0x2000",
            "domain 1 0xa000+0x1000");
    assertThat(walk(endpoint, 0x5000, Access.READ).faultReason()).isEqualTo(0x2000);
    assertThat(walk(endpoint, 0xa000, Access.READ).faultReason()).isEqualTo(0x2000);
  }

  @Test
  void aDamagedBufferIsRepairedAndEverythingInvalidated() throws Exception {
    Endpoint endpoint = endpoint();
    long iova = driver.map(endpoint, 0x10_0000, 0x1000, Permission.READ_WRITE, ANYWHERE);
    // The unit finds this command first, because its head is moved back to it.
    state.put(state.values.get("CMDBUF") & 0xf_ffff_ffff_f000L, -1L);
    state.registers().set("CMD_HEAD", 0);
    state.invalidations.clear();

    driver.unmap(endpoint, iova, 0x1000);

    assertThat(state.invalidations).endsWith("all");
    assertThat(state.values.get("STATUS") & 0x10).isNotZero();
    state.invalidations.clear();
    iova = driver.map(endpoint, 0x10_0000, 0x1000, Permission.READ_WRITE, ANYWHERE);
    driver.unmap(endpoint, iova, 0x1000);
    assertThat(state.invalidations).containsExactly("domain 1 0x%x+0x1000".formatted(iova));
  }

  @Test
  void runningOutOfTablePagesMapsNothing() throws Exception {
    Endpoint endpoint = endpoint();
    state.pagesLeft = 1;

    assertThatThrownBy(
            () -> driver.mapAt(endpoint, 0x1000, 0x10_0000, 0x1000, Permission.READ_WRITE))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("no memory");
    assertThat(walk(endpoint, 0x1000, Access.READ).faultReason()).isEqualTo(0x2000);

    state.pagesLeft = 1;
    driver.mapAt(endpoint, 0x1000, 0x10_0000, 0x1000, Permission.READ_WRITE);
    assertReaches(endpoint, 0x1000, 0x10_0000);
  }

  @Test
  void bringUpAndAttachRunOutOfMemoryWithoutATrace() throws Exception {
    for (int left = 0; left < 7; left++) {
      try (BareState other = new BareState()) {
        other.pagesLeft = left;
        IommuTableDriver fresh = new AmdViBehavior().attach(other).tableDriver().orElseThrow();
        assertThatThrownBy(fresh::initialize).isInstanceOf(IommuException.class);
        assertThat(other.taken).isEmpty();
      }
    }
    Set<Long> before = new HashSet<>(state.taken);
    Endpoint far = state.endpoint(3, 0);
    state.pagesLeft = 1;
    assertThatThrownBy(() -> driver.attachEndpoint(far)).isInstanceOf(IommuException.class);
    assertThat(state.taken).isEqualTo(before);
  }

  @Test
  void detachGivesEveryPageBackAndClosesTheEndpoint() throws Exception {
    Set<Long> before = new HashSet<>(state.taken);
    Endpoint endpoint = endpoint();
    driver.mapAt(endpoint, 1L << 39, 0x20_0000, 0x80_1000, Permission.READ_WRITE);
    driver.map(endpoint, 0x10_0000, 0x1000, Permission.READ_WRITE, ANYWHERE);
    state.invalidations.clear();

    driver.detachEndpoint(endpoint);

    assertThat(state.taken).isEqualTo(before);
    assertThat(quad0(endpoint)).isEqualTo(3);
    assertThat(state.invalidations).contains("endpoint 00:05.0", "domain 1 0x0+0x0");
    driver.attachEndpoint(endpoint);
    assertThat(walk(endpoint, 1L << 39, Access.READ).faultReason()).isEqualTo(0x2000);
  }

  @Test
  void tablesTiedInAKnotEndTheirRelease() throws Exception {
    Endpoint endpoint = endpoint();
    driver.map(endpoint, 0x10_0000, 0x1000, Permission.READ_WRITE, ANYWHERE);
    long root = quad0(endpoint) & 0xf_ffff_ffff_f000L;
    state.put(root + 8, root | 2 << 9 | HandmadeTables.RW);

    // The root is given back as what it was tied into, and then once more as itself.
    assertThatThrownBy(() -> driver.detachEndpoint(endpoint))
        .hasMessageContaining("freed, but not taken");
  }

  @Test
  void theDeviceTableGrowsForARequesterBeyondItAndKeepsItsEntries() throws Exception {
    Endpoint near = endpoint();
    long iova = driver.map(near, 0x10_0000, 0x1000, Permission.READ_WRITE, ANYWHERE);
    int taken = state.taken.size();

    Endpoint far = state.endpoint(255, 31);
    driver.attachEndpoint(far);

    assertThat(state.values.get("DEVTAB") & 0x1ff).isEqualTo(0x1ff);
    assertThat(state.taken).hasSize(taken - 2 + 512 + 1);
    assertReaches(near, iova, 0x10_0000);
    assertThat(walk(far, 0x1000, Access.READ).faultReason()).isEqualTo(0x2000);
    assertThat(walk(state.endpoint(77, 3), 0x1000, Access.READ).faultReason()).isEqualTo(0x2050);
    assertThat(state.invalidations).contains("all");
  }

  @Test
  void domainIdsOfThoseWhoLeftAreUsedAgain() throws Exception {
    Endpoint first = endpoint();
    Endpoint second = state.endpoint(0, 6);
    driver.attachEndpoint(second);
    driver.detachEndpoint(first);
    Endpoint third = state.endpoint(0, 7);

    driver.attachEndpoint(third);

    long iova = driver.map(third, 0x10_0000, 0x1000, Permission.READ, ANYWHERE);
    assertThat(walk(third, iova, Access.READ).domain()).isEqualTo(1);
  }

  @Test
  void whatCannotBeExpressedIsRefused() throws Exception {
    Endpoint endpoint = endpoint();
    assertThatThrownBy(() -> driver.attachEndpoint(endpoint)).hasMessageContaining("already");
    Endpoint wide = new Endpoint(1, "wide", 0x1_0000, java.util.Map.of());
    assertThatThrownBy(() -> driver.attachEndpoint(wide)).hasMessageContaining("16 bits");
    assertThatThrownBy(() -> driver.map(endpoint, 0x123, 4096, Permission.READ, ANYWHERE))
        .hasMessageContaining("whole pages");
    assertThatThrownBy(() -> driver.map(endpoint, 1L << 52, 4096, Permission.READ, ANYWHERE))
        .hasMessageContaining("52 bits");
    assertThatThrownBy(() -> driver.map(endpoint, 0, 4096, Permission.NONE, ANYWHERE))
        .hasMessageContaining("without any permission");
    assertThatThrownBy(() -> driver.mapAt(endpoint, 1L << 48, 0, 4096, Permission.READ))
        .hasMessageContaining("cannot be expressed");
    driver.mapAt(endpoint, 0x4000, 0, 4096, Permission.READ);
    assertThatThrownBy(() -> driver.mapAt(endpoint, 0x4000, 0, 4096, Permission.READ))
        .hasMessageContaining("is taken");
    Endpoint stranger = state.endpoint(0, 9);
    assertThatThrownBy(() -> driver.map(stranger, 0, 4096, Permission.READ, ANYWHERE))
        .hasMessageContaining("no address space");
  }

  @Test
  void addressesBelow4GiBGoFirstAndReservedOnesNever() throws Exception {
    state.reserved.add(new MemoryRange(0x1000_0000, 0x1000_0000));
    Endpoint endpoint = endpoint();
    for (int i = 0; i < 250; i++) {
      long iova = driver.map(endpoint, 0, 16 << 20, Permission.READ, LOW_4G - 1);
      assertThat(iova).isBetween(1L, LOW_4G);
      assertThat(iova >>> 28).isNotEqualTo(1);
      assertThat(iova >>> 24).isNotEqualTo(0xfe);
      if (iova + (32 << 20) > 0xfe00_0000L) {
        break;
      }
    }
    assertThatThrownBy(() -> driver.mapAt(endpoint, 0xfee0_0000L, 0, 4096, Permission.READ))
        .hasMessageContaining("is taken");
    assertThatThrownBy(() -> driver.mapAt(endpoint, 0xfd_0000_0000L, 0, 4096, Permission.READ))
        .hasMessageContaining("is taken");
  }

  @Test
  void aSuccessorWorksOnFromRegistersMemoryAndLedger() throws Exception {
    Endpoint endpoint = endpoint();
    long first = driver.map(endpoint, 0x10_0000, 0x2000, Permission.READ_WRITE, ANYWHERE);
    state.live.add(
        new BareState.Mapping(endpoint, first, 0x10_0000, 0x2000, Permission.READ_WRITE));
    driver.mapAt(endpoint, 1L << 39, 0x20_0000, 0x1000, Permission.READ);
    state.live.add(new BareState.Mapping(endpoint, 1L << 39, 0x20_0000, 0x1000, Permission.READ));

    attach();

    assertReaches(endpoint, first, 0x10_0000);
    long next = driver.map(endpoint, 0x30_0000, 0x2000, Permission.READ_WRITE, ANYWHERE);
    assertThat(next).isNotEqualTo(first);
    assertThatThrownBy(() -> driver.mapAt(endpoint, 1L << 39, 0, 0x1000, Permission.READ))
        .hasMessageContaining("is taken");
    driver.unmap(endpoint, first, 0x2000);
    assertThat(walk(endpoint, first, Access.READ).faultReason()).isEqualTo(0x2000);
    driver.mapAt(endpoint, first, 0x40_0000, 0x2000, Permission.READ);
  }

  @Test
  void damagedTablesAreAnErrorAndNotAnAccident() throws Exception {
    Endpoint endpoint = endpoint();
    driver.mapAt(endpoint, 0x5000, 0x10_0000, 0x1000, Permission.READ);
    long root = quad0(endpoint) & 0xf_ffff_ffff_f000L;
    state.put(root, 0x40_0000_0000L | 2 << 9 | HandmadeTables.RW);

    assertThatThrownBy(() -> driver.mapAt(endpoint, 0x9000, 0, 0x1000, Permission.READ))
        .isInstanceOf(IommuException.class);
    driver.unmap(endpoint, 0x5000, 0x1000);

    state.put(root, root | 3 << 9 | HandmadeTables.RW);
    assertThatThrownBy(() -> driver.mapAt(endpoint, 0x9000, 0, 0x1000, Permission.READ))
        .isInstanceOf(IommuException.class);
  }
}
