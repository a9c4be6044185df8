package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.Assertions.assertFault;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.arch.x86.PcQ35MachineDefaults;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.Replay;
import aperture.core.internal.iommu.Supplier;
import aperture.dma.Direction;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuException;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuSnapshot;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.testkit.TestMachine;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver in scalable mode: bring-up, what it tells the unit, and who comes after it. */
class VtdScalableDriverTest {

  private static final long ANYWHERE = -1L;

  /** Low halves of descriptors: the wait behind each batch. */
  private static final long WAIT = 0x2_0000_0025L;

  private final BareState state = new BareState();

  @BeforeEach
  void choose() {
    state.options.put("mode", "scalable");
  }

  @AfterEach
  void close() {
    state.close();
  }

  private IommuInstance bringUp(int width) throws IommuException, AttachRefusedException {
    IommuInstance instance = new VtdBehavior(width).attach(state);
    driver(instance).initialize();
    return instance;
  }

  private static IommuTableDriver driver(IommuInstance instance) {
    return instance.tableDriver().orElseThrow();
  }

  private static WalkResult walk(
      IommuInstance instance, Endpoint endpoint, long iova, Access access) {
    return BareState.walk(instance.walker(), endpoint, iova, access);
  }

  /** Low halves of the descriptors from an offset to the tail. */
  private List<Long> queuedFrom(long offset) {
    List<Long> found = new ArrayList<>();
    for (long at = offset; at < state.values.get("IQT"); at += 16) {
      found.add(state.get(state.values.get("IQA") + at));
    }
    return found;
  }

  @ParameterizedTest
  @ValueSource(ints = {39, 48, 57})
  void bringUpLeavesTheRegistersAsAKernelDoes(int width) throws Exception {
    bringUp(width);

    assertThat(state.values.get("VER")).isEqualTo(0x10);
    assertThat(state.values.get("CAP")).isEqualTo(HandmadeTables.capability(width));
    assertThat(state.values.get("ECAP")).isEqualTo(0x4800_8000_0f42L);
    assertThat(state.values.get("GSTS")).isEqualTo(0xc400_0000L);
    assertThat(state.values.get("RTADDR") & 0xfff).isEqualTo(0x400);
    // Context cache, PASID cache and IOTLB, all of each.
    assertThat(queuedFrom(0)).containsExactly(0x11L, WAIT, 0x37L, WAIT, 0x12L, WAIT);
    assertThat(state.values.get("IQH")).isEqualTo(0x60);
    assertThat(state.values.get("FSTS")).isNull();
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

    WalkResult result = walk(instance, endpoint, read + 0x2fff, Access.READ);
    assertThat(result.gpaOf(read + 0x2fff)).isEqualTo(0x10_2fff);
    assertThat(result.permission()).isEqualTo(Permission.READ);
    assertThat(result.domain()).isEqualTo(1);
    assertFault(walk(instance, endpoint, read, Access.WRITE), 5, FaultKind.DENIED);
    assertFault(walk(instance, endpoint, write, Access.READ), 6, FaultKind.DENIED);
    driver.unmap(endpoint, read, 0x3000);
    assertFault(walk(instance, endpoint, read, Access.READ), 6, FaultKind.UNMAPPED);
  }

  @Test
  void theIdentityPassesEverythingUntilItIsTakenAway() throws Exception {
    IommuInstance instance = bringUp(48);
    Endpoint endpoint = state.endpoint(0, 1);
    driver(instance).attachIdentity(endpoint);

    WalkResult result = walk(instance, endpoint, 0x1234_5678L, Access.WRITE);
    assertThat(result.gpaOf(0x1234_5678L)).isEqualTo(0x1234_5678L);
    assertThat(result.domain()).isEqualTo(1);
    assertThatThrownBy(() -> driver(instance).attachEndpoint(endpoint))
        .hasMessageContaining("already");
    assertThatThrownBy(() -> driver(instance).map(endpoint, 0, 0x1000, Permission.READ, ANYWHERE))
        .hasMessageContaining("no address space");

    driver(instance).detachEndpoint(endpoint);

    assertFault(walk(instance, endpoint, 0x1000, Access.READ), 1, FaultKind.BLOCKED);
  }

  @Test
  void aDetachDropsContextThenPasidsThenTranslations() throws Exception {
    IommuTableDriver driver = driver(bringUp(48));
    Endpoint first = state.endpoint(4, 1);
    Endpoint second = state.endpoint(4, 2);
    driver.attachEndpoint(first);
    driver.attachEndpoint(second);
    long tail = state.values.get("IQT");
    state.invalidations.clear();

    driver.detachEndpoint(second);

    assertThat(queuedFrom(tail))
        .containsExactly(0x410_0002_0031L, WAIT, 0x2_0007L, WAIT, 0x2_0022L, WAIT);
    assertThat(state.invalidations)
        .containsExactly("endpoint 04:02.0", "domain 2 0x0+0x0", "domain 2 0x0+0x0");
  }

  @Test
  void aUnitThatCachesAbsentEntriesIsToldOfNewOnes() throws Exception {
    state.registers().set("CAP", HandmadeTables.CAP_48 | 0x80);
    state.registers().set("ECAP", 0x4800_8000_0f42L);
    IommuTableDriver driver = driver(bringUp(48));
    Endpoint endpoint = state.endpoint(0, 1);
    long tail = state.values.get("IQT");

    driver.attachEndpoint(endpoint);

    assertThat(queuedFrom(tail))
        .containsExactly(0x8_0001_0031L, WAIT, 0x1_0007L, WAIT, 0x1_0022L, WAIT);
  }

  @Test
  void aUnitInUseWithoutScalableModeIsRefusedWithoutATrace() throws Exception {
    state.registers().set("CAP", HandmadeTables.CAP_48);
    state.registers().set("ECAP", HandmadeTables.ECAP);
    Map<String, Long> before = Map.copyOf(state.values);

    assertThatThrownBy(() -> bringUp(48))
        .isInstanceOf(IommuException.class)
        .hasMessage("ECAP 0xf42 has no second-level tables of scalable mode");

    assertThat(state.values).isEqualTo(before);
    assertThat(state.taken).isEmpty();
  }

  @Test
  void aSuccessorKeepsTheModeThatTheTablesAreIn() throws Exception {
    Endpoint endpoint = state.endpoint(0, 1);
    Endpoint passed = state.endpoint(5, 0x11);
    IommuTableDriver old = driver(bringUp(39));
    Set<Long> before = new HashSet<>(state.taken);
    old.attachEndpoint(endpoint);
    old.attachIdentity(passed);
    for (int i = 0; i < 100; i++) {
      long iova = old.map(endpoint, i * 0x1000L, 0x1000, Permission.READ, ANYWHERE);
      state.live.add(new BareState.Mapping(endpoint, iova, i * 0x1000L, 0x1000, Permission.READ));
    }
    Map<String, Long> registers = Map.copyOf(state.values);

    // The newcomer's options say legacy tables of another width; what is there decides.
    state.options.clear();
    IommuInstance successor = new VtdBehavior(48).attach(state);

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
    Endpoint third = state.endpoint(0, 2);
    driver(successor).attachEndpoint(third);
    assertThat(walk(successor, passed, 0x5000, Access.WRITE).gpaOf(0x5000)).isEqualTo(0x5000);
    driver(successor).detachEndpoint(third);
    driver(successor).detachEndpoint(passed);
    driver(successor).detachEndpoint(endpoint);
    assertThat(state.taken).isEqualTo(before);
  }

  @Test
  void aSuccessorThatWouldBuildScalableTablesKeepsLegacyOnes() throws Exception {
    state.options.clear();
    Endpoint endpoint = state.endpoint(0, 1);
    IommuTableDriver old = driver(bringUp(48));
    old.attachEndpoint(endpoint);
    long iova = old.map(endpoint, 0x7000, 0x1000, Permission.READ, ANYWHERE);
    state.live.add(new BareState.Mapping(endpoint, iova, 0x7000, 0x1000, Permission.READ));

    state.options.put("mode", "scalable");
    IommuInstance successor = new VtdBehavior(48).attach(state);
    Endpoint other = state.endpoint(0, 2);
    driver(successor).attachEndpoint(other);
    long second = driver(successor).map(other, 0x8000, 0x1000, Permission.READ, ANYWHERE);

    assertThat(walk(successor, endpoint, iova, Access.READ).gpaOf(iova)).isEqualTo(0x7000);
    assertThat(walk(successor, other, second, Access.READ).gpaOf(second)).isEqualTo(0x8000);
    driver(successor).unmap(endpoint, iova, 0x1000);
    assertFault(walk(successor, endpoint, iova, Access.READ), 6, FaultKind.UNMAPPED);
  }

  @Test
  void aCaptureOfItAnswersAndExplainsItselfAsTheMachineDoes() throws Exception {
    VtdBehavior behavior = new VtdBehavior();
    try (TestMachine machine =
        TestMachine.create(
            behavior,
            new PcQ35MachineDefaults().rows().getLast(),
            BareState.MEMORY,
            Map.of("mode", "scalable"))) {
      EndpointDma device = machine.addEndpoint();
      long gpa = machine.driver(device).allocate(0x1000).gpa();
      long iova = machine.driver(device).map(gpa, 0x1000, Direction.TO_DEVICE);

      IommuSnapshot capture = machine.unit().snapshot("pc-q35-7.2");

      assertThat(capture.registers())
          .containsEntry("ECAP", 0x4800_8000_0f42L)
          .hasEntrySatisfying("RTADDR", rtaddr -> assertThat(rtaddr & 0xc00).isEqualTo(0x400));
      TranslationReport report =
          Replay.explain(
              new Supplier<>(behavior, behavior.kind(), "x86", "test", List.of(1), 0, 0),
              capture,
              device.endpoint().id(),
              iova,
              0x1000,
              Access.READ);
      assertThat(report.fault()).isEmpty();
      assertThat(report.ranges())
          .singleElement()
          .satisfies(r -> assertThat(r.gpa()).isEqualTo(gpa));
      assertThat(report.toString())
          .contains("PASID directory", "of 512 entries")
          .contains("PASID 0x0 for requests without one")
          .contains("present, second level", "4 levels (48 bits)")
          .contains("domain 1");
    }
  }
}
