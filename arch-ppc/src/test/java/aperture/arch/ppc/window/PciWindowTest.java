package aperture.arch.ppc.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuException;
import aperture.iommu.IommuInstance;
import aperture.iommu.IommuTableDriver;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.memory.MemoryRange;
import aperture.testkit.TableState;
import java.math.BigInteger;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Windows, what lies in them, and what the kernel's half makes of them. */
class PciWindowTest {

  private static final long ALL = -1L;
  private static final long GPA = 0x100_0000;

  private final TableState state = new TableState();
  private final Endpoint endpoint = state.endpoint(Map.of());
  private IommuInstance instance;
  private IommuTableDriver driver;

  @AfterEach
  void close() {
    state.close();
  }

  private void attach() throws AttachRefusedException {
    instance = new PciWindowBehavior().attach(state);
    driver = instance.tableDriver().orElseThrow();
  }

  private void bringUp() throws Exception {
    attach();
    driver.initialize();
    driver.attachEndpoint(endpoint);
  }

  private void window(int number, long bus, long memory, long attributes) {
    state.registers().set("PIWBAR" + number, bus >>> 12);
    state.registers().set("PITAR" + number, memory >>> 12);
    state.registers().set("PIWAR" + number, attributes);
  }

  private WalkResult walk(long iova) {
    return TableState.walk(instance.walker(), endpoint, iova, Access.WRITE);
  }

  @Test
  void whereNothingIsReservedABusAddressIsAPhysicalOne() throws Exception {
    bringUp();

    assertThat(driver.map(endpoint, GPA, 8192, Permission.READ, ALL)).isEqualTo(GPA);
    assertThat(state.registers().get("PIWAR1")).isEqualTo(0xa0f5_5019L);
    assertThat(walk(GPA + 5).gpaOf(GPA + 5)).isEqualTo(GPA + 5);
    assertThat(walk(GPA).permission()).isEqualTo(Permission.READ_WRITE);
    assertThat(walk(TableState.MEMORY).faultKind()).isEqualTo(FaultKind.ADDRESS_SIZE);
    assertThat(instance.decode("PIWAR", 0xa0f5_5019L)).isEqualTo("2^26 bytes, local memory");
    assertThat(instance.decode("PIWAR", 0xa005_5019L)).isEqualTo("2^26 bytes, another bus");
    assertThat(instance.decode("PIWAR", 0)).isEqualTo("off");
    assertThat(instance.decode("TCE", 0)).isEmpty();
  }

  @Test
  void whereTheLowestAddressesAreTheBusesMemoryLiesBehindThem() throws Exception {
    state.reserved.add(new MemoryRange(0, 0x8000_0000L));
    bringUp();

    long iova = driver.map(endpoint, GPA, 4096, Permission.READ, ALL);

    assertThat(iova).isEqualTo(0x8000_0000L + GPA);
    assertThat(walk(iova).gpaOf(iova)).isEqualTo(GPA);
    assertThat(walk(GPA).faultKind()).isEqualTo(FaultKind.ADDRESS_SIZE);
    assertThatThrownBy(() -> driver.map(endpoint, GPA, 4096, Permission.READ, 0x7fff_ffffL))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void nothingIsProtectedInAWindow() throws Exception {
    bringUp();
    long iova = driver.map(endpoint, GPA, 4096, Permission.READ, ALL);
    assertThat(driver.map(endpoint, GPA, 4096, Permission.READ, ALL)).isEqualTo(iova);

    driver.unmap(endpoint, iova, 4096);
    driver.detachEndpoint(endpoint);

    assertThat(walk(iova).gpaOf(iova)).isEqualTo(GPA);
    assertThat(new PciWindowBehavior().capabilities().unmappedFaults()).isFalse();
    assertThat(instance.recordedFaults()).isEmpty();
  }

  @Test
  void memoryOutsideTheWindowHasNoAddress() throws Exception {
    bringUp();

    for (long gpa : new long[] {TableState.MEMORY, TableState.MEMORY - 4096, -4096}) {
      assertThatThrownBy(() -> driver.map(endpoint, gpa, 8192, Permission.READ, ALL))
          .isInstanceOf(IommuException.class);
    }
    assertThatThrownBy(() -> driver.mapAt(endpoint, GPA + 4096, GPA, 4096, Permission.READ))
        .isInstanceOf(IommuException.class);
    assertThatThrownBy(() -> driver.mapAt(endpoint, 1L << 40, GPA, 4096, Permission.READ))
        .isInstanceOf(IommuException.class);
    driver.mapAt(endpoint, GPA, GPA, 4096, Permission.READ);
    assertThatThrownBy(() -> driver.map(endpoint, 0, Long.MIN_VALUE, Permission.READ, ALL))
        .isInstanceOf(IommuException.class);
  }

  @Test
  void aSuccessorFindsTheWindowsAndRefusesOthers() throws Exception {
    bringUp();
    state.enter(endpoint, GPA, GPA, 4096);
    attach();
    assertThat(walk(GPA).gpaOf(GPA)).isEqualTo(GPA);

    window(1, 0x8000_0000L, 0, 0xa0f5_501eL);
    assertThatThrownBy(this::attach)
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("in no window");
  }

  @Test
  void threeWindowsAreLookedAtInOrder() throws Exception {
    attach();
    assertThat(walk(0).faultKind()).as("windows off: nothing").isEqualTo(FaultKind.ADDRESS_SIZE);
    window(1, 0x1000_0000, 0x10_0000, 0x80f0_000fL);
    window(2, 0x1000_0000, 0x20_0000, 0x80f0_0010L);
    window(3, 0, 0, 0x8000_001bL);

    assertThat(walk(0x1000_1234).gpaOf(0x1000_1234)).isEqualTo(0x10_1234);
    assertThat(walk(0x1000_1234).size()).isEqualTo(1 << 16);
    assertThat(walk(0x1001_1234).gpaOf(0x1001_1234)).isEqualTo(0x21_1234);
    assertThat(walk(0).faultKind()).isEqualTo(FaultKind.NOT_MEMORY);
    assertThat(walk(1L << 32 | 0x1000_0000).faultKind()).isEqualTo(FaultKind.ADDRESS_SIZE);
    window(1, 0x1000_0000, 0x10_0000, 0x80f0_0005L);
    assertThat(walk(0x1000_0000).gpaOf(0x1000_0000))
        .as("a window below a page is none")
        .isEqualTo(0x20_0000);
  }

  @Test
  void aSecondReadingAgreesOnRandomWindows() throws Exception {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    Map<String, Integer> seen = new TreeMap<>();
    attach();
    for (int world = 0; world < 2000; world++) {
      long[][] windows = new long[3][];
      for (int i = 0; i < 3; i++) {
        int size = random.nextInt(64);
        long on = random.nextInt(4) == 0 ? 0 : 1L << 31;
        long target = random.nextInt(4) == 0 ? random.nextInt(16) : 15;
        windows[i] = new long[] {random.nextInt(), random.nextInt(), on | target << 20 | size};
        window(i + 1, windows[i][0] << 12, windows[i][1] << 12, windows[i][2]);
      }
      for (int question = 0; question < 20; question++) {
        long[] one = windows[random.nextInt(3)];
        long iova =
            random.nextInt(4) == 0
                ? random.nextLong() >>> random.nextInt(64)
                : ((one[0] & 0xffff_ffffL) << 12) + random.nextLong(1L << 12 + random.nextInt(8));
        String expected = literal(windows, iova);
        WalkResult result = walk(iova);
        assertThat(
                result.outcome() == WalkResult.Outcome.TRANSLATED
                    ? Long.toHexString(result.gpaOf(iova))
                    : result.faultKind().toString())
            .as("seed %d world %d 0x%x", seed, world, iova)
            .isEqualTo(expected);
        seen.merge(expected.length() > 11 ? expected : "memory", 1, Integer::sum);
      }
    }
    assertThat(seen.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(40_000);
    assertThat(seen).containsKeys("memory", "ADDRESS_SIZE");
  }

  /** Division and remainder in numbers without a width. */
  private static String literal(long[][] windows, long iova) {
    BigInteger address = new BigInteger(Long.toUnsignedString(iova));
    for (long[] window : windows) {
      int shift = (int) (window[2] % 64) + 1;
      BigInteger size = BigInteger.TWO.pow(shift);
      BigInteger bus = BigInteger.valueOf(window[0] & 0xffff_ffffL).multiply(page());
      BigInteger memory = BigInteger.valueOf(window[1] & 0xffff_ffffL).multiply(page());
      boolean on = window[2] / (1L << 31) % 2 == 1 && shift >= 12 && shift <= 44;
      if (on && address.divide(size).equals(bus.divide(size))) {
        return window[2] / (1 << 20) % 16 == 15
            ? memory.divide(size).multiply(size).add(address.mod(size)).toString(16)
            : "NOT_MEMORY";
      }
    }
    return "ADDRESS_SIZE";
  }

  private static BigInteger page() {
    return BigInteger.valueOf(4096);
  }
}
