package aperture.arch.sparc.sun4u;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.InvalidationMode;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.testkit.TableState;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What drops translations: stores to the bridge, and the kernel's two ways with them. */
class FlushTest {

  private static final long GPA = 0x100_0000;
  private static final String EVERYTHING = "domain 0x0 0x0+0x100000000";

  private final TableState state = new TableState();
  private final Endpoint endpoint = state.endpoint(Map.of());
  private final RegisterView view = new RegisterView(state.registers());
  private final WalkNote dummies = new WalkNote();
  private final FlushRegister flush = new FlushRegister(state.invalidator(), view, new WalkNote());
  private final Sun4uRegisterFile registers = new Sun4uRegisterFile(state.registers(), flush);

  @AfterEach
  void close() {
    state.close();
  }

  private Sun4uTableDriver driver(boolean lazy) throws Exception {
    InvalidationMode mode = lazy ? InvalidationMode.LAZY : InvalidationMode.STRICT;
    Sun4uTableDriver driver =
        new Sun4uTableDriver(state, view, new FlushPolicy(flush, dummies, mode));
    driver.initialize();
    state.invalidations.clear();
    return driver;
  }

  private long map(IommuTableDriver driver, long size) throws Exception {
    return driver.map(endpoint, GPA, size, Permission.READ_WRITE, -1L);
  }

  @Test
  void theFlushRegisterDropsThePageOfTheAddress() {
    registers.write(0x210, 0xc000_5678L);

    assertThat(state.invalidations).containsExactly("domain 0x0 0xc0004000+0x2000");
    assertThat(registers.read(0x210)).as("it keeps nothing").isZero();
  }

  @Test
  void aContextFlushDropsEverything() {
    registers.write(0x218, 5);

    assertThat(state.invalidations).containsExactly(EVERYTHING);
  }

  @Test
  void zeroesInAllTagsDropEverythingInDiagnosticModeOnly() {
    registers.clearTags();
    assertThat(state.invalidations).isEmpty();
    assertThat(registers.read(0xa580)).isZero();

    registers.write(0x200, 0x60003);
    state.registers().set("IOMMU_TAG3", 0x42);
    assertThat(registers.read(0xa580 + 24)).isEqualTo(0x42);
    registers.clearTags();

    assertThat(registers.read(0xa580 + 24)).isZero();
    assertThat(state.invalidations).containsExactly(EVERYTHING);
  }

  @Test
  void registersKeepWhatTheyAreToldAndErrorsClearWhenWrittenAsOne() {
    registers.write(0x200, 0x60003);
    registers.write(0x208, 0x1234_5678);
    registers.write(0xa600 + 8 * 15, 0x77);
    state.registers().set("UE_AFSR", 0x6100_0000_0000_0000L);
    registers.write(0x30, 0x2000_0000_0000_0000L);

    assertThat(registers.read(0x200)).isEqualTo(0x60003);
    assertThat(registers.read(0x208)).isEqualTo(0x1234_4000);
    assertThat(registers.read(0xa600 + 8 * 15)).isEqualTo(0x77);
    assertThat(registers.read(0x30)).isEqualTo(0x4100_0000_0000_0000L);
    registers.write(0xa600 + 8 * 16, 1);
    registers.write(0xa584, 1);
    assertThat(registers.read(0xa600 + 8 * 16)).isZero();
    assertThat(registers.read(0xa584)).isZero();
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void strictlyEveryChangeOfAValidEntryIsDroppedAtOnce() throws Exception {
    Sun4uTableDriver driver = driver(false);
    long iova = map(driver, 16384);
    assertThat(state.invalidations).isEmpty();

    driver.unmap(endpoint, iova, 16384);

    assertThat(state.invalidations).containsExactly("domain 0x0 0x%x+0x4000".formatted(iova));
  }

  @Test
  void lazilyNothingIsDroppedUntilAnAddressComesBack() throws Exception {
    Sun4uTableDriver driver = driver(true);
    Set<Long> seen = new HashSet<>();
    int mappings = 0;
    long iova = map(driver, 8192);
    while (seen.add(iova)) {
      driver.unmap(endpoint, iova, 8192);
      assertThat(state.invalidations).isEmpty();
      iova = map(driver, 8192);
      mappings++;
    }

    assertThat(mappings).as("a whole round").isGreaterThan(1000);
    assertThat(state.invalidations).containsExactly(EVERYTHING);
    assertThat(map(driver, 8192)).isNotEqualTo(iova);
    assertThat(state.invalidations).as("one for a generation").hasSize(1);
  }

  @Test
  void lazilyAnAddressAskedForIsDroppedWhenItWasLetGo() throws Exception {
    Sun4uTableDriver driver = driver(true);
    driver.mapAt(endpoint, 0xc000_4000L, GPA, 16384, Permission.READ);
    driver.unmap(endpoint, 0xc000_4000L, 16384);
    driver.mapAt(endpoint, 0xc000_8000L, GPA, 8192, Permission.READ);
    assertThat(state.invalidations).isEmpty();

    driver.mapAt(endpoint, 0xc000_6000L, GPA, 8192, Permission.READ);

    assertThat(state.invalidations).containsExactly(EVERYTHING);
  }

  @Test
  void lazilyAMappingWhereADeviceMayHaveTheDummyPageCachedDropsIt() throws Exception {
    Sun4uTableDriver driver = driver(true);
    long iova = map(driver, 8192);
    driver.unmap(endpoint, iova, 8192);
    driver.flush();
    state.invalidations.clear();
    Sun4uWalker walker = new Sun4uWalker(state.memory(), view, new WalkNote(), dummies);
    TableState.walk(walker, endpoint, iova, Access.READ);

    driver.mapAt(endpoint, iova, GPA, 8192, Permission.READ);
    assertThat(state.invalidations).containsExactly(EVERYTHING);
    driver.unmap(endpoint, iova, 8192);
    driver.flush();
    state.invalidations.clear();
    driver.mapAt(endpoint, iova, GPA, 8192, Permission.READ);
    assertThat(state.invalidations).as("nobody used it since").isEmpty();
  }

  @Test
  void aFlushEndsTheGenerationOnce() throws Exception {
    Sun4uTableDriver driver = driver(true);
    driver.unmap(endpoint, map(driver, 8192), 8192);
    driver.unmap(endpoint, map(driver, 8192), 8192);
    assertThat(driver.deferred()).isTrue();

    driver.flush();
    driver.flush();

    assertThat(driver.deferred()).isFalse();
    assertThat(state.invalidations).containsExactly(EVERYTHING);
  }
}
