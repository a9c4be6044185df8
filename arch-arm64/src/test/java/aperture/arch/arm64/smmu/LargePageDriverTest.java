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
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table driver on an SMMU that lacks the smaller page sizes, and with its largest blocks. */
class LargePageDriverTest {

  private static final long BUFFER = SmmuFixture.RAM + (32L << 20);
  private static final long GIB = 1L << 30;
  private static final int ONLY_4K = 0x14;
  private static final int ONLY_16K = 0x24;
  private static final int ONLY_64K = 0x44;

  private final SmmuFixture state = new SmmuFixture();
  private IommuInstance instance;
  private IommuTableDriver driver;
  private Endpoint endpoint;

  private void bringUp(int idr5) throws Exception {
    state.set("IDR0", 0x0d40_101aL);
    state.set("IDR1", 0x0273_0010L);
    state.set("IDR3", 0x1404L);
    state.set("IDR5", idr5);
    state.reserved.add(new MemoryRange(0x0800_0000L, 0x10_0000L));
    state.reserved.add(new MemoryRange(0x0809_0000L, 0x1_0000L));
    instance = state.attach();
    driver = instance.tableDriver().orElseThrow();
    driver.initialize();
    endpoint = state.addEndpoint(8);
    driver.attachEndpoint(endpoint);
  }

  @AfterEach
  void close() {
    state.close();
  }

  private WalkResult walk(long iova) {
    return state.walk(instance, endpoint, iova, Access.WRITE);
  }

  private void assertMapped(long iova, long gpa, long size) {
    WalkResult result = walk(iova);
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.gpaOf(iova)).isEqualTo(gpa);
    assertThat(result.size()).isEqualTo(size);
  }

  @ParameterizedTest
  @CsvSource({"12, 0, 1, 512", "14, 0, 2, 2", "16, 1, 2, 64"})
  void tablesHaveTheShapeOfAKernels(int page, int first, int largest, int entries) {
    TableShape shape = TableShape.of(page);
    assertThat(shape.firstLevel()).isEqualTo(first);
    assertThat(shape.largestLeaf()).isEqualTo(largest);
    assertThat(shape.entries(first)).isEqualTo(entries);
    assertThat(shape.tableBytes(first)).isEqualTo(4096);
    assertThat(shape.tableBytes(3)).isEqualTo(1L << page);
  }

  @ParameterizedTest
  @CsvSource({"0x74, 4096", "0x64, 16384", "0x54, 4096", "0x24, 16384", "0x44, 65536"})
  void theSmallestPagesThatThereAreAreUsed(String idr5, int page) throws Exception {
    bringUp(Integer.decode(idr5));
    assertThat(driver.pageSize()).isEqualTo(page);
  }

  @ParameterizedTest
  @CsvSource({"0x24, 16384, 33554432", "0x44, 65536, 536870912"})
  void pagesAndBlocksAreThoseOfTheSize(String idr5, long page, long block) throws Exception {
    bringUp(Integer.decode(idr5));
    long iova = driver.map(endpoint, BUFFER, page, Permission.READ_WRITE, -1L);
    assertMapped(iova, BUFFER, page);
    assertMapped(0x0800_0040L, 0x0809_0040L, page);

    long large = driver.map(endpoint, block + page, 3 * block, Permission.READ_WRITE, -1L);
    assertMapped(large, block + page, page);
    assertMapped(large + block, 2 * block + page, block);
    state.invalidations.clear();
    driver.unmap(endpoint, large, 3 * block);
    assertThat(walk(large).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertThat(walk(large + block).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertThat(walk(large + 3 * block - 1).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertMapped(iova, BUFFER, page);
    assertThatThrownBy(() -> driver.map(endpoint, BUFFER + 4096, page, Permission.READ, -1L))
        .isInstanceOf(IommuException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {ONLY_16K, ONLY_64K})
  void unmappingInvalidatesExactlyWhatWasMapped(int idr5) throws Exception {
    bringUp(idr5);
    long page = driver.pageSize();
    long iova = driver.map(endpoint, BUFFER, 7 * page, Permission.READ_WRITE, -1L);
    state.invalidations.clear();
    driver.unmap(endpoint, iova, 7 * page);
    assertThat(state.invalidations).containsExactly("domain 1 0x%x 0x%x".formatted(iova, 7 * page));
  }

  @Test
  void whatIsAlignedToAGibibyteIsOneBlock() throws Exception {
    bringUp(ONLY_4K);
    long tables = state.pagesOut();
    long iova = driver.map(endpoint, GIB, 2 * GIB, Permission.READ_WRITE, -1L);
    assertMapped(iova, GIB, GIB);
    assertMapped(iova + 2 * GIB - 1, 3 * GIB - 1, GIB);
    assertThat(state.pagesOut() - tables).isLessThan(3);
    state.invalidations.clear();
    driver.unmap(endpoint, iova, 2 * GIB);
    assertThat(state.invalidations).containsExactly("domain 1 0x%x 0x80000000".formatted(iova));
    assertThat(walk(iova).faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertThat(walk(iova + GIB).faultKind()).isEqualTo(FaultKind.UNMAPPED);
  }

  @Test
  void aBlockOfAGibibyteTakesThePlaceOfUnusedTables() throws Exception {
    bringUp(ONLY_4K);
    driver.mapAt(endpoint, 5 * GIB, BUFFER, 8192, Permission.READ_WRITE);
    driver.mapAt(endpoint, 5 * GIB + (8 << 20), BUFFER, 8192, Permission.READ_WRITE);
    driver.unmap(endpoint, 5 * GIB, 8192);
    long tables = state.pagesOut();

    assertThatThrownBy(() -> driver.mapAt(endpoint, 5 * GIB, GIB, GIB, Permission.READ_WRITE))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("taken");
    assertMapped(5 * GIB + (8 << 20), BUFFER, 4096);

    driver.unmap(endpoint, 5 * GIB + (8 << 20), 8192);
    driver.mapAt(endpoint, 5 * GIB, GIB, GIB, Permission.READ_WRITE);
    assertMapped(5 * GIB + 4097, GIB + 4097, GIB);
    assertThat(state.pagesOut()).isLessThan(tables);
    assertThatThrownBy(
            () -> driver.mapAt(endpoint, 5 * GIB + 4096, BUFFER, 4096, Permission.READ_WRITE))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("taken");
    assertThatThrownBy(
            () -> driver.mapAt(endpoint, 5 * GIB, 2L << 20, 2L << 20, Permission.READ_WRITE))
        .isInstanceOf(IommuException.class)
        .hasMessageContaining("taken");
  }

  @ParameterizedTest
  @ValueSource(ints = {ONLY_16K, ONLY_64K})
  void everyPageComesBack(int idr5) throws Exception {
    bringUp(idr5);
    long page = driver.pageSize();
    Endpoint other = state.addEndpoint(0x908);
    long used = state.pagesOut();
    for (int budget = 0; budget < 60; budget++) {
      state.budget = budget;
      try {
        driver.attachEndpoint(other);
        driver.mapAt(other, 0x7f_ffff_0000L, BUFFER, 2 * page, Permission.READ_WRITE);
      } catch (IommuException e) {
        assertThat(e).hasMessageContaining("no memory");
      }
      driver.detachEndpoint(other);
      assertThat(state.pagesOut()).as("budget %d", budget).isEqualTo(used);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {ONLY_4K, ONLY_16K, ONLY_64K})
  void randomMapsAndUnmapsAgreeWithAModel(int idr5) throws Exception {
    bringUp(idr5);
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    long page = driver.pageSize();
    long block = page == 4096 ? 2L << 20 : page == 16384 ? 32L << 20 : 512L << 20;
    List<long[]> live = new ArrayList<>();
    for (int step = 0; step < 2000; step++) {
      if (live.isEmpty() || random.nextInt(100) < 52) {
        long size =
            random.nextInt(12) == 0
                ? block * (1 + random.nextInt(3)) + page * random.nextInt(80)
                : page * (1 + random.nextInt(9));
        long gpa = page * random.nextInt(1 << 20);
        live.add(new long[] {state.map(driver, endpoint, gpa, size), gpa, size});
      } else {
        long[] gone = live.remove(random.nextInt(live.size()));
        state.unmap(driver, endpoint, gone[0], gone[2]);
        assertThat(walk(gone[0] + random.nextLong(gone[2])).outcome())
            .as("seed %d step %d", seed, step)
            .isEqualTo(WalkResult.Outcome.FAULT);
      }
      if (!live.isEmpty()) {
        long[] one = live.get(random.nextInt(live.size()));
        long offset = random.nextLong(one[2]);
        WalkResult result = walk(one[0] + offset);
        assertThat(result.gpaOf(one[0] + offset))
            .as("seed %d step %d", seed, step)
            .isEqualTo(one[1] + offset);
      }
      state.invalidations.clear();
      state.registerWrites.clear();
    }
  }
}
