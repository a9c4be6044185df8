package aperture.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.core.internal.dma.UnitLock;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.FlushQueue;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuException;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.machine.MachineRow;
import aperture.testkit.TestMachine.Translation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every IOMMU kind must keep whose operator may have its invalidations put off. Where a test
 * says what happens before a flush it holds the IOMMU's lock, so that core's own flush waits.
 */
public abstract class LazyInvalidationContractTest {

  private static final long MEMORY = 64L << 20;
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private TestMachine machine;
  private EndpointDma device;
  private DriverFace face;
  private DmaSession session;
  private Endpoint endpoint;
  private long page;

  /** A fresh behaviour of the kind under test. */
  protected abstract IommuBehavior behavior();

  /** A row of a machine that has this kind in front of its devices. */
  protected abstract MachineRow row();

  /** Options of the IOMMU. */
  protected Map<String, String> options() {
    return Map.of();
  }

  /** Unmaps of one page each, made one after the other, within which there is a flush. */
  protected int most() {
    return FlushQueue.MOST;
  }

  private TestMachine create(String mode) throws Exception {
    Map<String, String> chosen = new HashMap<>(options());
    chosen.put(InvalidationMode.OPTION, mode);
    return TestMachine.create(behavior(), row(), MEMORY, chosen);
  }

  @BeforeEach
  void bringUp() throws Exception {
    machine = create("lazy");
    device = machine.addEndpoint();
    endpoint = device.endpoint();
    face = machine.driver(device);
    session = device.openSession();
    UnitLock.holding(machine.unit(), driver -> page = driver.pageSize());
  }

  @AfterEach
  void takeDown() {
    machine.close();
  }

  private void alone(UnitLock.Body body) throws Exception {
    UnitLock.holding(machine.unit(), body);
  }

  /** Maps a page and has the device use it, so that its translation is cached. */
  private long mapCached(GuestBuffer buffer) throws DmaException {
    long iova = face.map(buffer.gpa(), page, Direction.BIDIRECTIONAL);
    assertThat(reaches(iova, buffer)).isTrue();
    return iova;
  }

  private boolean reaches(long iova, GuestBuffer buffer) {
    Translation translation = machine.translate(session, iova, 8, Access.WRITE);
    return translation.ok() && translation.gpa() == buffer.gpa();
  }

  private void churn(GuestBuffer buffer) throws DmaException {
    face.unmap(face.map(buffer.gpa(), page, Direction.BIDIRECTIONAL), page);
  }

  @Test
  void aStaleTranslationIsUsedUntilTheFlushAndNeverAfterIt() throws Exception {
    GuestBuffer buffer = face.allocate(page);
    for (int round = 0; round < 20; round++) {
      long iova = mapCached(buffer);
      alone(driver -> {
        face.unmap(iova, page);
        assertThat(driver.deferred()).isTrue();
        assertThat(reaches(iova, buffer)).as("what is cached still holds").isTrue();

        driver.flush();

        assertThat(driver.deferred()).isFalse();
        assertThat(reaches(iova, buffer)).isFalse();
      });
    }
  }

  @Test
  void whatIsNotCachedIsGoneAtOnce() throws Exception {
    GuestBuffer buffer = face.allocate(page);
    alone(driver -> {
      long iova = face.map(buffer.gpa(), page, Direction.BIDIRECTIONAL);
      face.unmap(iova, page);

      assertThat(driver.deferred()).isTrue();
      assertThat(reaches(iova, buffer)).isFalse();
    });
  }

  @Test
  void coreFlushesSoonWithoutAnotherCall() throws Exception {
    GuestBuffer buffer = face.allocate(page);
    long iova = mapCached(buffer);

    face.unmap(iova, page);

    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (reaches(iova, buffer)) {
      assertThat(System.nanoTime()).as("still reached").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  @Test
  void manyUnmapsAreFlushedTogetherAndNotLaterThanTheBound() throws Exception {
    GuestBuffer buffer = face.allocate(page);
    GuestBuffer other = face.allocate(page);
    long iova = mapCached(buffer);
    alone(driver -> {
      face.unmap(iova, page);
      int unmaps = 1;
      while (reaches(iova, buffer)) {
        churn(other);
        assertThat(++unmaps).isLessThanOrEqualTo(most());
      }

      assertThat(unmaps).isGreaterThan(most() / 8);
    });
  }

  @Test
  void anAddressIsGivenToNobodyBeforeTheFlush() throws Exception {
    GuestBuffer buffer = face.allocate(page);
    long lowest = face.map(buffer.gpa(), page, Direction.TO_DEVICE);
    // So little room that addresses come back soon.
    long limit = lowest + 16 * page - 1;
    alone(driver -> {
      Set<Long> held = new HashSet<>();
      int generations = 0;
      for (int round = 0; generations < 10; round++) {
        assertThat(round).as("flushed in time").isLessThan(1000);
        long iova = driver.map(endpoint, buffer.gpa(), page, Permission.READ, limit);
        forgetFlushed(driver, held);
        assertThat(held.contains(iova)).as("round %d: 0x%x", round, iova).isFalse();
        driver.unmap(endpoint, iova, page);
        held.add(iova);
        generations += held.size() == 1 ? 1 : 0;
        forgetFlushed(driver, held);
      }
    });
  }

  private static void forgetFlushed(IommuTableDriver driver, Set<Long> held) {
    if (!driver.deferred()) {
      held.clear();
    }
  }

  @Test
  void aMappingThatNeedsAHeldBackAddressHasItFlushed() throws Exception {
    GuestBuffer first = face.allocate(page);
    GuestBuffer second = face.allocate(page);
    long iova = mapCached(first);
    alone(driver -> {
      face.unmap(iova, page);
      assertThat(reaches(iova, first)).isTrue();

      driver.mapAt(endpoint, iova, second.gpa(), page, Permission.READ_WRITE);

      assertThat(reaches(iova, second)).isTrue();
      assertThatThrownBy(
              () -> driver.mapAt(endpoint, iova, first.gpa(), page, Permission.READ_WRITE))
          .isInstanceOf(IommuException.class);
      driver.unmap(endpoint, iova, page);
    });
  }

  @Test
  void heldBackAddressesDoNotMakeTheApertureSmaller() throws Exception {
    GuestBuffer buffer = face.allocate(page);
    GuestBuffer last = face.allocate(page);
    long lowest = mapCached(buffer);
    // Room for two pages: the device's mask ends right behind them.
    face.unmap(lowest, page);
    alone(driver -> {
      driver.flush();
      long limit = lowest + 2 * page - 1;
      long[] both = new long[2];
      for (int i = 0; i < 2; i++) {
        both[i] = driver.map(endpoint, buffer.gpa(), page, Permission.READ_WRITE, limit);
        assertThat(reaches(both[i], buffer)).isTrue();
      }
      driver.unmap(endpoint, both[0], page);
      driver.unmap(endpoint, both[1], page);

      long third = driver.map(endpoint, last.gpa(), page, Permission.READ_WRITE, limit);

      assertThat(third).isIn(both[0], both[1]);
      assertThat(reaches(third, last)).isTrue();
      driver.unmap(endpoint, third, page);
    });
  }

  @Test
  void anEndpointLeavesWithNothingPutOff() throws Exception {
    GuestBuffer buffer = face.allocate(page);
    long iova = mapCached(buffer);
    alone(driver -> {
      face.unmap(iova, page);

      machine.unit().endpoints().remove(device);

      assertThat(driver.deferred()).isFalse();
    });
  }

  @Test
  void aSwapInTheWindowLosesNothing() throws Exception {
    for (boolean rebuilt : new boolean[] {false, true}) {
      GuestBuffer pool = face.allocate(64 * page);
      Map<Long, Long> live = new LinkedHashMap<>();
      for (int i = 0; i < 64; i++) {
        long gpa = pool.gpa() + i * page;
        long iova = face.map(gpa, page, Direction.BIDIRECTIONAL);
        assertThat(machine.translate(session, iova, page, Access.WRITE).gpa()).isEqualTo(gpa);
        live.put(iova, gpa);
      }
      Map<Long, Long> gone = new LinkedHashMap<>(live);
      gone.values().removeIf(gpa -> (gpa / page) % 2 == 0);
      live.keySet().removeAll(gone.keySet());
      alone(driver -> {
        for (long iova : gone.keySet()) {
          face.unmap(iova, page);
        }
        assertThat(driver.deferred()).isTrue();
      });

      assertThat(machine.swapTo(rebuilt ? new RenumberedBehavior(behavior()) : behavior()))
          .isTrue();

      gone.forEach((iova, gpa) -> {
        Translation after = machine.translate(session, iova, 8, Access.WRITE);
        assertThat(after.ok() && after.gpa() == gpa).isFalse();
      });
      for (int i = 0; i < 64; i++) {
        live.put(
            face.map(pool.gpa() + i * page, page, Direction.BIDIRECTIONAL), pool.gpa() + i * page);
      }
      assertThat(live).as("none handed out twice").hasSize(32 + 64);
      live.forEach((iova, gpa) ->
          assertThat(machine.translate(session, iova, page, Access.WRITE).gpa()).isEqualTo(gpa));
      for (long iova : live.keySet()) {
        face.unmap(iova, page);
      }
    }
  }

  @Test
  void randomMappingsAgreeWithAModelWhateverIsPutOff() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    GuestBuffer pool = face.allocate(8 << 20);
    Map<Long, long[]> live = new LinkedHashMap<>();
    for (int step = 0; step < 3000; step++) {
      if (live.isEmpty() || random.nextInt(100) < 52) {
        long gpa = pool.gpa() + random.nextInt(1 << 20);
        long length = 1L + random.nextInt(random.nextInt(20) == 0 ? 300_000 : 9_000);
        live.put(face.map(gpa, length, Direction.BIDIRECTIONAL), new long[] {gpa, length});
      } else {
        long iova = live.keySet().stream().skip(random.nextInt(live.size())).findFirst().get();
        long[] gone = live.remove(iova);
        face.unmap(iova, gone[1]);
        if (random.nextBoolean()) {
          // A device that does not keep to its mappings must not spoil what comes after them.
          machine.translate(session, iova, 1, Access.READ);
        }
      }
      for (Map.Entry<Long, long[]> one : live.entrySet()) {
        if (random.nextInt(live.size()) == 0) {
          Translation whole =
              machine.translate(session, one.getKey(), one.getValue()[1], Access.READ);
          assertThat(whole.ok()).as("seed %d step %d", seed, step).isTrue();
          assertThat(whole.gpa()).as("seed %d step %d", seed, step).isEqualTo(one.getValue()[0]);
        }
      }
    }
  }

  @Test
  void strictIsTheDefaultAndPutsNothingOff() throws Exception {
    try (TestMachine strict = create("strict");
        TestMachine plain = TestMachine.create(behavior(), row(), MEMORY, options())) {
      for (TestMachine one : new TestMachine[] {strict, plain}) {
        EndpointDma other = one.addEndpoint();
        DriverFace driver = one.driver(other);
        DmaSession own = other.openSession();
        GuestBuffer buffer = driver.allocate(page);
        long iova = driver.map(buffer.gpa(), page, Direction.BIDIRECTIONAL);
        assertThat(one.translate(own, iova, 8, Access.WRITE).ok()).isTrue();

        driver.unmap(iova, page);

        Translation after = one.translate(own, iova, 8, Access.WRITE);
        assertThat(after.ok() && after.gpa() == buffer.gpa()).isFalse();
        UnitLock.holding(one.unit(), table -> assertThat(table.deferred()).isFalse());
      }
    }
  }

  @Test
  void anotherWordIsRefusedByName() {
    assertThatThrownBy(() -> create("sometimes"))
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("invalidation=sometimes")
        .hasMessageContaining("strict or lazy");
  }
}
