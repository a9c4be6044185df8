package aperture.arch.ppc.phb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernel's half builds, and what the walker makes of it. */
class PhbTableDriverTest {

  private static final long ALL = -1L;
  private static final long HIGH = 1L << 59;
  private static final long GPA = 0x100_0000;

  private final TableState state = new TableState();
  private PhbInstance instance;
  private IommuTableDriver driver;

  @BeforeEach
  void bringUp() throws Exception {
    attach();
    driver.initialize();
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void attach() throws AttachRefusedException {
    instance = PhbInstance.attach(PhbModel.PHB3, state);
    driver = instance.tableDriver().orElseThrow();
  }

  private Endpoint endpoint(Map<String, String> attributes) throws IommuException {
    Endpoint endpoint = state.endpoint(attributes);
    driver.attachEndpoint(endpoint);
    return endpoint;
  }

  private WalkResult walk(Endpoint endpoint, long iova) {
    return TableState.walk(instance.walker(), endpoint, iova, Access.WRITE);
  }

  @Test
  void everyEndpointHasAPeAndATreeOfItsOwn() throws Exception {
    Endpoint first = endpoint(Map.of());
    Endpoint second = endpoint(Map.of());

    long one = driver.map(first, GPA, 4096, Permission.READ_WRITE, ALL);
    long two = driver.map(second, GPA + 4096, 4096, Permission.READ_WRITE, ALL);

    assertThat(two).isEqualTo(one).isPositive();
    assertThat(walk(first, one).gpaBase()).isEqualTo(GPA);
    assertThat(walk(second, two).gpaBase()).isEqualTo(GPA + 4096);
    assertThat(walk(second, two).domain()).isEqualTo(2);
  }

  @Test
  void aMappingOverSeveralTablesIsWhole() throws Exception {
    Endpoint endpoint = endpoint(Map.of());
    long size = 10L << 20;

    long iova = driver.map(endpoint, GPA, size, Permission.READ_WRITE, ALL);

    for (long at = 0; at < size; at += 4096) {
      assertThat(walk(endpoint, iova + at).gpaBase()).isEqualTo(GPA + at);
    }
    state.invalidations.clear();
    driver.unmap(endpoint, iova, size);
    assertThat(state.invalidations).containsExactly("domain 0x0 0x%x+0xa00000".formatted(iova));
    assertThat(walk(endpoint, iova + size - 1).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertThat(walk(endpoint, iova).faultReason()).isEqualTo(PestLayout.PAGE_FAULT);
  }

  @Test
  void mappingAFreshAddressInvalidatesNothing() throws Exception {
    Endpoint endpoint = endpoint(Map.of());
    state.invalidations.clear();

    driver.map(endpoint, GPA, 1 << 20, Permission.READ, ALL);

    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void aStrangersRequesterIsInTheReservedPe() throws Exception {
    Endpoint stranger = new Endpoint(40, "05:00.0", 0x500, Map.of());

    WalkResult result = walk(stranger, 0x5000);

    assertThat(result.stepValue(0)).isEqualTo(255);
    assertThat(result.faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertThat(instance.decode("RTT entry", 255)).isEqualTo("the reserved PE");
    assertThat(instance.decode("RTT entry", 7)).isEqualTo("PE 7");
    assertThat(instance.decode("TVE", 0)).isEqualTo("invalid");
    assertThat(instance.decode("TCE", 0x5003)).isEqualTo("0x5000, RW");
    assertThat(instance.decode("PESTA", 0)).startsWith("running");
    assertThat(instance.decode("page", 0)).isEmpty();
  }

  @Test
  void thereAreAsManyEndpointsAsPes() throws Exception {
    Endpoint last = new Endpoint(254, "01:00.0", 0x100, Map.of());
    driver.attachEndpoint(last);
    driver.map(last, GPA, 4096, Permission.READ, ALL);

    assertThatThrownBy(() -> driver.attachEndpoint(new Endpoint(255, "x", 0x108, Map.of())))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("255 PEs");
  }

  @Test
  void anEndpointWithBypassReachesAllMemoryAtItsOffset() throws Exception {
    Endpoint endpoint = endpoint(Map.of("bypass", "on"));

    long iova = driver.map(endpoint, GPA + 4096, 4096, Permission.READ, ALL);

    assertThat(iova).isEqualTo(HIGH + GPA + 4096);
    assertThat(walk(endpoint, iova).gpaOf(iova)).isEqualTo(GPA + 4096);
    driver.unmap(endpoint, iova, 4096);
    assertThat(walk(endpoint, iova).gpaOf(iova)).as("still within reach").isEqualTo(GPA + 4096);
    driver.mapAt(endpoint, iova, GPA + 4096, 4096, Permission.READ);
    assertThatThrownBy(() -> driver.mapAt(endpoint, iova, GPA, 4096, Permission.READ))
        .isInstanceOf(IommuException.class);
    long low = driver.map(endpoint, GPA, 4096, Permission.READ_WRITE, 0xffff_ffffL);
    assertThat(low).isLessThan(1L << 31);
    assertThat(walk(endpoint, HIGH + TableState.MEMORY).faultKind())
        .isEqualTo(FaultKind.ADDRESS_SIZE);
  }

  @Test
  void withoutBypassTheSecondWindowIsClosed() throws Exception {
    Endpoint endpoint = endpoint(Map.of());

    assertThat(walk(endpoint, HIGH + GPA).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertThat(driver.map(endpoint, GPA, 4096, Permission.READ, ALL)).isLessThan(1L << 31);
  }

  @Test
  void leavingClosesThePeAndGivesEveryTableBack() throws Exception {
    long before = state.bytesLeft;
    Endpoint endpoint = endpoint(Map.of("bypass", "on"));
    long iova = driver.map(endpoint, GPA, 10 << 20, Permission.READ_WRITE, ALL);

    driver.detachEndpoint(endpoint);

    assertThat(state.bytesLeft).isEqualTo(before);
    assertThat(walk(endpoint, iova).stepValue(0)).isEqualTo(255);
    driver.unmap(endpoint, iova, 10 << 20);
    driver.detachEndpoint(endpoint);
    assertThatThrownBy(() -> driver.map(endpoint, GPA, 4096, Permission.READ, 1L << 31))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void withoutMemoryForTablesNothingIsMapped() throws Exception {
    Endpoint endpoint = endpoint(Map.of());
    long iova = driver.map(endpoint, GPA, 4096, Permission.READ, ALL);
    state.bytesLeft = 0;

    assertThatThrownBy(() -> driver.map(endpoint, GPA, 8 << 20, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);

    driver.mapAt(endpoint, iova + 4096, GPA, 4096, Permission.READ);
    assertThatThrownBy(() -> driver.attachEndpoint(state.endpoint(Map.of())))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(driver::initialize).isInstanceOf(IommuException.class);
  }

  @Test
  void addressesAreRefusedThatAreTakenOrOutside() throws Exception {
    Endpoint endpoint = endpoint(Map.of());
    driver.mapAt(endpoint, 0x8000, GPA, 8192, Permission.READ_WRITE);

    for (long iova : new long[] {0x7000, 0x9000, 0, 1L << 31, HIGH + GPA, -4096}) {
      assertThatThrownBy(() -> driver.mapAt(endpoint, iova, GPA, 8192, Permission.READ))
          .isInstanceOf(IommuException.class);
    }
    assertThatThrownBy(() -> driver.map(endpoint, GPA, 4L << 30, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void aSuccessorFindsTreesAndWhatIsTaken() throws Exception {
    Endpoint endpoint = endpoint(Map.of("bypass", "on"));
    long iova = driver.map(endpoint, GPA, 8192, Permission.READ_WRITE, 1L << 31);
    state.enter(endpoint, iova, GPA, 8192);
    state.enter(endpoint, HIGH + GPA, GPA, 4096);

    attach();

    assertThat(walk(endpoint, iova).gpaBase()).isEqualTo(GPA);
    assertThat(driver.map(endpoint, GPA, 8192, Permission.READ, 1L << 31)).isNotEqualTo(iova);
    driver.unmap(endpoint, iova, 8192);
    assertThat(walk(endpoint, iova).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    state.enter(endpoint, 1L << 31, GPA, 4096);
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("0x80000000");
  }

  @Test
  void aTableThatTheGuestTurnedAwayIsNotWrittenTo() throws Exception {
    Endpoint endpoint = endpoint(Map.of());
    long iova = driver.map(endpoint, GPA, 4096, Permission.READ_WRITE, ALL);
    long root = TveLayout.table(state.tables().find(9).orElseThrow().get(0));
    state.memory().putBe64(state.memory().offsetOf(root, 8), TableState.MEMORY | 3);

    driver.unmap(endpoint, iova, 4096);

    assertThat(walk(endpoint, iova).faultKind()).isEqualTo(FaultKind.TABLE_READ);
  }

  @Test
  void nothingIsNotedUnlessSoftwareGaveATableForIt() throws Exception {
    Endpoint endpoint = endpoint(Map.of());

    assertThat(walk(endpoint, 0x5000).recorded()).isFalse();
    assertThat(instance.recordedFaults()).isEmpty();
    assertThat(new PowernvPhb3Behavior().capabilities().recordsFaults()).isFalse();
    state.registers().set("PHB_PEST_BAR", 1L << 63 | 0x20_0000);
    WalkResult result = walk(endpoint, 0x5000);
    assertThat(result.recorded()).isTrue();
    instance.recordFault(endpoint, result.toFault(endpoint, 0x5000, Access.WRITE));
    assertThat(instance.recordedFaults()).hasSize(1);
    assertThat(walk(endpoint, 0x5000).faultKind()).isEqualTo(FaultKind.BLOCKED);
  }
}
