package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.Assertions.assertFault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuException;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bits that an attachment in scalable mode is made of, read with plain numbers, and the pages
 * that they lie in.
 */
class VtdPasidTablesTest {

  private static final long ANYWHERE = -1L;
  private static final long PAGE_BITS = 0xfff;

  private final BareState state = new BareState();
  private IommuInstance instance;
  private IommuTableDriver driver;
  private Set<Long> before;

  @BeforeEach
  void bringUp() throws Exception {
    bringUp(48);
  }

  private void bringUp(int width) throws Exception {
    state.values.clear();
    state.options.put("mode", "scalable");
    instance = new VtdBehavior(width).attach(state);
    driver = instance.tableDriver().orElseThrow();
    driver.initialize();
    before = new HashSet<>(state.taken);
  }

  @AfterEach
  void close() {
    state.close();
  }

  private WalkResult read(Endpoint endpoint, long iova) {
    return BareState.walk(instance.walker(), endpoint, iova, Access.READ);
  }

  private long rootOfBus(int bus) {
    return (state.values.get("RTADDR") & ~PAGE_BITS) + bus * 16L;
  }

  /** Context entry of a device's function 0. */
  private long context(int bus, int device) {
    long half = state.get(rootOfBus(bus) + (device < 16 ? 0 : 8));
    return (half & ~PAGE_BITS) + (device & 15) * 8L * 32;
  }

  private long directory(long context) {
    return state.get(context) & ~PAGE_BITS;
  }

  private long pasids(long context) {
    return state.get(directory(context)) & ~PAGE_BITS;
  }

  private void assertZero(long from, long end) {
    for (long at = from; at < end; at += 8) {
      assertThat(state.get(at)).as("0x%x", at).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"39, 0x85", "48, 0x89", "57, 0x8d"})
  void anEndpointsEntriesLeadToItsSecondLevelTable(int width, String low) throws Exception {
    bringUp(width);
    driver.attachEndpoint(state.endpoint(9, 1));
    driver.attachEndpoint(state.endpoint(2, 3));

    assertThat(state.get(rootOfBus(2)) & PAGE_BITS).isEqualTo(1);
    assertThat(state.get(rootOfBus(2) + 8)).isZero();
    long context = context(2, 3);
    // Present, a directory of 512 entries, which is a page.
    assertThat(state.get(context) & PAGE_BITS).isEqualTo(0x401);
    assertZero(context + 8, context + 32);
    long directory = directory(context);
    assertThat(state.get(directory) & PAGE_BITS).isEqualTo(1);
    assertZero(directory + 8, directory + 4096);
    long pasid = pasids(context);
    assertThat(state.get(pasid) & PAGE_BITS).isEqualTo(Long.decode(low));
    assertThat(state.get(pasid + 8)).isEqualTo(2);
    assertZero(pasid + 16, pasid + 4096);
    assertZero(state.get(pasid) & ~PAGE_BITS, (state.get(pasid) & ~PAGE_BITS) + 4096);
    Set<Long> all = new HashSet<>(Set.of(context & ~PAGE_BITS, directory, pasid));
    all.add(state.get(pasid) & ~PAGE_BITS);
    assertThat(all).hasSize(4);
    assertThat(state.taken).containsAll(all).hasSize(before.size() + 8);
  }

  @ParameterizedTest
  @CsvSource({"39, 0x105", "48, 0x109", "57, 0x10d"})
  void theIdentityHasNoTable(int width, String low) throws Exception {
    bringUp(width);
    driver.attachIdentity(state.endpoint(2, 3));

    long pasid = pasids(context(2, 3));
    assertThat(state.get(pasid)).isEqualTo(Long.decode(low));
    assertThat(state.get(pasid + 8)).isEqualTo(1);
    assertZero(pasid + 16, pasid + 4096);
    assertThat(state.taken).hasSize(before.size() + 3);
  }

  @Test
  void theHalvesOfABusHaveContextTablesOfTheirOwn() throws Exception {
    Endpoint lower = state.endpoint(2, 15);
    Endpoint upper = state.endpoint(2, 16);
    driver.attachEndpoint(lower);
    driver.attachEndpoint(upper);
    long first = state.get(rootOfBus(2));
    long second = state.get(rootOfBus(2) + 8);

    assertThat(first & PAGE_BITS).isEqualTo(1);
    assertThat(second & PAGE_BITS).isEqualTo(1);
    assertThat(first).isNotEqualTo(second);
    assertThat(state.get((first & ~PAGE_BITS) + 120 * 32) & 1).isEqualTo(1);
    assertThat(state.get(second & ~PAGE_BITS) & 1).isEqualTo(1);

    driver.detachEndpoint(lower);

    assertThat(state.get(rootOfBus(2))).isZero();
    assertThat(state.get(rootOfBus(2) + 8)).isEqualTo(second);
    assertFault(read(lower, 0), 1, FaultKind.BLOCKED);
    assertFault(read(upper, 0), 6, FaultKind.UNMAPPED);
  }

  @Test
  void detachGivesEveryPageBackAndClosesTheEndpoint() throws Exception {
    Endpoint first = state.endpoint(4, 1);
    Endpoint second = state.endpoint(4, 2);
    Endpoint passed = state.endpoint(4, 3);
    driver.attachEndpoint(first);
    driver.attachEndpoint(second);
    driver.attachIdentity(passed);
    driver.map(first, 0, 0x80_0000, Permission.READ, ANYWHERE);
    driver.mapAt(first, 0x7f_ffff_f000L, 0, 0x2000, Permission.READ);
    long kept = driver.map(second, 0x1000, 0x1000, Permission.READ, ANYWHERE);

    driver.detachEndpoint(first);

    assertZero(context(4, 1), context(4, 1) + 32);
    assertFault(read(first, 0x1000), 2, FaultKind.BLOCKED);
    assertThat(read(second, kept).gpaOf(kept)).isEqualTo(0x1000);
    driver.detachEndpoint(passed);
    assertFault(read(passed, 0x1000), 2, FaultKind.BLOCKED);
    driver.detachEndpoint(second);
    assertFault(read(second, kept), 1, FaultKind.BLOCKED);
    assertThat(state.taken).isEqualTo(before);
    driver.detachEndpoint(second);
    assertThat(state.taken).isEqualTo(before);
  }

  @Test
  void pagesOfOneWhoLeftServeTheNextOne() throws Exception {
    Endpoint endpoint = state.endpoint(4, 1);
    for (int round = 0; round < 3; round++) {
      driver.attachEndpoint(endpoint);
      long iova = driver.map(endpoint, 0x3000, 0x1000, Permission.READ, ANYWHERE);
      assertThat(read(endpoint, iova).gpaOf(iova)).isEqualTo(0x3000);
      driver.detachEndpoint(endpoint);
    }
    assertThat(state.taken).isEqualTo(before);
  }

  @Test
  void attachingRunsOutOfMemoryWithoutATrace() throws Exception {
    Endpoint endpoint = state.endpoint(0, 1);
    for (int pages = 0; pages < 4; pages++) {
      state.pagesLeft = pages;
      assertThatThrownBy(() -> driver.attachEndpoint(endpoint))
          .isInstanceOf(IommuException.class)
          .hasMessageContaining("no memory");
      if (pages < 3) {
        assertThatThrownBy(() -> driver.attachIdentity(endpoint))
            .isInstanceOf(IommuException.class);
      }
      assertThat(state.taken).isEqualTo(before);
      assertThat(state.pagesLeft).isEqualTo(pages);
      assertFault(read(endpoint, 0), 1, FaultKind.BLOCKED);
    }
    state.pagesLeft = 4;
    driver.attachEndpoint(endpoint);
    assertFault(read(endpoint, 0), 6, FaultKind.UNMAPPED);
  }

  @Test
  void bringUpRunsOutOfMemoryWithoutATrace() {
    try (BareState fresh = new BareState()) {
      fresh.options.put("mode", "scalable");
      for (int pages = 0; pages < 3; pages++) {
        fresh.pagesLeft = pages;
        assertThatThrownBy(
                () -> new VtdBehavior().attach(fresh).tableDriver().orElseThrow().initialize())
            .isInstanceOf(IommuException.class);
        assertThat(fresh.taken).isEmpty();
        assertThat(fresh.values).isEmpty();
      }
    }
  }

  @Test
  void tablesThatNameOneAnotherAreGivenBackOnce() throws Exception {
    Endpoint endpoint = state.endpoint(0, 1);
    driver.attachEndpoint(endpoint);
    long context = context(0, 1);
    long directory = directory(context);
    long table = pasids(context);
    state.put(directory, directory | 1);

    driver.detachEndpoint(endpoint);

    Set<Long> lost = new HashSet<>(before);
    lost.add(table);
    assertThat(state.taken).isEqualTo(lost);
    assertFault(read(endpoint, 0), 1, FaultKind.BLOCKED);
  }

  @Test
  void damagedTablesAreAnErrorAndNotAnAccident() throws Exception {
    Endpoint endpoint = state.endpoint(0, 1);
    for (long damage : new long[] {0, 0xf_ffff_ffff_f001L, 0xf_ffff_ffff_f000L, -1L}) {
      driver.attachEndpoint(endpoint);
      long context = context(0, 1);
      state.put(directory(context), damage);
      // A newcomer, who remembers nothing.
      IommuTableDriver successor = new VtdBehavior().attach(state).tableDriver().orElseThrow();

      assertThatThrownBy(() -> successor.map(endpoint, 0, 0x1000, Permission.READ, ANYWHERE))
          .as("0x%x", damage)
          .hasMessageContaining("no address space");
      assertThatThrownBy(() -> successor.attachEndpoint(endpoint)).hasMessageContaining("already");
      successor.detachEndpoint(endpoint);
      assertThat(read(endpoint, 0).faultReason()).isEqualTo(0x58);

      state.put(context, 0xf_ffff_ffff_f001L);
      assertThatThrownBy(() -> successor.map(endpoint, 0, 0x1000, Permission.READ, ANYWHERE))
          .hasMessageContaining("no address space");
      driver.detachEndpoint(endpoint);
      assertFault(read(endpoint, 0), 1, FaultKind.BLOCKED);
    }
  }

  @Test
  void tablesOfAnotherTypeAreSomebodyElses() throws Exception {
    Endpoint endpoint = state.endpoint(0, 1);
    driver.attachEndpoint(endpoint);
    long pasid = pasids(context(0, 1));
    state.put(pasid, (state.get(pasid) & ~0x1c0L) | 3 << 6);
    Set<Long> taken = new HashSet<>(state.taken);
    IommuTableDriver successor = new VtdBehavior().attach(state).tableDriver().orElseThrow();

    assertThatThrownBy(() -> successor.map(endpoint, 0, 0x1000, Permission.READ, ANYWHERE))
        .hasMessageContaining("no address space");
    successor.detachEndpoint(endpoint);

    assertThat(state.taken).isEqualTo(taken);
    // Its domain id is not given to anybody else.
    successor.attachEndpoint(state.endpoint(0, 2));
    assertThat(state.get(pasids(context(0, 2)) + 8)).isEqualTo(2);
  }
}
