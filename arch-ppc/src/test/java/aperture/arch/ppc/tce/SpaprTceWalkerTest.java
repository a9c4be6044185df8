package aperture.arch.ppc.tce;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.IommuWalker;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the walker answers, and why it does not. */
class SpaprTceWalkerTest {

  private static final long DIRECT_START = 1L << 59;

  private final TableState state = new TableState();

  @AfterEach
  void close() {
    state.close();
  }

  private void window(long liobn, long start, long shift, long entries) {
    state
        .tables()
        .create(liobn, entries, Map.of(TceWindow.BUS_OFFSET, start, TceWindow.PAGE_SHIFT, shift));
  }

  private void set(long liobn, long index, long tce) {
    state.tables().find(liobn).orElseThrow().set(index, tce);
  }

  private IommuWalker walker() {
    try {
      return SpaprTceInstance.attach(state).walker();
    } catch (AttachRefusedException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertFault(WalkResult result, FaultKind kind, String words) {
    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.FAULT);
    assertThat(result.faultKind()).isEqualTo(kind);
    assertThat(result.faultReason()).isEqualTo(-1);
    assertThat(result.faultText()).contains(words);
    assertThat(result.recorded()).isFalse();
  }

  @Test
  void anEntryAnswersForItsWholePage() {
    HostBridge.reset(state.tables(), HostBridge.DEFAULT_LIOBN);
    set(HostBridge.DEFAULT_LIOBN, 0x30, 0x2090003L);
    Endpoint endpoint = state.endpoint(Map.of());

    WalkResult result = TableState.walk(walker(), endpoint, 0x30abc, Access.WRITE);

    assertThat(result.outcome()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.iovaBase()).isEqualTo(0x30000);
    assertThat(result.size()).isEqualTo(4096);
    assertThat(result.gpaOf(0x30abc)).isEqualTo(0x2090abcL);
    assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(0x8000_0000);
    assertThat(result.steps()).isEqualTo(1);
    assertThat(result.stepStructure(0)).isEqualTo("TCE");
    assertThat(result.stepAddress(0)).isEqualTo(0x30);
    assertThat(result.stepValue(0)).isEqualTo(0x2090003L);
  }

  @Test
  void everyWindowOfTheBridgeIsLookedAt() {
    window(0x8000_0300L, 0, 12, 1024);
    window(0x8000_0301L, DIRECT_START, 24, 4);
    set(0x8000_0300L, 5, 0x7001);
    set(0x8000_0301L, 1, 0x1000003L);
    Endpoint endpoint =
        state.endpoint(Map.of("liobn", "0x80000300", "windows", "0x80000300,0x80000301"));
    IommuWalker walker = walker();

    WalkResult small = TableState.walk(walker, endpoint, 0x5010, Access.READ);
    assertThat(small.gpaOf(0x5010)).isEqualTo(0x7010);
    assertThat(small.permission()).isEqualTo(Permission.READ);
    long iova = DIRECT_START + 0x1ff_ffffL;
    WalkResult large = TableState.walk(walker, endpoint, iova, Access.WRITE);
    assertThat(large.size()).isEqualTo(16 << 20);
    assertThat(large.iovaBase()).isEqualTo(DIRECT_START + 0x100_0000L);
    assertThat(large.gpaOf(iova)).isEqualTo(0x1ff_ffffL);
    assertThat(large.domain()).isEqualTo(0x8000_0301);
  }

  @Test
  void windowsOfEveryPageSizeReachTheirLastByte() {
    for (long shift : new long[] {12, 16, 21, 24, 25, 26, 27, 28, 34}) {
      long liobn = 0x8000_1000L + shift;
      window(liobn, DIRECT_START, shift, 8);
      set(liobn, 7, 9L << shift | 3);
      Endpoint endpoint = state.endpoint(Map.of("windows", Long.toHexString(liobn)));
      long last = DIRECT_START + (8L << shift) - 1;

      WalkResult result = TableState.walk(walker(), endpoint, last, Access.READ);

      assertThat(result.gpaOf(last)).isEqualTo((10L << shift) - 1);
      assertThat(result.size()).isEqualTo(1L << shift);
      assertFault(
          TableState.walk(walker(), endpoint, last + 1, Access.READ),
          FaultKind.ADDRESS_SIZE,
          "outside every window");
    }
  }

  @Test
  void addressesOutsideEveryWindowFault() {
    HostBridge.reset(state.tables(), HostBridge.DEFAULT_LIOBN);
    Endpoint endpoint = state.endpoint(Map.of());
    IommuWalker walker = walker();
    for (long iova : new long[] {1L << 30, 1L << 32, DIRECT_START, Long.MIN_VALUE, -1}) {
      assertFault(
          TableState.walk(walker, endpoint, iova, Access.READ),
          FaultKind.ADDRESS_SIZE,
          "outside every window");
    }
  }

  @Test
  void theMessageWindowIsNotMemory() {
    HostBridge.reset(state.tables(), HostBridge.DEFAULT_LIOBN);
    Endpoint endpoint = state.endpoint(Map.of());
    IommuWalker walker = walker();

    for (long iova : new long[] {0x400_0000_0000L, 0x400_0000_ffffL}) {
      assertFault(
          TableState.walk(walker, endpoint, iova, Access.WRITE), FaultKind.RESERVED, "message");
    }
    assertFault(
        TableState.walk(walker, endpoint, 0x400_0001_0000L, Access.WRITE),
        FaultKind.ADDRESS_SIZE,
        "outside every window");
  }

  @Test
  void anEntryWithoutRightsIsUnmappedAndAMissingRightIsDenied() {
    HostBridge.reset(state.tables(), HostBridge.DEFAULT_LIOBN);
    set(HostBridge.DEFAULT_LIOBN, 1, 0x5ffcL);
    set(HostBridge.DEFAULT_LIOBN, 2, 0x5001L);
    set(HostBridge.DEFAULT_LIOBN, 3, 0x5002L);
    Endpoint endpoint = state.endpoint(Map.of());
    IommuWalker walker = walker();

    assertFault(TableState.walk(walker, endpoint, 0, Access.READ), FaultKind.UNMAPPED, "no rights");
    assertFault(
        TableState.walk(walker, endpoint, 0x1000, Access.READ), FaultKind.UNMAPPED, "no rights");
    assertFault(
        TableState.walk(walker, endpoint, 0x2000, Access.WRITE), FaultKind.DENIED, "writing");
    assertFault(
        TableState.walk(walker, endpoint, 0x3000, Access.READ), FaultKind.DENIED, "reading");
    assertThat(TableState.walk(walker, endpoint, 0x3000, Access.WRITE).permission())
        .isEqualTo(Permission.WRITE);
  }

  @Test
  void aWindowWithoutATableIsAFaultOfItsOwnKind() {
    HostBridge.reset(state.tables(), HostBridge.DEFAULT_LIOBN);
    set(HostBridge.DEFAULT_LIOBN, 1, 0x5003L);
    Endpoint endpoint = state.endpoint(Map.of("windows", "0x80000000,0x80000001"));
    IommuWalker walker = walker();

    assertThat(TableState.walk(walker, endpoint, 0x1000, Access.READ).gpaBase()).isEqualTo(0x5000);
    assertFault(
        TableState.walk(walker, endpoint, DIRECT_START, Access.READ),
        FaultKind.TABLE_READ,
        "no table");
  }

  @Test
  void aWindowThatIsMadeOrRemovedIsNoticed() {
    HostBridge.reset(state.tables(), HostBridge.DEFAULT_LIOBN);
    Endpoint endpoint = state.endpoint(Map.of("windows", "80000000,80000001"));
    IommuWalker walker = walker();
    assertThat(TableState.walk(walker, endpoint, DIRECT_START, Access.READ).faultKind())
        .isEqualTo(FaultKind.TABLE_READ);

    window(0x8000_0001L, DIRECT_START, 16, 4);
    set(0x8000_0001L, 0, 0x3);
    assertThat(TableState.walk(walker, endpoint, DIRECT_START, Access.READ).outcome())
        .isEqualTo(WalkResult.Outcome.TRANSLATED);

    state.tables().remove(0x8000_0001L);
    assertThat(TableState.walk(walker, endpoint, DIRECT_START, Access.READ).faultKind())
        .isEqualTo(FaultKind.TABLE_READ);
  }

  @Test
  void aStrangerIsBehindTheBridgeItNamesWhateverItsNumber() {
    HostBridge.reset(state.tables(), HostBridge.DEFAULT_LIOBN);
    set(HostBridge.DEFAULT_LIOBN, 1, 0x5003L);
    IommuWalker walker = walker();
    for (int index : new int[] {0, 1, 5000, -1, Integer.MAX_VALUE}) {
      Endpoint stranger = new Endpoint(index, "01:00.0", 0x100, Map.of());
      Endpoint elsewhere = new Endpoint(index, "02:00.0", 0x200, Map.of("liobn", "0x80000700"));
      Endpoint unreadable = new Endpoint(index, "03:00.0", 0x300, Map.of("liobn", "what?"));

      assertThat(TableState.walk(walker, stranger, 0x1000, Access.READ).gpaBase())
          .isEqualTo(0x5000);
      assertThat(TableState.walk(walker, elsewhere, 0x1000, Access.READ).faultKind())
          .isEqualTo(FaultKind.TABLE_READ);
      assertThat(TableState.walk(walker, unreadable, 0x1000, Access.READ).faultKind())
          .isEqualTo(FaultKind.TABLE_READ);
      assertThat(TableState.walk(walker, stranger, 0x1000, Access.READ).gpaBase())
          .isEqualTo(0x5000);
    }
  }

  @Test
  void randomEntriesAndAddressesAreAlwaysAnswered() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    window(0x8000_0000L, 0, 12, 512);
    window(0x8000_0001L, DIRECT_START, 21, 64);
    Endpoint endpoint = state.endpoint(Map.of("windows", "0x80000000,0x80000001"));
    IommuWalker walker = walker();
    for (int i = 0; i < 20_000; i++) {
      boolean direct = random.nextBoolean();
      long index = random.nextInt(direct ? 64 : 512);
      long tce = random.nextLong();
      set(direct ? 0x8000_0001L : 0x8000_0000L, index, tce);
      int shift = direct ? 21 : 12;
      long iova =
          (direct ? DIRECT_START : 0) + (index << shift) + (random.nextLong() & (1L << shift) - 1);
      Access access = random.nextBoolean() ? Access.READ : Access.WRITE;

      WalkResult result = TableState.walk(walker, endpoint, iova, access);

      boolean allowed = (tce & access.bit()) != 0;
      assertThat(result.outcome() == WalkResult.Outcome.TRANSLATED)
          .as("seed %d step %d", seed, i)
          .isEqualTo(allowed);
      if (allowed) {
        long inside = (1L << shift) - 1;
        assertThat(result.gpaOf(iova))
            .as("seed %d step %d", seed, i)
            .isEqualTo(tce & ~inside | iova & inside);
      }
    }
  }
}
