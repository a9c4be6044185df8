package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.arch.x86.PcQ35MachineDefaults;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.machine.MachineRow;
import aperture.testkit.LazyInvalidationContractTest;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Invalidations that the operator lets the driver put off, and what they are in the queue. */
class VtdLazyTest extends LazyInvalidationContractTest {

  private static final long ANYWHERE = -1L;

  private final BareState state = new BareState();
  private IommuTableDriver driver;
  private Endpoint endpoint;

  @Override
  protected IommuBehavior behavior() {
    return new VtdBehavior();
  }

  @Override
  protected MachineRow row() {
    return new PcQ35MachineDefaults().rows().getLast();
  }

  @BeforeEach
  void attach() throws Exception {
    state.options.put("invalidation", "lazy");
    driver = behavior().attach(state).tableDriver().orElseThrow();
    driver.initialize();
    endpoint = state.endpoint(0, 1);
    driver.attachEndpoint(endpoint);
    state.invalidations.clear();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private long mapAndUnmap(Endpoint whose) throws IommuException {
    long iova = driver.map(whose, 0x1000, 0x1000, Permission.READ, ANYWHERE);
    driver.unmap(whose, iova, 0x1000);
    return iova;
  }

  @Test
  void manyUnmapsAreOneInvalidationOfTheDomain() throws Exception {
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 255; i++) {
      assertThat(seen.add(mapAndUnmap(endpoint))).isTrue();
    }
    assertThat(state.invalidations).isEmpty();
    assertThat(driver.deferred()).isTrue();

    mapAndUnmap(endpoint);

    assertThat(state.invalidations).containsExactly("domain 1 0x0+0x0");
    assertThat(driver.deferred()).isFalse();
  }

  @Test
  void aFlushInvalidatesEachDomainOnceAndThenNothing() throws Exception {
    Endpoint other = state.endpoint(0, 2);
    driver.attachEndpoint(other);
    state.invalidations.clear();
    for (int i = 0; i < 3; i++) {
      mapAndUnmap(endpoint);
      mapAndUnmap(other);
    }

    driver.flush();
    driver.flush();

    assertThat(state.invalidations).containsExactly("domain 1 0x0+0x0", "domain 2 0x0+0x0");
  }

  @Test
  void anEndpointsLastFlushComesBeforeItsDomainGoes() throws Exception {
    mapAndUnmap(endpoint);

    driver.detachEndpoint(endpoint);

    assertThat(state.invalidations)
        .containsExactly("domain 1 0x0+0x0", "endpoint 00:01.0", "domain 1 0x0+0x0");
  }
}
