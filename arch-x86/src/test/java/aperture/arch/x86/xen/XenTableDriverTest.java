package aperture.arch.x86.xen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuException;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class XenTableDriverTest {

  private static final long ANYWHERE = -1L;
  private static final long GRANT = 1L << 63;

  private final BareState state = new BareState();
  private IommuInstance instance;
  private IommuTableDriver driver;

  @AfterEach
  void close() {
    state.close();
  }

  private Endpoint bringUp(IommuBehavior behavior) throws Exception {
    attach(behavior);
    driver.initialize();
    Endpoint endpoint = state.endpoint(0, 1);
    driver.attachEndpoint(endpoint);
    return endpoint;
  }

  private void attach(IommuBehavior behavior) throws Exception {
    instance = behavior.attach(state);
    driver = instance.tableDriver().orElseThrow();
  }

  private WalkResult walk(Endpoint endpoint, long address, Access access) {
    return BareState.walk(instance.walker(), endpoint, address, access);
  }

  @Test
  void everyPageOfMemoryHasAMachineFrameOfItsOwn() throws Exception {
    Endpoint endpoint = bringUp(new XenPvBehavior());
    long list = state.values.get("P2M_LIST");
    assertThat(state.values.get("P2M_PAGES")).isEqualTo(16_384);

    Set<Long> seen = new HashSet<>();
    for (long frame = 0; frame < 16_384; frame++) {
      long machine = state.get(list + frame * 8);
      assertThat(seen.add(machine)).isTrue();
      WalkResult result = walk(endpoint, machine << 12, Access.WRITE);
      assertThat(result.outcome()).as(result.faultText()).isEqualTo(Outcome.TRANSLATED);
      assertThat(result.gpaBase()).isEqualTo(frame << 12);
    }
    // Contiguous in the guest up to 2 MiB, and not beyond.
    assertThat(state.get(list + 511 * 8)).isEqualTo(state.get(list) + 511);
    assertThat(state.get(list + 512 * 8)).isLessThan(state.get(list));
  }

  @Test
  void aMappingIsARowOfGrantsOfTheFramesThatLieThere() throws Exception {
    Endpoint endpoint = bringUp(new XenPvBehavior());
    long list = state.values.get("P2M_LIST");

    long address = driver.map(endpoint, 0x1f_f000, 0x2000, Permission.READ, ANYWHERE);

    assertThat(address).isEqualTo(GRANT | 8 << 12);
    long grants = state.values.get("GRANT_TABLE");
    assertThat(state.get(grants + 8 * 8)).isEqualTo(state.get(list + 511 * 8) << 32 | 5);
    assertThat(state.get(grants + 9 * 8)).isEqualTo(state.get(list + 512 * 8) << 32 | 5);
    assertThat(walk(endpoint, address + 0x1abc, Access.READ).gpaOf(address + 0x1abc))
        .isEqualTo(0x20_0abc);
    assertThat(walk(endpoint, address, Access.WRITE).outcome()).isEqualTo(Outcome.FAULT);
  }

  @Test
  void aMappingThatEndsFreesItsGrantsAndInvalidatesThem() throws Exception {
    Endpoint endpoint = bringUp(new XenHvmBehavior());
    long address = driver.map(endpoint, 0x10_0000, 0x3000, Permission.READ_WRITE, ANYWHERE);
    long grants = state.values.get("GRANT_TABLE");
    assertThat(state.get(grants + 10 * 8)).isEqualTo(0x102L << 32 | 1);
    state.invalidations.clear();

    driver.unmap(endpoint, address, 0x3000);

    assertThat(state.get(grants + 10 * 8)).isZero();
    assertThat(state.invalidations).containsExactly("domain 1 0x%x+0x3000".formatted(address));
    assertThat(walk(endpoint, address, Access.READ).outcome()).isEqualTo(Outcome.FAULT);
  }

  @Test
  void aDeviceWithoutSixtyFourAddressBitsGetsNoGrant() throws Exception {
    Endpoint endpoint = bringUp(new XenHvmBehavior());

    assertThatThrownBy(() -> driver.map(endpoint, 0, 4096, Permission.READ, (1L << 63) - 1))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("begin at 0x8000000000000000");
  }

  @Test
  void grantsAreUsedUpAndUsedAgain() throws Exception {
    Endpoint endpoint = bringUp(new XenHvmBehavior());
    long all = (256 * 512 - 8) * 4096L;
    long address = driver.map(endpoint, 0, all, Permission.READ, ANYWHERE);

    assertThatThrownBy(() -> driver.map(endpoint, 0, 4096, Permission.READ, ANYWHERE))
        .hasMessageContaining("no 1 free grants");
    driver.unmap(endpoint, address, all);
    assertThat(driver.map(endpoint, 0, 4096, Permission.READ, ANYWHERE)).isNegative();
  }

  @Test
  void anEntryThatIsInUseIsNotOverwrittenAndNothingIsMapped() throws Exception {
    Endpoint endpoint = bringUp(new XenHvmBehavior());
    long grants = state.values.get("GRANT_TABLE");
    state.put(grants + 9 * 8, 0x77L << 32 | 1);

    assertThatThrownBy(() -> driver.map(endpoint, 0, 0x3000, Permission.READ, ANYWHERE))
        .hasMessageContaining("grant 9 is in use");

    assertThat(state.get(grants + 8 * 8)).isZero();
    assertThat(state.get(grants + 9 * 8)).isEqualTo(0x77L << 32 | 1);
    driver.mapAt(endpoint, GRANT | 8 << 12, 0, 0x1000, Permission.READ);
  }

  @Test
  void aFrameWithoutMemoryCannotBeGranted() throws Exception {
    Endpoint endpoint = bringUp(new XenPvBehavior());
    state.put(state.values.get("P2M_LIST") + 5 * 8, -1L);

    assertThatThrownBy(() -> driver.map(endpoint, 0x4000, 0x2000, Permission.READ, ANYWHERE))
        .hasMessageContaining("frame 0x5 has no memory");
    assertThatThrownBy(() -> driver.map(endpoint, 1L << 30, 4096, Permission.READ, ANYWHERE))
        .hasMessageContaining("not in the list");
  }

  @Test
  void bringUpRunsOutOfMemoryWithoutATrace() throws Exception {
    for (long left : new long[] {0, 255, 256, 287}) {
      try (BareState other = new BareState()) {
        other.pagesLeft = left;
        IommuTableDriver fresh = new XenPvBehavior().attach(other).tableDriver().orElseThrow();

        assertThatThrownBy(fresh::initialize).isInstanceOf(IommuException.class);

        assertThat(other.taken).isEmpty();
        assertThat(other.values).isEmpty();
        assertThat(other.tables().all()).isEmpty();
        assertThatThrownBy(() -> fresh.attachEndpoint(Endpoint.pci(0, 0, 1, 0)))
            .hasMessageContaining("no grant table");
      }
    }
  }

  @Test
  void whatCannotBeExpressedIsRefused() throws Exception {
    Endpoint endpoint = bringUp(new XenHvmBehavior());
    assertThatThrownBy(() -> driver.map(endpoint, 0x123, 4096, Permission.READ, ANYWHERE))
        .hasMessageContaining("whole pages");
    assertThatThrownBy(() -> driver.map(endpoint, 1L << 44, 4096, Permission.READ, ANYWHERE))
        .hasMessageContaining("cannot be granted");
    assertThatThrownBy(() -> driver.map(endpoint, 0, 4096, Permission.NONE, ANYWHERE))
        .hasMessageContaining("without any permission");
    assertThatThrownBy(() -> driver.mapAt(endpoint, 0x5000, 0, 4096, Permission.READ))
        .hasMessageContaining("no row of grants");
    assertThatThrownBy(() -> driver.mapAt(endpoint, GRANT, 0, 4096, Permission.READ))
        .hasMessageContaining("is taken");
  }

  @Test
  void aSuccessorTakesGrantsOverFromTheLedger() throws Exception {
    Endpoint endpoint = bringUp(new XenPvBehavior());
    long first = driver.map(endpoint, 0x10_0000, 0x2000, Permission.READ_WRITE, ANYWHERE);
    state.live.add(
        new BareState.Mapping(endpoint, first, 0x10_0000, 0x2000, Permission.READ_WRITE));

    attach(new XenPvBehavior());

    assertThat(walk(endpoint, first, Access.READ).gpaOf(first)).isEqualTo(0x10_0000);
    assertThat(driver.map(endpoint, 0, 4096, Permission.READ, ANYWHERE)).isEqualTo(first + 0x2000);
    driver.detachEndpoint(endpoint);
    assertThat(walk(endpoint, first, Access.READ).outcome()).isEqualTo(Outcome.FAULT);
  }
}
