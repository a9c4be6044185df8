package aperture.arch.x86.xen;

import static aperture.arch.x86.xen.GuestFrames.FIRST;
import static aperture.arch.x86.xen.GuestFrames.GRANT;
import static aperture.arch.x86.xen.GuestFrames.LIST;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.arch.x86.BareState;
import aperture.iommu.Access;
import aperture.iommu.AttachRefusedException;
import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a bus address reaches, from structures written by hand. */
class XenWalkerTest {

  private final BareState state = new BareState();

  @AfterEach
  void close() {
    state.close();
  }

  private static void assertLeadsTo(
      WalkResult result, long address, long gpa, Permission permission) {
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.gpaOf(address)).isEqualTo(gpa);
    assertThat(result.size()).isEqualTo(4096);
    assertThat(result.permission()).isEqualTo(permission);
  }

  private static void assertFaults(WalkResult result, FaultKind kind, String text) {
    assertThat(result.outcome()).isEqualTo(Outcome.FAULT);
    assertThat(result.faultKind()).as(result.faultText()).isEqualTo(kind);
    assertThat(result.faultText()).contains(text);
    assertThat(result.recorded()).isFalse();
  }

  @Test
  void aMachineAddressReachesTheGuestsFrameThatLiesThere() throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenPvBehavior());

    WalkResult result = frames.walk(FIRST + 7 * 4096 + 0x123, Access.WRITE);

    assertLeadsTo(result, FIRST + 7 * 4096 + 0x123, 9 * 4096 + 0x123, Permission.READ_WRITE);
    assertThat(result.stepAddress(1)).isEqualTo(LIST + 9 * 8);
    assertThat(frames.decode(result, 0)).isEqualTo("guest frame 0x9");
    assertThat(frames.decode(result, 1)).isEqualTo("machine frame 0x5000007");
  }

  @ParameterizedTest
  @CsvSource({"0x500000800000", "0x4ffffff000", "0x9000", "0x5000006000", "0x7fffffffffffffff"})
  void aMachineFrameThatIsNotTheGuestsIsNotReached(String address) throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenPvBehavior());

    assertFaults(
        frames.walk(Long.decode(address), Access.READ), FaultKind.UNMAPPED, "not this guest's");
  }

  @Test
  void theGuestsListHasTheLastWord() throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenPvBehavior());
    state.put(LIST + 9 * 8, -1L);
    assertFaults(frames.walk(FIRST + 7 * 4096, Access.READ), FaultKind.UNMAPPED, "not this");

    state.registers().set("P2M_PAGES", 9);
    assertFaults(frames.walk(FIRST + 7 * 4096, Access.READ), FaultKind.UNMAPPED, "not this");

    state.registers().set("P2M_PAGES", 16_384);
    state.registers().set("P2M_LIST", 1L << 40);
    assertFaults(frames.walk(FIRST + 7 * 4096, Access.READ), FaultKind.TABLE_READ, "list");
  }

  @Test
  void aGrantNamesAMachineFrameInAParavirtualizedGuest() throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenPvBehavior());
    frames.grant(20, 1, 0, FIRST / 4096 + 7);
    frames.grant(21, 1, 0, 9);

    assertLeadsTo(
        frames.walk(GRANT | 20 * 4096 + 5, Access.WRITE),
        GRANT | 20 * 4096 + 5,
        9 * 4096 + 5,
        Permission.READ_WRITE);
    assertFaults(
        frames.walk(GRANT | 21 * 4096, Access.READ), FaultKind.UNMAPPED, "not this guest's");
  }

  @Test
  void aGrantNamesTheGuestsOwnFrameElsewhere() throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenHvmBehavior());
    frames.grant(20, 1, 0, 9);
    frames.grant(21, 5, 0, 10);

    WalkResult result = frames.walk(GRANT | 20 * 4096, Access.WRITE);
    assertLeadsTo(result, GRANT | 20 * 4096, 9 * 4096, Permission.READ_WRITE);
    assertThat(result.domain()).isEqualTo(1);
    assertThat(frames.decode(result, 0)).isEqualTo("RW, frame 0x9 for domain 0");
    assertLeadsTo(
        frames.walk(GRANT | 21 * 4096, Access.READ), GRANT | 21 * 4096, 10 * 4096, Permission.READ);
    assertFaults(
        frames.walk(GRANT | 21 * 4096, Access.WRITE), FaultKind.DENIED, "for reading only");
  }

  @Test
  void withoutMachineFramesAnythingButAGrantIsRefused() throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenHvmBehavior());

    assertFaults(frames.walk(9 * 4096, Access.READ), FaultKind.BLOCKED, "not a grant");
    assertFaults(frames.walk(FIRST + 7 * 4096, Access.READ), FaultKind.BLOCKED, "not a grant");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, UNMAPPED, is free",
    "4, 0, UNMAPPED, is free",
    "2, 0, BLOCKED, lets nobody",
    "3, 0, BLOCKED, lets nobody",
    "0x101, 0, MALFORMED, part of a frame",
    "1, 7, BLOCKED, another domain"
  })
  void anEntryThatGrantsNothingIsSaidToBeSo(String flags, int domain, FaultKind kind, String text)
      throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenHvmBehavior());
    frames.grant(20, Integer.decode(flags), domain, 9);

    assertFaults(frames.walk(GRANT | 20 * 4096, Access.READ), kind, text);
  }

  @Test
  void bitsThatTheHypervisorSetsWhileAFrameIsInUseChangeNothing() throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenHvmBehavior());
    frames.grant(20, 0xf9, 0, 9);

    assertThat(frames.walk(GRANT | 20 * 4096, Access.WRITE).outcome())
        .isEqualTo(Outcome.TRANSLATED);
  }

  @ParameterizedTest
  @CsvSource({"512", "4294967296", "2251799813685247"})
  void aReferenceBeyondTheTableIsRefused(long reference) throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenHvmBehavior());

    assertFaults(
        frames.walk(GRANT | reference << 12, Access.READ), FaultKind.ADDRESS_SIZE, "beyond");
  }

  @Test
  void aGrantTableOutsideMemoryIsAnErrorOfItsOwn() throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenHvmBehavior());
    state.registers().set("GRANT_TABLE", 1L << 40);

    assertFaults(frames.walk(GRANT, Access.READ), FaultKind.TABLE_READ, "grant table");
  }

  @Test
  void aListWithoutTheHypervisorsTableIsRefused() throws Exception {
    GuestFrames frames = new GuestFrames(state, new XenPvBehavior());
    state.tables().remove(0);

    assertFaults(frames.walk(FIRST, Access.READ), FaultKind.BLOCKED, "machine-to-physical");
    assertThatThrownBy(() -> new XenPvBehavior().attach(state))
        .isInstanceOf(AttachRefusedException.class)
        .hasMessageContaining("no machine-to-physical table");
  }

  @Test
  void randomEntriesAlwaysGiveAnAnswer() throws Exception {
    long seed = new Random().nextLong();
    System.getLogger("test").log(System.Logger.Level.INFO, "seed {0}", Long.toString(seed));
    Random random = new Random(seed);
    GuestFrames frames = new GuestFrames(state, new XenPvBehavior());
    var table = state.tables().find(0).orElseThrow();
    int translated = 0;
    for (int round = 0; round < 50_000; round++) {
      int reference = random.nextInt(600);
      long frame = FIRST / 4096 + random.nextInt(1100);
      frames.grant(reference, random.nextInt(1 << 10), random.nextInt(2), frame);
      long physical = random.nextInt(8) == 0 ? random.nextLong() : random.nextInt(20_000);
      table.set(random.nextInt(1024), physical);
      state.put(LIST + random.nextInt(20_000) * 8L, FIRST / 4096 + random.nextInt(1024));
      if (physical >= 0 && physical < 16_384 && frame < FIRST / 4096 + 1024) {
        table.set(frame - FIRST / 4096, physical);
        state.put(LIST + physical * 8, frame);
      }
      long address = random.nextBoolean() ? GRANT | (long) reference << 12 : frame << 12;
      Access access = random.nextBoolean() ? Access.READ : Access.WRITE;
      WalkResult result = frames.walk(random.nextInt(9) == 0 ? random.nextLong() : address, access);
      if (result.outcome() == Outcome.TRANSLATED) {
        translated++;
        assertThat(result.permission().allows(access)).as("seed %d", seed).isTrue();
      } else {
        assertThat(result.faultText())
            .as("seed %d", seed)
            .isNotEqualTo("the walker gave no answer");
      }
    }
    assertThat(translated).as("seed %d", seed).isPositive();
  }
}
