package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuException;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table driver maps with the largest pages that alignment allows. */
class VtdLargePagesTest {

  private static final long ANYWHERE = -1L;
  private static final long K4 = 1L << 12;
  private static final long M2 = 1L << 21;
  private static final long G1 = 1L << 30;

  private final BareState state = new BareState();
  private IommuInstance instance;
  private IommuTableDriver driver;
  private Endpoint endpoint;

  @AfterEach
  void close() {
    state.close();
  }

  private void bringUp(int width) throws Exception {
    instance = new VtdBehavior(width).attach(state);
    driver = instance.tableDriver().orElseThrow();
    driver.initialize();
    endpoint = state.endpoint(0, 1);
    driver.attachEndpoint(endpoint);
    state.invalidations.clear();
  }

  private WalkResult walk(long iova) {
    return BareState.walk(instance.walker(), endpoint, iova, Access.READ);
  }

  private List<Long> sizes(long iova, long size) {
    List<Long> sizes = new ArrayList<>();
    for (long at = iova; at < iova + size; at = walk(at).iovaBase() + walk(at).size()) {
      assertThat(walk(at).gpaOf(at) - at).isEqualTo(walk(iova).gpaOf(iova) - iova);
      sizes.add(walk(at).size());
    }
    return sizes;
  }

  @Test
  void alignedMemoryIsMappedWithLargePagesAtAnAlignedPlace() throws Exception {
    bringUp(48);
    driver.map(endpoint, 0, K4, Permission.READ, ANYWHERE);

    long two = driver.map(endpoint, 4 * M2, 2 * M2, Permission.READ, ANYWHERE);
    long one = driver.map(endpoint, G1, G1 + M2 + K4, Permission.READ, ANYWHERE);

    assertThat(sizes(two, 2 * M2)).containsExactly(M2, M2);
    assertThat(sizes(one, G1 + M2 + K4)).containsExactly(G1, M2, K4);
  }

  @Test
  void whatIsNotAlignedHasSmallPagesAtItsEnds() throws Exception {
    bringUp(48);
    driver.mapAt(endpoint, M2 - 2 * K4, 9 * M2 - 2 * K4, M2 + 3 * K4, Permission.READ);

    assertThat(sizes(M2 - 2 * K4, M2 + 3 * K4)).containsExactly(K4, K4, M2, K4);

    driver.mapAt(endpoint, 8 * M2, 8 * M2 + K4, M2, Permission.READ);
    assertThat(sizes(8 * M2, M2)).hasSize(512).containsOnly(K4);
  }

  @Test
  void aUnitWithoutLargePagesGetsSmallOnes() throws Exception {
    state.registers().set("CAP", HandmadeTables.CAP_48 & ~(3L << 34));
    state.registers().set("ECAP", HandmadeTables.ECAP);
    bringUp(48);

    driver.mapAt(endpoint, 4 * M2, 4 * M2, M2, Permission.READ);
    assertThat(sizes(4 * M2, M2)).hasSize(512);

    state.registers().set("CAP", HandmadeTables.CAP_48 & ~(2L << 34));
    driver.mapAt(endpoint, G1, G1, G1, Permission.READ);
    assertThat(sizes(G1, G1)).hasSize(512).containsOnly(M2);
  }

  @Test
  void aLargePageIsUnmappedAndInvalidatedWhole() throws Exception {
    bringUp(48);
    driver.mapAt(endpoint, 4 * M2, 4 * M2, M2, Permission.READ);

    driver.unmap(endpoint, 4 * M2, M2);

    assertThat(state.invalidations).containsExactly("domain 1 0x800000+0x200000");
    assertThat(walk(4 * M2).faultReason()).isEqualTo(6);
    assertThat(walk(5 * M2 - 1).faultReason()).isEqualTo(6);
  }

  @Test
  void aLargePageTakesThePlaceOfAnEmptyTable() throws Exception {
    bringUp(48);
    driver.mapAt(endpoint, 4 * M2 + K4, 0, K4, Permission.READ);
    driver.unmap(endpoint, 4 * M2 + K4, K4);
    int before = state.taken.size();
    state.invalidations.clear();

    driver.mapAt(endpoint, 4 * M2, 4 * M2, M2, Permission.READ);

    assertThat(sizes(4 * M2, M2)).containsExactly(M2);
    assertThat(state.taken).hasSize(before - 1);
    assertThat(state.invalidations).containsExactly("domain 1 0x800000+0x200000");

    driver.unmap(endpoint, 4 * M2, M2);
    driver.mapAt(endpoint, 4 * M2 + K4, 0, K4, Permission.READ);
    assertThat(sizes(4 * M2 + K4, K4)).containsExactly(K4);
    assertThat(state.taken).hasSize(before);
  }

  @Test
  void aTableThatIsInUseStays() throws Exception {
    bringUp(48);
    driver.mapAt(endpoint, G1 + 3 * K4, 0, K4, Permission.READ);
    driver.unmap(endpoint, G1 + 3 * K4, K4);

    // The table of level 2 holds an empty table of level 1: no page of 1 GiB, but of 2 MiB.
    driver.mapAt(endpoint, G1, G1, G1, Permission.READ);

    assertThat(sizes(G1, G1)).hasSize(512).containsOnly(M2);
  }

  @Test
  void runningOutOfPagesForALargeMappingChangesNothing() throws Exception {
    bringUp(48);
    Set<Long> before = new HashSet<>(state.taken);
    state.pagesLeft = 2;

    assertThatThrownBy(
            () -> driver.mapAt(endpoint, G1 - M2 - K4, G1 - M2 - K4, M2 + K4, Permission.READ))
        .isInstanceOf(IommuException.class);

    assertThat(state.taken).isEqualTo(before);
    state.pagesLeft = 3;
    driver.mapAt(endpoint, G1 - M2 - K4, G1 - M2 - K4, M2 + K4, Permission.READ);
    assertThat(sizes(G1 - M2 - K4, M2 + K4)).containsExactly(K4, M2);
  }

  @ParameterizedTest
  @CsvSource({"39", "48", "57"})
  void randomMappingsAgreeWithAModelAndGiveAllTablesBack(int width) throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    bringUp(width);
    driver.detachEndpoint(endpoint);
    int before = state.taken.size();
    driver.attachEndpoint(endpoint);
    List<long[]> live = new ArrayList<>();
    int maps = 0;
    for (int step = 0; step < 1500; step++) {
      if (live.isEmpty() || random.nextInt(100) < 60) {
        long unit = random.nextBoolean() ? M2 : K4;
        long size = (1 + random.nextInt(unit == M2 ? 4 : 700)) * unit;
        long gpa = random.nextInt(64) * M2 + (random.nextBoolean() ? 0 : random.nextInt(512) * K4);
        long limit = random.nextInt(8) == 0 ? (1L << 31) - 1 : ANYWHERE;
        live.add(new long[] {driver.map(endpoint, gpa, size, Permission.READ, limit), gpa, size});
        maps++;
      } else {
        long[] gone = live.remove(random.nextInt(live.size()));
        driver.unmap(endpoint, gone[0], gone[2]);
        for (long at = gone[0]; at < gone[0] + gone[2]; at += 97 * K4) {
          assertThat(walk(at).outcome()).as("seed %d", seed).isEqualTo(Outcome.FAULT);
        }
      }
      for (int i = 0; i < 3 && !live.isEmpty(); i++) {
        long[] one = live.get(random.nextInt(live.size()));
        long offset = random.nextLong(one[2]);
        WalkResult result = walk(one[0] + offset);
        assertThat(result.outcome()).as("seed %d", seed).isEqualTo(Outcome.TRANSLATED);
        assertThat(result.gpaOf(one[0] + offset)).as("seed %d", seed).isEqualTo(one[1] + offset);
        assertThat(result.iovaBase()).as("seed %d", seed).isGreaterThanOrEqualTo(one[0]);
      }
    }
    assertThat(maps).isGreaterThan(500);
    driver.detachEndpoint(endpoint);
    assertThat(state.taken).as("seed %d", seed).hasSize(before);
  }
}
