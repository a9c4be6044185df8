package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.MemoryRange;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VtdTableDriverTest {

  private static final long ANYWHERE = -1L;
  private static final long LOW_4G = 0xffff_ffffL;

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  private IommuInstance attach(int width) {
    try {
      return new VtdBehavior(width).attach(state);
    } catch (aperture.iommu.AttachRefusedException e) {
      throw new AssertionError(e);
    }
  }

  private IommuTableDriver driver(IommuInstance instance) {
    return instance.tableDriver().orElseThrow();
  }

  private IommuInstance bringUp(int width) throws IommuException {
    IommuInstance instance = attach(width);
    driver(instance).initialize();
    return instance;
  }

  private static WalkResult walk(
      IommuInstance instance, Endpoint endpoint, long iova, Access access) {
    return BareState.walk(instance.walker(), endpoint, iova, access);
  }

  @ParameterizedTest
  @ValueSource(ints = {39, 48, 57})
  void bringUpLeavesTheRegistersAsAKernelDoes(int width) throws Exception {
    bringUp(width);

    assertThat(state.values.get("VER")).isEqualTo(0x10);
    assertThat(state.values.get("CAP")).isEqualTo(HandmadeTables.capability(width));
    assertThat(state.values.get("ECAP")).isEqualTo(0xf42);
    assertThat(state.values.get("GSTS")).isEqualTo(0xc400_0000L);
    assertThat(state.values.get("FSTS")).isNull();
    assertThat(state.values.get("FECTL")).isZero();
    // Two batches: context cache and IOTLB, each with its wait.
    assertThat(state.values.get("IQH")).isEqualTo(0x40);
    assertThat(state.values.get("IQT")).isEqualTo(0x40);
    long queue = state.values.get("IQA");
    assertThat(state.get(queue)).isEqualTo(0x11);
    assertThat(state.get(queue + 0x10)).isEqualTo(0x2_0000_0025L);
    assertThat(state.get(queue + 0x20)).isEqualTo(0x12);
    assertThat(state.get(queue + 0x30)).isEqualTo(0x2_0000_0025L);
  }

  @ParameterizedTest
  @ValueSource(ints = {39, 48, 57})
  void anEndpointGetsAnEmptyDomainOfItsOwn(int width) throws Exception {
    IommuInstance instance = bringUp(width);
    Endpoint first = state.endpoint(0, 1);
    Endpoint second = state.endpoint(2, 0);

    driver(instance).attachEndpoint(first);
    driver(instance).attachEndpoint(second);

    assertThat(walk(instance, first, 0x1000, Access.READ).faultReason()).isEqualTo(6);
    long root = state.values.get("RTADDR");
    long context = state.get(root + 2 * 16) & ~1L;
    assertThat(state.get(root + 2 * 16) & 1).isEqualTo(1);
    assertThat(state.get(context) & 0xfff).isEqualTo(1);
    assertThat(state.get(context + 8)).isEqualTo(2 << 8 | (width - 30) / 9);
  }

  @ParameterizedTest
  @ValueSource(ints = {39, 48, 57})
  void whatIsMappedIsReachedWithItsPermission(int width) throws Exception {
    IommuInstance instance = bringUp(width);
    Endpoint endpoint = state.endpoint(0, 1);
    IommuTableDriver driver = driver(instance);
    driver.attachEndpoint(endpoint);

    long read = driver.map(endpoint, 0x10_0000, 0x3000, Permission.READ, ANYWHERE);
    long write = driver.map(endpoint, 0x20_0000, 0x1000, Permission.WRITE, ANYWHERE);
    long both = driver.map(endpoint, 0x30_0000, 0x1000, Permission.READ_WRITE, ANYWHERE);

    WalkResult result = walk(instance, endpoint, read + 0x2fff, Access.READ);
    assertThat(result.gpaOf(read + 0x2fff)).isEqualTo(0x10_2fff);
    assertThat(result.permission()).isEqualTo(Permission.READ);
    assertThat(result.domain()).isEqualTo(1);
    assertThat(walk(instance, endpoint, read, Access.WRITE).faultReason()).isEqualTo(5);
    assertThat(walk(instance, endpoint, write, Access.READ).faultReason()).isEqualTo(6);
    assertThat(walk(instance, endpoint, write, Access.WRITE).gpaOf(write)).isEqualTo(0x20_0000);
    assertThat(walk(instance, endpoint, both, Access.WRITE).permission())
        .isEqualTo(Permission.READ_WRITE);
  }

  @Test
  void unmapInvalidatesExactlyTheRangeThroughTheQueue() throws Exception {
    IommuInstance instance = bringUp(48);
    Endpoint endpoint = state.endpoint(0, 1);
    IommuTableDriver driver = driver(instance);
    driver.attachEndpoint(endpoint);
    driver.mapAt(endpoint, 0x3000, 0x10_0000, 0x6000, Permission.READ_WRITE);
    state.invalidations.clear();
    long queue = state.values.get("IQA");
    long tail = state.values.get("IQT");

    driver.unmap(endpoint, 0x3000, 0x6000);

    assertThat(state.invalidations)
        .containsExactly(
            "domain 1 0x3000+0x1000", "domain 1 0x4000+0x4000", "domain 1 0x8000+0x1000");
    assertThat(state.get(queue + tail)).isEqualTo(0x1_0032);
    assertThat(state.get(queue + tail + 8)).isEqualTo(0x3000);
    assertThat(state.get(queue + tail + 0x18)).isEqualTo(0x4002);
    assertThat(state.get(queue + tail + 0x30)).isEqualTo(0x2_0000_0025L);
    assertThat(state.values.get("IQH")).isEqualTo(tail + 0x40);
    assertThat(walk(instance, endpoint, 0x3000, Access.READ).faultReason()).isEqualTo(6);
  }

  @Test
  void aVeryRaggedRangeDropsTheWholeDomain() throws Exception {
    IommuInstance instance = bringUp(48);
    Endpoint endpoint = state.endpoint(0, 1);
    driver(instance).attachEndpoint(endpoint);
    state.registers().set("CAP", HandmadeTables.CAP_48 & ~(0x3fL << 48));
    driver(instance).mapAt(endpoint, 0x10_0000, 0x10_0000, 0x6_4000, Permission.READ);
    state.invalidations.clear();

    driver(instance).unmap(endpoint, 0x10_0000, 0x6_4000);

    assertThat(state.invalidations).containsExactly("domain 1 0x0+0x0");
  }

  @Test
  void aUnitThatCachesAbsentEntriesIsToldOfNewOnes() throws Exception {
    state.registers().set("CAP", HandmadeTables.CAP_48 | 0x80);
    state.registers().set("ECAP", HandmadeTables.ECAP);
    IommuInstance instance = bringUp(48);
    Endpoint endpoint = state.endpoint(0, 1);
    state.invalidations.clear();

    driver(instance).attachEndpoint(endpoint);
    driver(instance).mapAt(endpoint, 0x8000, 0x10_0000, 0x1000, Permission.READ);

    assertThat(state.invalidations)
        .containsExactly("endpoint 00:01.0", "domain 1 0x0+0x0", "domain 1 0x8000+0x1000");
  }

  @Test
  void aStoppedQueueIsRepairedAndEverythingInvalidated() throws Exception {
    IommuInstance instance = bringUp(48);
    Endpoint endpoint = state.endpoint(0, 1);
    driver(instance).attachEndpoint(endpoint);
    driver(instance).mapAt(endpoint, 0x8000, 0x10_0000, 0x1000, Permission.READ);
    // An error that nobody cleared: the unit fetches nothing.
    state.registers().set("FSTS", 0x10);
    state.invalidations.clear();

    driver(instance).unmap(endpoint, 0x8000, 0x1000);

    assertThat(state.invalidations).contains("all");
    assertThat(state.values.get("FSTS")).isZero();
    assertThat(state.values.get("IQH")).isEqualTo(state.values.get("IQT"));
    driver(instance).mapAt(endpoint, 0x8000, 0x10_0000, 0x1000, Permission.READ);
    state.invalidations.clear();
    driver(instance).unmap(endpoint, 0x8000, 0x1000);
    assertThat(state.invalidations).containsExactly("domain 1 0x8000+0x1000");
  }

  @Test
  void domainIdsOfThoseWhoLeftAreUsedAgain() throws Exception {
    IommuTableDriver driver = driver(bringUp(48));
    Endpoint first = state.endpoint(0, 1);
    Endpoint second = state.endpoint(0, 2);
    Endpoint third = state.endpoint(0, 3);
    driver.attachEndpoint(first);
    driver.attachEndpoint(second);
    driver.detachEndpoint(first);
    driver.attachEndpoint(third);
    long context = state.get(state.values.get("RTADDR")) & ~1L;

    assertThat(state.get(context + 3 * 128 + 8)).isEqualTo(0x102);
    assertThat(state.get(context + 2 * 128 + 8)).isEqualTo(0x202);
  }

  @Test
  void whatCannotBeExpressedIsRefused() throws Exception {
    IommuTableDriver driver = driver(bringUp(39));
    Endpoint endpoint = state.endpoint(0, 1);
    Endpoint unattached = state.endpoint(0, 2);
    Endpoint odd = state.endpoint(0x100, 2);
    driver.attachEndpoint(endpoint);
    driver.mapAt(endpoint, 0x1_0000_0000L, 0, 0x1000, Permission.READ);

    assertThatThrownBy(() -> driver.attachEndpoint(endpoint)).hasMessageContaining("already");
    assertThatThrownBy(() -> driver.attachEndpoint(odd)).hasMessageContaining("16 bits");
    assertThatThrownBy(() -> driver.map(unattached, 0, 0x1000, Permission.READ, ANYWHERE))
        .hasMessageContaining("no address space");
    assertThatThrownBy(() -> driver.map(endpoint, 1, 0x1000, Permission.READ, ANYWHERE))
        .hasMessageContaining("whole pages");
    assertThatThrownBy(() -> driver.map(endpoint, 0, 0x1001, Permission.READ, ANYWHERE))
        .hasMessageContaining("whole pages");
    assertThatThrownBy(() -> driver.map(endpoint, 0, 0, Permission.READ, ANYWHERE))
        .hasMessageContaining("whole pages");
    assertThatThrownBy(() -> driver.map(endpoint, 1L << 39, 0x1000, Permission.READ, ANYWHERE))
        .hasMessageContaining("beyond 39 bits");
    assertThatThrownBy(() -> driver.map(endpoint, 0, 0x1000, Permission.NONE, ANYWHERE))
        .hasMessageContaining("permission");
    assertThatThrownBy(() -> driver.map(endpoint, 0, 0x1000, Permission.READ, 0xfff))
        .hasMessageContaining("no 1 free IOVA pages");
    for (long iova : new long[] {0, 0xfee0_0000L, 1L << 39, 0x1_0000_0000L, 0x1234, -0x1000L}) {
      assertThatThrownBy(() -> driver.mapAt(endpoint, iova, 0, 0x1000, Permission.READ))
          .as("0x%x", iova)
          .isInstanceOf(IommuException.class);
    }
  }

  @Test
  void addressesBelow4GiBGoFirstAndTheInterruptRangeNever() throws Exception {
    IommuTableDriver driver = driver(bringUp(48));
    Endpoint endpoint = state.endpoint(0, 1);
    state.reserved.add(new MemoryRange(0x8000_0000L, 0x1000_0000));
    driver.attachEndpoint(endpoint);
    int low = 0;
    int high = 0;
    for (int i = 0; i < 600; i++) {
      long iova = driver.map(endpoint, 0, 8 << 20, Permission.READ, ANYWHERE);
      MemoryRange range = new MemoryRange(iova, 8 << 20);
      assertThat(range.overlaps(new MemoryRange(0xfee0_0000L, 0x10_0000))).isFalse();
      assertThat(range.overlaps(state.reserved.get(0))).isFalse();
      if (iova <= LOW_4G) {
        assertThat(high).as("no high address before the low part is nearly full").isZero();
        low++;
      } else {
        high++;
      }
    }
    assertThat(low).isBetween(400, 460);
    assertThat(high).isEqualTo(600 - low);

    long narrow = driver.map(endpoint, 0, 0x1000, Permission.READ, LOW_4G);
    assertThat(narrow).isBetween(0x1000L, LOW_4G);
  }

  @Test
  void addressesStayBelowTheLimit() throws Exception {
    IommuTableDriver driver = driver(bringUp(48));
    Endpoint endpoint = state.endpoint(0, 1);
    driver.attachEndpoint(endpoint);

    for (int i = 0; i < 15; i++) {
      assertThat(driver.map(endpoint, 0, 0x1000, Permission.READ, 0xffff))
          .isBetween(0x1000L, 0xf000L);
    }
    assertThatThrownBy(() -> driver.map(endpoint, 0, 0x1000, Permission.READ, 0xffff))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void aSuccessorWorksOnFromRegistersMemoryAndLedger() throws Exception {
    Endpoint endpoint = state.endpoint(0, 1);
    Endpoint other = state.endpoint(5, 1);
    IommuTableDriver old = driver(bringUp(39));
    old.attachEndpoint(endpoint);
    old.attachEndpoint(other);
    for (int i = 0; i < 100; i++) {
      long iova = old.map(endpoint, i * 0x1000L, 0x1000, Permission.READ, ANYWHERE);
      state.live.add(new BareState.Mapping(endpoint, iova, i * 0x1000L, 0x1000, Permission.READ));
    }
    Map<String, Long> registers = Map.copyOf(state.values);

    // The newcomer is of another width; what is there decides.
    IommuInstance successor = attach(48);
    assertThat(state.values).isEqualTo(registers);
    Set<Long> seen = new HashSet<>();
    state.live.forEach(m -> seen.add(m.iova()));
    for (int i = 0; i < 100; i++) {
      long iova = driver(successor).map(endpoint, 0x20_0000, 0x1000, Permission.READ, ANYWHERE);
      assertThat(seen.add(iova)).as("0x%x handed out twice", iova).isTrue();
    }
    for (BareState.Mapping mapping : state.live) {
      WalkResult result = walk(successor, endpoint, mapping.iova(), Access.READ);
      assertThat(result.gpaOf(mapping.iova())).isEqualTo(mapping.gpa());
    }
    driver(successor).detachEndpoint(other);
    driver(successor).detachEndpoint(endpoint);
    driver(successor).attachEndpoint(endpoint);
    assertThat(walk(successor, endpoint, 0x1000, Access.READ).faultReason()).isEqualTo(6);
  }

  @Test
  void anUnmapRightAfterASwapFreesItsAddressOnce() throws Exception {
    Endpoint endpoint = state.endpoint(0, 1);
    IommuTableDriver old = driver(bringUp(48));
    old.attachEndpoint(endpoint);
    long first = old.map(endpoint, 0, 0x1000, Permission.READ, 0x2fff);
    long second = old.map(endpoint, 0, 0x1000, Permission.READ, 0x2fff);
    state.live.add(new BareState.Mapping(endpoint, second, 0, 0x1000, Permission.READ));

    // The ledger has forgotten the first already.
    IommuTableDriver successor = driver(attach(48));
    successor.unmap(endpoint, first, 0x1000);

    assertThat(successor.map(endpoint, 0, 0x1000, Permission.READ, 0x2fff)).isEqualTo(first);
    assertThatThrownBy(() -> successor.map(endpoint, 0, 0x1000, Permission.READ, 0x2fff))
        .isInstanceOf(IommuException.class);
  }
}
