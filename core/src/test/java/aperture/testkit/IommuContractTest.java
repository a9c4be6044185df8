package aperture.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import aperture.core.internal.dma.DriverFace;
import aperture.core.internal.dma.EndpointDma;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.dma.ScatterList;
import aperture.iommu.Access;
import aperture.iommu.IommuBehavior;
import aperture.iommu.IommuCapabilities;
import aperture.machine.MachineRow;
import aperture.machine.ReservedRange;
import aperture.testkit.TestMachine.Translation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * What every IOMMU kind must do between a driver that maps and a device that translates. A bundle's
 * test is a subclass that names its behaviour and a row.
 */
public abstract class IommuContractTest {

  private static final long MEMORY = 64L << 20;
  private static final long SMALL_MEMORY = 8L << 20;
  private static final int DAMAGED = 60;

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

  private IommuCapabilities capabilities() {
    return behavior().capabilities();
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

  @Test
  void aMappedBufferTranslatesByteForByte() throws Exception {
    GuestBuffer buffer = driver.allocate(20_000);
    long iova = driver.map(buffer.gpa() + 5, 12_345, Direction.BIDIRECTIONAL);

    Translation translation = machine.translate(session, iova, 12_345, Access.READ);

    assertThat(translation.fault()).isEmpty();
    assertThat(translation.gpa()).isEqualTo(buffer.gpa() + 5);
    assertThat(translation.pieces().stream().mapToLong(TestMachine.Piece::length).sum())
        .isEqualTo(12_345);
  }

  @Test
  void anAddressThatWasNeverMappedDoesNotReachForeignMemory() throws Exception {
    assumeTrue(capabilities().protects(), "fixed windows protect nothing");
    GuestBuffer secret = driver.allocate(4096);

    Translation translation = machine.translate(session, secret.gpa(), 8, Access.WRITE);

    assertThat(translation.ok() && translation.gpa() == secret.gpa()).isFalse();
  }

  @Test
  void afterUnmapTheOldPageIsNeverReached() throws Exception {
    assumeTrue(capabilities().protects(), "fixed windows protect nothing");
    GuestBuffer buffer = driver.allocate(4096);
    long iova = driver.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL);
    machine.translate(session, iova, 8, Access.WRITE);

    driver.unmap(iova, 4096);
    Translation translation = machine.translate(session, iova, 8, Access.WRITE);

    assertThat(translation.ok() && translation.gpa() == buffer.gpa()).isFalse();
    assertThat(translation.ok()).isEqualTo(!capabilities().unmappedFaults());
  }

  @Test
  void aMappingForReadingDeniesWrites() throws Exception {
    assumeTrue(capabilities().protects(), "fixed windows protect nothing");
    GuestBuffer buffer = driver.allocate(4096);
    long iova = driver.map(buffer.gpa(), 4096, Direction.TO_DEVICE);

    assertThat(machine.translate(session, iova, 8, Access.READ).ok()).isTrue();
    Translation write = machine.translate(session, iova, 8, Access.WRITE);

    assertThat(write.fault()).isPresent();
    assertThat(write.fault().get().denied()).hasSize(1);
    assertThat(write.fault().get().unmapped()).isEmpty();
  }

  @Test
  void aMappingForWritingDeniesReadsWhereTheKindCanSaySo() throws Exception {
    GuestBuffer buffer = driver.allocate(4096);
    long iova = driver.map(buffer.gpa(), 4096, Direction.FROM_DEVICE);

    assertThat(machine.translate(session, iova, 8, Access.WRITE).ok()).isTrue();
    Translation read = machine.translate(session, iova, 8, Access.READ);

    assertThat(read.fault().isPresent()).isEqualTo(capabilities().expressesWriteOnly());
  }

  @Test
  void aRangeThatIsPartlyUnmappedFaultsAndNamesThePart() throws Exception {
    assumeTrue(capabilities().unmappedFaults(), "this platform leaves freed entries valid");
    GuestBuffer buffer = driver.allocate(4096);
    long iova = driver.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL);
    long span = session.memory().size();

    Translation translation = machine.translate(session, iova, span, Access.READ);

    assertThat(translation.fault()).isPresent();
    assertThat(translation.pieces()).isEmpty();
    assertThat(translation.fault().get().unmapped().get(0).iova()).isGreaterThan(iova);
  }

  @Test
  void addressesStayBelowTheDevicesMask() throws Exception {
    driver.setAddressMask((1L << 30) - 1);
    GuestBuffer buffer = driver.allocate(4096);
    List<Long> addresses = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        addresses.add(driver.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL));
      }
    } catch (DmaException e) {
      assertThat(addresses).as("an aperture above the mask has room for nothing").isEmpty();
    }

    assertThat(addresses).allSatisfy(a -> assertThat(a).isBetween(0L, (1L << 30) - 4096));
  }

  @Test
  void reservedRangesAreNeverHandedOut() throws Exception {
    GuestBuffer buffer = driver.allocate(64 << 10);
    for (int i = 0; i < 3000; i++) {
      long iova = driver.map(buffer.gpa(), 64 << 10, Direction.BIDIRECTIONAL);
      for (ReservedRange reserved : row().reserved()) {
        assertThat(reserved.range().contains(iova)).isFalse();
        assertThat(reserved.range().contains(iova + (64 << 10) - 1)).isFalse();
      }
    }
  }

  @Test
  void endpointsDoNotReachEachOthersMappings() throws Exception {
    assumeTrue(!capabilities().sharedAddressSpace(), "endpoints share one window here");
    GuestBuffer buffer = driver.allocate(4096);
    long iova = driver.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL);
    EndpointDma other = machine.addEndpoint();

    Translation translation = machine.translate(other.openSession(), iova, 8, Access.READ);

    assertThat(translation.ok() && translation.gpa() == buffer.gpa()).isFalse();
  }

  @Test
  void randomMappingsAgreeWithAModel() throws Exception {
    assumeTrue(capabilities().protects(), "fixed windows protect nothing");
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    GuestBuffer pool = driver.allocate(8 << 20);
    List<long[]> live = new ArrayList<>();
    for (int step = 0; step < 3000; step++) {
      if (live.isEmpty() || random.nextInt(100) < 55) {
        long at = random.nextInt(1 << 20);
        long length = 1L + random.nextInt(random.nextInt(20) == 0 ? 300_000 : 9_000);
        long iova = driver.map(pool.gpa() + at, length, Direction.BIDIRECTIONAL);
        live.add(new long[] {iova, pool.gpa() + at, length});
      } else {
        long[] gone = live.remove(random.nextInt(live.size()));
        driver.unmap(gone[0], gone[2]);
        Translation after = machine.translate(session, gone[0], 1, Access.WRITE);
        assertThat(after.ok() && after.gpa() == gone[1])
            .as("seed %d step %d", seed, step)
            .isFalse();
      }
      if (!live.isEmpty()) {
        long[] one = live.get(random.nextInt(live.size()));
        Translation whole = machine.translate(session, one[0], one[2], Access.READ);
        assertThat(whole.ok()).as("seed %d step %d", seed, step).isTrue();
        assertThat(whole.gpa()).as("seed %d step %d", seed, step).isEqualTo(one[1]);
      }
    }
  }

  @Test
  void scatterListsMergeAndComeApartAgain() throws Exception {
    ScatterList list = new ScatterList(8);
    GuestBuffer first = driver.allocate(64 << 10);
    GuestBuffer second = driver.allocate(64 << 10);
    list.add(first.gpa(), 64 << 10);
    list.add(second.gpa(), 32 << 10);
    list.add(second.gpa() + (32 << 10), 100);

    driver.mapAll(list, Direction.BIDIRECTIONAL);
    long total = 0;
    for (int i = 0; i < list.mapped(); i++) {
      Translation part =
          machine.translate(session, list.address(i), list.mappedLength(i), Access.WRITE);
      assertThat(part.ok()).isTrue();
      total += list.mappedLength(i);
    }
    assertThat(total).isEqualTo((96 << 10) + 100);
    assertThat(list.mapped()).isLessThan(3);
    driver.unmapAll(list);

    assertThat(machine.unit().mappings().countOf(endpoint.endpoint())).isZero();
  }

  @Test
  void unmappingWhatIsNotMappedIsAnErrorAndChangesNothing() throws Exception {
    GuestBuffer buffer = driver.allocate(8192);
    long iova = driver.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL);

    assertThatThrownBy(() -> driver.unmap(iova + (1 << 20), 4096)).isInstanceOf(DmaException.class);
    assertThat(machine.translate(session, iova, 4096, Access.READ).ok()).isTrue();
  }

  @Test
  void aFaultIsLoggedAndRecordedWhereTheHardwareDoes() throws Exception {
    assumeTrue(capabilities().protects(), "fixed windows protect nothing");
    GuestBuffer buffer = driver.allocate(4096);
    long iova = driver.map(buffer.gpa(), 4096, Direction.TO_DEVICE);

    Translation write = machine.translate(session, iova, 8, Access.WRITE);

    assertThat(write.fault()).isPresent();
    assertThat(machine.faults().entries()).hasSize(1);
    if (capabilities().recordsFaults()) {
      assertThat(machine.unit().recordedFaults()).isNotEmpty();
      assertThat(machine.faults().entries().get(0).recorded()).isNotEmpty();
    }
  }

  @Test
  void anEndpointWithTheIdentityReachesAllMemoryAtItsOwnAddressThroughTheIommu() throws Exception {
    assumeTrue(capabilities().identity(), "the kind has no identity");
    EndpointDma passed = machine.addIdentityEndpoint();
    DriverFace face = machine.driver(passed);
    GuestBuffer buffer = face.allocate(8192);

    long address = face.map(buffer.gpa() + 100, 5000, Direction.FROM_DEVICE);

    assertThat(address).isEqualTo(buffer.gpa() + 100);
    assertThat(machine.unit().mappings().countOf(passed.endpoint())).isZero();
    try (DmaSession own = passed.openSession()) {
      for (Access access : Access.values()) {
        Translation translation = machine.translate(own, address, 5000, access);
        assertThat(translation.fault()).isEmpty();
        assertThat(translation.gpa()).isEqualTo(buffer.gpa() + 100);
      }
    }
    assertThat(passed.misses()).as("the IOMMU is asked").isPositive();
    face.unmap(address, 5000);
  }

  @Test
  void anEndpointChangesBetweenIdentityAndAnAddressSpaceOfItsOwn() throws Exception {
    assumeTrue(capabilities().identity(), "the kind has no identity");
    EndpointDma passed = machine.addIdentityEndpoint();
    GuestBuffer buffer = machine.driver(passed).allocate(4096);

    machine.unit().endpoints().changeDomain(passed.endpoint(), false);

    DriverFace face = machine.driver(passed);
    long iova = face.map(buffer.gpa(), 4096, Direction.TO_DEVICE);
    try (DmaSession own = passed.openSession()) {
      assertThat(machine.translate(own, iova, 4096, Access.READ).gpa()).isEqualTo(buffer.gpa());
      assertThat(machine.translate(own, iova, 4096, Access.WRITE).fault()).isPresent();
      assertThatThrownBy(() -> machine.unit().endpoints().changeDomain(passed.endpoint(), true))
          .isInstanceOf(DmaException.class)
          .hasMessageContaining("live mappings");
      face.unmap(iova, 4096);
      machine.unit().endpoints().changeDomain(passed.endpoint(), true);
      assertThat(machine.translate(own, buffer.gpa(), 4096, Access.WRITE).gpa())
          .isEqualTo(buffer.gpa());
    }
  }

  @Test
  void aProgramChoosesItsOwnAddresses() throws Exception {
    GuestBuffer buffer = driver.allocate(65536);
    long free = driver.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL);
    driver.unmap(free, 4096);

    driver.mapAt(free + 16, buffer.gpa() + 16, 100, Direction.FROM_DEVICE);

    assertThat(machine.translate(session, free + 16, 100, Access.WRITE).gpa())
        .isEqualTo(buffer.gpa() + 16);
    assertThatThrownBy(() -> driver.mapAt(free, buffer.gpa() + 16, 100, Direction.FROM_DEVICE))
        .isInstanceOf(DmaException.class);
    driver.unmap(free + 16, 100);
  }

  @Test
  void anEndpointThatLeavesGivesItsPagesBack() throws Exception {
    EndpointDma warm = machine.addEndpoint();
    machine.unit().endpoints().remove(warm);
    long before = machine.pages().used();
    EndpointDma other = machine.addEndpoint();
    DriverFace face = machine.driver(other);
    GuestBuffer buffer = face.allocate(4096);
    for (int i = 0; i < 50; i++) {
      long iova = face.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL);
      face.unmap(iova, 4096);
    }
    face.free(buffer);

    machine.unit().endpoints().remove(other);

    assertThat(machine.pages().used()).isLessThanOrEqualTo(before + 4096);
  }

  @Test
  @Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
  void tablesThatWereOverwrittenHarmNobodyButTheirGuest() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < DAMAGED; round++) {
      try (TestMachine damaged = TestMachine.create(behavior(), row(), SMALL_MEMORY, options())) {
        liveWithDamage(damaged, random);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed %d, round %d".formatted(seed, round), e);
      }
    }
  }

  /** Whatever a driver or device does then, it ends, well or with an error that says so. */
  private static void liveWithDamage(TestMachine damaged, Random random) throws Exception {
    EndpointDma leaving = damaged.addEndpoint();
    EndpointDma staying = damaged.addEndpoint();
    DriverFace face = damaged.driver(leaving);
    GuestBuffer buffer = face.allocate(1 << 18);
    List<Long> mapped = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      mapped.add(face.map(buffer.gpa() + i * 4096L, 4096, Direction.BIDIRECTIONAL));
    }
    DamagedTables tables = DamagedTables.of(damaged.memory());
    if (tables.count() == 0) {
      return; // they are not in guest memory
    }
    tables.damage(random, 1 + random.nextInt(40));
    damaged.invalidateAll();
    try (DmaSession session = leaving.openSession()) {
      for (long iova : mapped) {
        damaged.translate(session, iova, 4096, Access.WRITE);
      }
    }
    try {
      for (int i = 0; i < 20; i++) {
        face.unmap(mapped.get(i), 4096);
        damaged.driver(staying).map(buffer.gpa(), 8192, Direction.TO_DEVICE);
      }
    } catch (DmaException e) {
      assertThat(e).hasMessageMatching("(?s).+");
    }
    damaged.unit().endpoints().remove(leaving);
    damaged.unit().endpoints().remove(staying);
    face.free(buffer);
  }
}
