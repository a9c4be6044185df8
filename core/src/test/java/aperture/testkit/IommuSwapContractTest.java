package aperture.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuState;
import aperture.machine.MachineRow;
import aperture.testkit.TestMachine.Translation;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every IOMMU kind must keep over a hot swap, and bear from hostile tables. */
public abstract class IommuSwapContractTest {

  private static final long MEMORY = 64L << 20;

  private TestMachine machine;
  private EndpointDma endpoint;
  private DriverFace driver;
  private DmaSession session;

  /** A fresh behaviour of the kind under test. */
  protected abstract IommuBehavior behavior();

  /** A row of a machine that has this kind in front of its devices. */
  protected abstract MachineRow row();

  /** Options of the IOMMU. */
  protected Map<String, String> options() {
    return Map.of();
  }

  @BeforeEach
  void bringUp() throws Exception {
    machine = TestMachine.create(behavior(), row(), MEMORY, options());
    endpoint = machine.addEndpoint();
    driver = machine.driver(endpoint);
    session = endpoint.openSession();
  }

  @AfterEach
  void takeDown() {
    machine.close();
  }

  private Map<Long, Long> mapSome(int count) throws DmaException {
    Map<Long, Long> live = new LinkedHashMap<>();
    GuestBuffer pool = driver.allocate((long) count * 8192);
    for (int i = 0; i < count; i++) {
      long gpa = pool.gpa() + i * 8192L;
      live.put(driver.map(gpa, 8192, Direction.BIDIRECTIONAL), gpa);
    }
    return live;
  }

  private void assertAllReachable(Map<Long, Long> live) {
    live.forEach((iova, gpa) -> {
      Translation translation = machine.translate(session, iova, 8192, Access.WRITE);
      assertThat(translation.fault()).isEmpty();
      assertThat(translation.gpa()).isEqualTo(gpa);
    });
  }

  @Test
  void aSuccessorOfTheSameStateVersionKeepsEveryMappingAndHandsOutNoneTwice() throws Exception {
    Map<Long, Long> live = mapSome(300);

    assertThat(machine.swapTo(behavior())).isTrue();

    assertAllReachable(live);
    Set<Long> seen = new HashSet<>(live.keySet());
    for (Long fresh : mapSome(300).keySet()) {
      assertThat(seen.add(fresh)).as("0x%x handed out twice", fresh).isTrue();
    }
    for (Long iova : live.keySet()) {
      driver.unmap(iova, 8192);
    }
    assertThat(machine.unit().mappings().countOf(endpoint.endpoint())).isEqualTo(300);
  }

  @Test
  void aSuccessorOfAnotherStateVersionRebuildsEveryMappingAtItsAddress() throws Exception {
    Map<Long, Long> live = mapSome(300);

    assertThat(machine.swapTo(new RenumberedBehavior(behavior()))).isTrue();

    assertAllReachable(live);
    for (Long iova : live.keySet()) {
      driver.unmap(iova, 8192);
    }
  }

  @Test
  void anEndpointWithTheIdentityKeepsItWhoeverComes() throws Exception {
    assumeTrue(behavior().capabilities().identity(), "the kind has no identity");
    EndpointDma passed = machine.addIdentityEndpoint();
    GuestBuffer buffer = driver.allocate(4096);
    for (IommuBehavior successor : List.of(behavior(), new RenumberedBehavior(behavior()))) {
      assertThat(machine.swapTo(successor)).isTrue();

      try (DmaSession own = passed.openSession()) {
        assertThat(machine.translate(own, buffer.gpa(), 4096, Access.WRITE).gpa())
            .isEqualTo(buffer.gpa());
      }
      machine.unit().endpoints().changeDomain(passed.endpoint(), false);
      machine.unit().endpoints().changeDomain(passed.endpoint(), true);
    }
  }

  @Test
  void aRefusedSuccessorLeavesTheOldOneAtWork() throws Exception {
    Map<Long, Long> live = mapSome(20);

    assertThat(machine.swapTo(new Refusing(behavior(), behavior().stateVersion()))).isFalse();
    assertAllReachable(live);
    assertThat(machine.swapTo(new Refusing(behavior(), 999))).isFalse();

    assertAllReachable(live);
    assertThat(mapSome(1)).hasSize(1);
  }

  @Test
  void withNobodyLeftTheEndpointIsClosedAndReopensWithItsMappings() throws Exception {
    Map<Long, Long> live = mapSome(20);

    long swap = machine.revoke();
    assertThat(session.begin()).isFalse();
    machine.close(swap);

    assertThat(session.begin()).isFalse();
    assertThatThrownBy(() -> mapSome(1)).isInstanceOf(DmaException.class);
    Map.Entry<Long, Long> released = live.entrySet().iterator().next();
    driver.unmap(released.getKey(), 8192);
    live.remove(released.getKey());
    assertThat(machine.swapTo(behavior())).isTrue();
    assertAllReachable(live);
    Translation gone = machine.translate(session, released.getKey(), 8, Access.WRITE);
    if (behavior().capabilities().protects()) {
      assertThat(gone.ok() && gone.gpa() == released.getValue()).isFalse();
    }
  }

  @Test
  void swapsUnderConcurrentMappingAndTranslationLoseNothing() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Map<Long, Long> fixed = mapSome(64);
    Thread device = Thread.ofPlatform().start(() -> translateUntil(stop, fixed, failure));
    Thread mapper = Thread.ofPlatform().start(() -> mapUntil(stop, failure));
    for (int i = 0; i < 30; i++) {
      assertThat(machine.swapTo(i % 3 == 2 ? new RenumberedBehavior(behavior()) : behavior()))
          .isTrue();
    }
    stop.set(true);
    device.join();
    mapper.join();

    assertThat(failure.get()).isNull();
    assertAllReachable(fixed);
  }

  private void translateUntil(
      AtomicBoolean stop, Map<Long, Long> fixed, AtomicReference<Throwable> failure) {
    DmaSession own = endpoint.openSession();
    try {
      while (!stop.get()) {
        for (Map.Entry<Long, Long> one : fixed.entrySet()) {
          own.awaitGrant();
          translateOne(own, one);
        }
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    } finally {
      own.close();
    }
  }

  private void translateOne(DmaSession own, Map.Entry<Long, Long> one) {
    DmaRanges ranges = new DmaRanges();
    if (!own.begin()) {
      return;
    }
    var status = own.translate(one.getKey(), 8192, Access.READ, ranges);
    own.hold();
    long gpa = ranges.count() == 0 ? -1 : machine.memory().gpaOf(ranges.offset(0));
    own.end();
    assertThat(status).isIn(TranslateStatus.OK, TranslateStatus.RESTART);
    if (status == TranslateStatus.OK) {
      assertThat(gpa).isEqualTo(one.getValue());
    }
  }

  private void mapUntil(AtomicBoolean stop, AtomicReference<Throwable> failure) {
    try {
      GuestBuffer buffer = driver.allocate(8192);
      while (!stop.get()) {
        long iova = driver.map(buffer.gpa(), 8192, Direction.TO_DEVICE);
        driver.unmap(iova, 8192);
      }
    } catch (Throwable e) {
      failure.compareAndSet(null, e);
    }
  }

  @Test
  void hostileTablesNeverBreakTheWalker() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<Long, Long> live = mapSome(50);
    Long[] addresses = live.keySet().toArray(Long[]::new);
    long size = machine.memory().size();
    for (int round = 0; round < 2000; round++) {
      // Tables lie low in memory, where the allocator begins: most hits are entries.
      long at = (random.nextInt(4) == 0 ? random.nextLong(size - 8) : random.nextLong(1 << 20));
      machine
          .memory()
          .putLe64(at & ~7L, random.nextInt(3) == 0 ? random.nextLong() : at * 4096 + 3);
      machine.invalidateAll();
      long iova = addresses[random.nextInt(addresses.length)] + random.nextInt(1 << 24);
      Translation translation =
          machine.translate(
              session,
              iova,
              1 + random.nextInt(20_000),
              random.nextBoolean() ? Access.READ : Access.WRITE);
      assertThat(translation.ok() || translation.fault().isPresent())
          .as("seed %d round %d", seed, round)
          .isTrue();
    }
  }

  /** A behaviour that will not. */
  private record Refusing(IommuBehavior behavior, int stateVersion) implements IommuBehavior {

    @Override
    public String kind() {
      return behavior.kind();
    }

    @Override
    public IommuCapabilities capabilities() {
      return behavior.capabilities();
    }

    @Override
    public Set<String> options() {
      return behavior.options();
    }

    @Override
    public IommuInstance attach(IommuState state) throws AttachRefusedException {
      throw new AttachRefusedException("refused for a test");
    }
  }
}
