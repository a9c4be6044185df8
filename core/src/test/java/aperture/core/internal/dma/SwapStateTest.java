package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.testkit.HookedBehavior;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables, pages and mappings over swaps, rebuilds and departures. */
class SwapStateTest extends DmaFixture {

  private DmaSession session;

  @BeforeEach
  void open() {
    session = face.openSession();
  }

  private Set<Long> mapSome(int count) throws DmaException {
    Set<Long> mapped = new LinkedHashSet<>();
    for (int i = 0; i < count; i++) {
      mapped.add(map(1));
    }
    return mapped;
  }

  private void requireReachable(Set<Long> mapped) {
    for (long iova : mapped) {
      assertThat(tryOnce(session, iova, PAGE, Access.WRITE)).isEqualTo(TranslateStatus.OK);
    }
  }

  @Test
  void aRebuildGivesTheOldTablesBack() throws Exception {
    Set<Long> mapped = mapSome(10);
    long used = machine.pages().used();

    for (int version = 2; version < 12; version++) {
      assertThat(machine.swapTo(new HookedBehavior(version))).isTrue();
    }

    assertThat(machine.pages().used()).isEqualTo(used);
    requireReachable(mapped);
  }

  @Test
  void aRebuildThatFailsHalfwayLeavesEverythingAsItWas() throws Exception {
    Set<Long> mapped = mapSome(10);
    requireReachable(mapped);
    long used = machine.pages().used();
    Map<String, Long> registers = machine.unit().state().registers().snapshot();
    AtomicInteger maps = new AtomicInteger();
    HookedBehavior failing =
        new HookedBehavior(2)
            .onMapAt(() -> {
              if (maps.incrementAndGet() == 5) {
                throw new IllegalStateException("wrong in the bundle");
              }
            });

    assertThat(machine.swapTo(failing)).isFalse();

    assertThat(maps.get()).isEqualTo(5);
    assertThat(machine.pages().used()).isEqualTo(used);
    assertThat(machine.unit().state().registers().snapshot()).isEqualTo(registers);
    assertThat(machine.unit().state().ledger().size()).isEqualTo(10);
    requireReachable(mapped);
    assertThat(mapSome(5)).doesNotContainAnyElementsOf(mapped);
    assertThat(machine.swapTo(new HookedBehavior(3))).isTrue();
    requireReachable(mapped);
  }

  @Test
  void aRebuildWithoutMemoryForTablesLeavesEverythingAsItWas() throws Exception {
    Set<Long> mapped = mapSome(3);
    // The test behaviour needs 2 MiB for an endpoint's table; leave less.
    while (machine.pages().allocate(1 << 20, PAGE) >= 0) {
      assertThat(machine.pages().used()).isLessThan(MEMORY);
    }
    long used = machine.pages().used();

    assertThat(machine.swapTo(new HookedBehavior(2))).isFalse();

    assertThat(machine.pages().used()).isEqualTo(used);
    requireReachable(mapped);
  }

  @Test
  void mappingsEndedWhileNobodyWasThereAreGoneBeforeTheNextGrant() throws Exception {
    for (int version = 1; version <= 2; version++) {
      Set<Long> mapped = mapSome(6);
      machine.close(machine.revoke());
      long gone = mapped.iterator().next();
      driver.unmap(gone, PAGE);
      assertThatThrownBy(() -> driver.unmap(gone, PAGE))
          .as("it is ended for the driver")
          .isInstanceOf(DmaException.class);
      assertThat(machine.unit().mappings().countOf(face.endpoint())).isEqualTo(5);
      mapped.remove(gone);

      assertThat(machine.swapTo(new HookedBehavior(version))).isTrue();

      requireReachable(mapped);
      assertThat(tryOnce(session, gone, 8, Access.READ)).isEqualTo(TranslateStatus.FAULT);
      assertThat(machine.unit().state().ledger().size()).isEqualTo(5);
      for (long iova : mapped) {
        driver.unmap(iova, PAGE);
      }
    }
  }

  @Test
  void theAddressOfAMappingEndedMeanwhileIsNotHandedOutTwice() throws Exception {
    Set<Long> mapped = mapSome(6);
    machine.close(machine.revoke());
    driver.unmap(mapped.iterator().next(), PAGE);
    machine.swapTo(new HookedBehavior());

    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      long iova = map(1);
      assertThat(seen.add(iova)).isTrue();
      requireReachable(Set.of(iova));
    }
    assertThat(machine.unit().mappings().countOf(face.endpoint())).isEqualTo(55);
  }

  @Test
  void anEndpointThatLeavesTakesItsMappingsWithIt() throws Exception {
    EndpointDma second = machine.addEndpoint();
    DriverFace other = machine.driver(second);
    long gpa = other.allocate(PAGE).gpa();
    for (int i = 0; i < 20; i++) {
      other.map(gpa, PAGE, aperture.dma.Direction.TO_DEVICE);
    }
    Set<Long> mine = mapSome(3);

    machine.unit().endpoints().remove(second);

    assertThat(machine.unit().mappings().countOf(second.endpoint())).isZero();
    assertThat(machine.unit().state().ledger().size()).isEqualTo(3);
    assertThat(machine.swapTo(new HookedBehavior(2))).as("nothing stands in the way").isTrue();
    requireReachable(mine);
  }

  @Test
  void anEndpointThatLeavesWhileNobodyIsThereIsDetachedBeforeTheNextGrant() throws Exception {
    for (int version = 1; version <= 2; version++) {
      long before = machine.pages().used();
      EndpointDma second = machine.addEndpoint();
      DriverFace other = machine.driver(second);
      aperture.dma.GuestBuffer buffer = other.allocate(PAGE);
      other.map(buffer.gpa(), PAGE, aperture.dma.Direction.TO_DEVICE);
      machine.revoke();

      machine.unit().endpoints().remove(second);
      other.free(buffer);
      assertThat(machine.unit().mappings().countOf(second.endpoint())).isZero();
      assertThat(machine.swapTo(new HookedBehavior(version))).isTrue();

      assertThat(machine.pages().used()).as("its table is given back").isEqualTo(before);
      assertThat(machine.unit().state().ledger().size()).isZero();
    }
  }

  @Test
  void anIdentityThatCouldNotBeAttachedMayBeUsedAgain() throws Exception {
    behavior.onAttachEndpoint(() -> {
      throw new IllegalStateException("wrong in the bundle");
    });
    assertThatThrownBy(() -> machine.addEndpoint()).isInstanceOf(IllegalStateException.class);
    assertThat(machine.unit().state().endpoints()).as("it is not there").hasSize(1);
    behavior.onAttachEndpoint(() -> {});

    EndpointDma second = machine.addEndpoint();

    assertThat(second.endpoint().index()).isEqualTo(1);
    assertThat(machine.unit().state().endpoints()).hasSize(2);
  }

  @Test
  void anIdentityThatLeftMayComeBack() throws Exception {
    EndpointDma second = machine.addEndpoint();
    machine.unit().endpoints().remove(second);

    EndpointDma again =
        new EndpointDma(second.endpoint(), machine.memory(), machine.unit(), machine.faults());
    machine.unit().endpoints().add(again);
    again.select(aperture.access.AddressSpace.BUS);
    long iova =
        machine
            .driver(again)
            .map(driver.allocate(PAGE).gpa(), PAGE, aperture.dma.Direction.TO_DEVICE);

    assertThat(tryOnce(again.openSession(), iova, 8, Access.READ)).isEqualTo(TranslateStatus.OK);
    assertThat(machine.unit().state().endpoints()).hasSize(2);
  }
}
