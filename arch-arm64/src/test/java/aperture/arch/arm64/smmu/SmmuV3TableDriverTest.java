package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuException;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.MemoryRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SmmuV3TableDriverTest extends AttachedDriver {

  @Test
  void theTablesAreThoseOfALinuxGuest() throws Exception {
    long iova = driver.map(endpoint, BUFFER, 4096, Permission.READ, -1L);
    WalkResult walk = state.walk(instance, endpoint, iova, Access.READ);

    assertThat(walk.stepValue(0) & 63).as("span").isEqualTo(9);
    assertThat(walk.stepValue(1) & 0xfff).isEqualTo(0xb);
    assertThat(state.get(walk.stepAddress(1) + 8)).isEqualTo(0xd6);
    assertThat(walk.stepValue(2)).isEqualTo(0x1_e204_c000_3510L);
    assertThat(state.get(walk.stepAddress(2) + 24)).isEqualTo(0xffff_ffff_f404_ff44L);
    assertThat(walk.stepValue(6)).isEqualTo(BUFFER | 0xfc7);
  }

  @Test
  void otherStreamsOfTheBusAbortAndOtherBusesAreUnknown() {
    Endpoint neighbour = state.addEndpoint(0x10);
    Endpoint stranger = state.addEndpoint(0x510);

    assertThat(state.walk(instance, neighbour, 0, Access.READ).faultReason()).isEqualTo(-1);
    assertThat(state.walk(instance, stranger, 0, Access.READ).faultReason()).isEqualTo(2);
  }

  @Test
  void theDoorbellIsMappedInTheSoftwareWindow() {
    WalkResult result = write(0x0800_0040L);

    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaOf(0x0800_0040L)).isEqualTo(0x0809_0040L);
    assertThat(result.stepValue(6)).isEqualTo(0x60_0000_0809_0e4bL);
    assertUnmapped(0x0800_1000L);
  }

  @Test
  void withoutADoorbellTheWindowStaysEmpty() throws Exception {
    try (SmmuFixture other = new SmmuFixture()) {
      other.reserved.add(new MemoryRange(0x0800_0000L, 0x10_0000L));
      IommuInstance fresh = other.attach();
      IommuTableDriver otherDriver = fresh.tableDriver().orElseThrow();
      otherDriver.initialize();
      Endpoint device = other.addEndpoint(8);
      otherDriver.attachEndpoint(device);

      assertThat(other.walk(fresh, device, 0x0800_0000L, Access.WRITE).faultKind())
          .isEqualTo(FaultKind.UNMAPPED);
    }
  }

  @Test
  void largeMappingsUseBlocksWhateverTheirAlignment() throws Exception {
    for (long skew : new long[] {0, 4096, 5 * MIB / 4}) {
      long iova = driver.map(endpoint, BUFFER + skew, 9 * MIB, Permission.READ_WRITE, -1L);

      assertMapped(iova, BUFFER + skew);
      assertMapped(iova + 9 * MIB - 1, BUFFER + skew + 9 * MIB - 1);
      assertThat(write(iova + 4 * MIB).size()).isEqualTo(2 * MIB);
      state.invalidations.clear();
      driver.unmap(endpoint, iova, 9 * MIB);
      for (long at = 0; at < 9 * MIB; at += 4096) {
        assertUnmapped(iova + at);
      }
      assertThat(state.invalidations.size()).isLessThan(12);
      assertThat(coveredPages(state.invalidations, iova, 9 * MIB)).isEqualTo(9 * MIB / 4096);
    }
  }

  /** Pages of the range that some invalidation names. */
  private static long coveredPages(List<String> invalidations, long iova, long size) {
    Set<Long> covered = new HashSet<>();
    for (String line : invalidations) {
      String[] words = line.split(" ", -1);
      long from = Long.decode(words[2]);
      for (long at = from; at < from + Long.decode(words[3]); at += 4096) {
        if (at >= iova && at < iova + size) {
          covered.add(at);
        }
      }
    }
    return covered.size();
  }

  @Test
  void unmappingInvalidatesExactlyWhatWasMapped() throws Exception {
    long iova = driver.map(endpoint, BUFFER, 7 * 4096, Permission.READ_WRITE, -1L);
    state.invalidations.clear();

    driver.unmap(endpoint, iova, 7 * 4096);

    assertThat(state.invalidations).containsExactly("domain 1 0x%x 0x%x".formatted(iova, 7 * 4096));
    assertThat(state.get("CMDQ_CONS")).isEqualTo(state.get("CMDQ_PROD"));
  }

  @Test
  void aBrokenCommandQueueStillInvalidates() throws Exception {
    long iova = driver.map(endpoint, BUFFER, 4096, Permission.READ_WRITE, -1L);
    state.set("CMDQ_BASE", 0x1000_0008L);
    state.invalidations.clear();

    driver.unmap(endpoint, iova, 4096);

    assertThat(state.invalidations).containsExactly("all");
    assertUnmapped(iova);
  }

  @Test
  void addressesBelow4GiBComeFirst() throws Exception {
    long low = driver.map(endpoint, BUFFER, 4096, Permission.READ_WRITE, -1L);
    assertThat(low).isBetween(0x1000L, 0xffff_f000L);

    // With 1 MiB reserved near the bottom, three of them fit below 4 GiB.
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      long iova = driver.map(endpoint, 0, 1L << 30, Permission.READ_WRITE, -1L);
      ends.add(iova + (1L << 30));
    }
    assertThat(ends).filteredOn(end -> end <= 1L << 32).hasSize(3);
    assertThat(ends).filteredOn(end -> end > 1L << 32).hasSize(2);
    assertThat(driver.map(endpoint, BUFFER, 4096, Permission.READ_WRITE, -1L)).isLessThan(1L << 32);
  }

  @Test
  void theLimitIsKept() throws Exception {
    long limit = (16 << 20) - 1;
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 4095; i++) {
      long iova = driver.map(endpoint, BUFFER, 4096, Permission.READ, limit);
      assertThat(iova).isBetween(0x1000L, limit - 4095);
      assertThat(seen.add(iova)).isTrue();
    }
    assertThatThrownBy(() -> driver.map(endpoint, BUFFER, 4096, Permission.READ, limit))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("no IOVA");
  }

  @Test
  void writingImpliesReadingForThisFormat() throws Exception {
    long iova = driver.map(endpoint, BUFFER, 4096, Permission.WRITE, -1L);
    assertThat(write(iova).permission()).isEqualTo(Permission.READ_WRITE);
  }

  @Test
  void whatCannotBeExpressedIsRefused() {
    assertThatThrownBy(() -> driver.map(endpoint, BUFFER + 1, 4096, Permission.READ, -1L))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(endpoint, BUFFER, 0, Permission.READ, -1L))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(endpoint, BUFFER, 4096, Permission.NONE, -1L))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(endpoint, 1L << 44, 4096, Permission.READ, -1L))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.mapAt(endpoint, 1L << 48, BUFFER, 4096, Permission.READ))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.mapAt(endpoint, 0x0800_0000L, BUFFER, 4096, Permission.READ))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("reserved");
    Endpoint wide = new Endpoint(9, "wide", 0x1_0000, java.util.Map.of());
    assertThatThrownBy(() -> driver.attachEndpoint(wide)).isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.attachEndpoint(endpoint)).isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.map(wide, BUFFER, 4096, Permission.READ, -1L))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void endpointsHaveAddressSpacesOfTheirOwn() throws Exception {
    Endpoint other = state.addEndpoint(0x10);
    driver.attachEndpoint(other);
    long iova = driver.map(endpoint, BUFFER, 4096, Permission.READ_WRITE, -1L);

    assertThat(state.walk(instance, other, iova, Access.READ).faultKind())
        .isEqualTo(FaultKind.UNMAPPED);
    assertThat(state.walk(instance, other, 0x0800_0000L, Access.READ).domain()).isEqualTo(2);
    driver.detachEndpoint(endpoint);
    driver.attachEndpoint(endpoint);
    assertThat(write(0x0800_0000L).domain()).as("the lowest free ASID").isEqualTo(1);
  }

  @Test
  void aSuccessorWorksFromTablesAndLedgerAlone() throws Exception {
    List<Long> live = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      live.add(state.map(driver, endpoint, BUFFER + i * 4096L, 4096));
    }
    instance = state.attach();
    driver = instance.tableDriver().orElseThrow();

    Set<Long> seen = new HashSet<>(live);
    for (int i = 0; i < 500; i++) {
      long iova = state.map(driver, endpoint, BUFFER, 4096);
      assertThat(seen.add(iova)).as("0x%x handed out twice", iova).isTrue();
    }
    for (int i = 0; i < 500; i++) {
      assertMapped(live.get(i), BUFFER + i * 4096L);
      state.unmap(driver, endpoint, live.get(i), 4096);
      assertUnmapped(live.get(i));
    }
  }

  @Test
  void aSuccessorsFirstCallMayBeAnUnmapThatTheLedgerForgot() throws Exception {
    long kept = state.map(driver, endpoint, BUFFER, 8192);
    long gone = driver.map(endpoint, BUFFER, 8192, Permission.READ_WRITE, -1L);
    instance = state.attach();
    driver = instance.tableDriver().orElseThrow();

    driver.unmap(endpoint, gone, 8192);

    assertUnmapped(gone);
    assertMapped(kept, BUFFER);
    Set<Long> seen = new HashSet<>(Set.of(kept));
    for (int i = 0; i < 20_000; i++) {
      assertThat(seen.add(driver.map(endpoint, BUFFER, 8192, Permission.READ, -1L))).isTrue();
    }
  }

  @Test
  void randomMapsAndUnmapsAgreeWithAModel() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    List<long[]> live = new ArrayList<>();
    for (int step = 0; step < 4000; step++) {
      if (live.isEmpty() || random.nextInt(100) < 52) {
        long size =
            random.nextInt(12) == 0
                ? 2 * MIB + 4096L * random.nextInt(800)
                : 4096L * (1 + random.nextInt(9));
        long gpa = BUFFER + 4096L * random.nextInt(2048);
        live.add(new long[] {state.map(driver, endpoint, gpa, size), gpa, size});
      } else {
        long[] gone = live.remove(random.nextInt(live.size()));
        state.unmap(driver, endpoint, gone[0], gone[2]);
        long at = gone[0] + random.nextLong(gone[2]);
        assertThat(write(at).outcome())
            .as("seed %d step %d", seed, step)
            .isEqualTo(WalkResult.Outcome.FAULT);
      }
      if (!live.isEmpty()) {
        long[] one = live.get(random.nextInt(live.size()));
        long offset = random.nextLong(one[2]);
        WalkResult result = write(one[0] + offset);
        assertThat(result.outcome())
            .as("seed %d step %d", seed, step)
            .isEqualTo(WalkResult.Outcome.TRANSLATED);
        assertThat(result.gpaOf(one[0] + offset))
            .as("seed %d step %d", seed, step)
            .isEqualTo(one[1] + offset);
      }
      state.invalidations.clear();
      state.registerWrites.clear();
    }
  }
}
