package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.arch.x86.PcQ35MachineDefaults;
import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.dma.Direction;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.testkit.TestMachine;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Invalidations that the operator lets the driver put off. */
class VtdLazyTest {

  private static final long ANYWHERE = -1L;
  private static final long DEADLINE_NANOS = 20_000_000_000L;

  private final BareState state = new BareState();
  private IommuTableDriver driver;
  private Endpoint endpoint;

  @BeforeEach
  void bringUp() throws Exception {
    state.options.put("invalidation", "lazy");
    driver = new VtdBehavior().attach(state).tableDriver().orElseThrow();
    driver.initialize();
    endpoint = state.endpoint(0, 1);
    driver.attachEndpoint(endpoint);
    state.invalidations.clear();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private long mapAndUnmap(long limit) throws IommuException {
    long iova = driver.map(endpoint, 0x1000, 0x1000, Permission.READ, limit);
    driver.unmap(endpoint, iova, 0x1000);
    return iova;
  }

  @Test
  void manyUnmapsAreInvalidatedAtOnce() throws Exception {
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 255; i++) {
      assertThat(seen.add(mapAndUnmap(ANYWHERE))).isTrue();
    }
    assertThat(state.invalidations).isEmpty();
    assertThat(driver.deferred()).isTrue();

    mapAndUnmap(ANYWHERE);

    assertThat(state.invalidations).containsExactly("domain 1 0x0+0x0");
    assertThat(driver.deferred()).isFalse();
  }

  @Test
  void aFlushInvalidatesEachDomainOnceAndThenNothing() throws Exception {
    Endpoint other = state.endpoint(0, 2);
    driver.attachEndpoint(other);
    state.invalidations.clear();
    for (int i = 0; i < 3; i++) {
      mapAndUnmap(ANYWHERE);
      long iova = driver.map(other, 0, 0x1000, Permission.READ, ANYWHERE);
      driver.unmap(other, iova, 0x1000);
    }

    driver.flush();
    driver.flush();

    assertThat(state.invalidations).containsExactly("domain 1 0x0+0x0", "domain 2 0x0+0x0");
  }

  @Test
  void anAddressIsGivenToNobodyBeforeItIsInvalidated() throws Exception {
    long first = mapAndUnmap(0x2fff);
    long second = mapAndUnmap(0x2fff);
    assertThat(first).isNotEqualTo(second);
    assertThat(state.invalidations).isEmpty();

    // Both addresses below the limit are held back: the third mapping has to flush.
    long third = driver.map(endpoint, 0, 0x1000, Permission.READ, 0x2fff);
    assertThat(third).isIn(first, second);
    assertThat(state.invalidations).containsExactly("domain 1 0x0+0x0");

    driver.unmap(endpoint, third, 0x1000);
    driver.mapAt(endpoint, third, 0, 0x1000, Permission.READ);
    assertThat(state.invalidations).containsExactly("domain 1 0x0+0x0", "domain 1 0x0+0x0");
    assertThatThrownBy(() -> driver.mapAt(endpoint, third, 0, 0x1000, Permission.READ))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void anEndpointLeavesWithNothingPutOff() throws Exception {
    mapAndUnmap(ANYWHERE);

    driver.detachEndpoint(endpoint);

    assertThat(driver.deferred()).isFalse();
    assertThat(state.invalidations)
        .containsExactly("domain 1 0x0+0x0", "endpoint 00:01.0", "domain 1 0x0+0x0");
  }

  @Test
  void aDeviceLosesTheOldPageSoonWithoutAnotherCall() throws Exception {
    try (TestMachine machine =
        TestMachine.create(
            new VtdBehavior(),
            new PcQ35MachineDefaults().rows().getLast(),
            64L << 20,
            Map.of("invalidation", "lazy"))) {
      EndpointDma device = machine.addEndpoint();
      DriverFace face = machine.driver(device);
      DmaSession session = device.openSession();
      GuestBuffer buffer = face.allocate(4096);
      long iova = face.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL);
      assertThat(machine.translate(session, iova, 8, Access.WRITE).ok()).isTrue();

      face.unmap(iova, 4096);

      long deadline = System.nanoTime() + DEADLINE_NANOS;
      while (machine.translate(session, iova, 8, Access.WRITE).ok()) {
        assertThat(System.nanoTime()).as("still reached").isLessThan(deadline);
        Thread.onSpinWait();
      }
    }
  }
}
