package aperture.arch.sparc.sun4v;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Endpoint;
import aperture.iommu.FaultKind;
import aperture.iommu.WalkResult;
import aperture.testkit.TableState;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every status of the hypervisor's calls, and what each call changes. */
class HvCallsTest {

  private static final long LIST = 0x10_0000;
  private static final long TABLE = 0x20_0000;
  private static final long PAGE = 0x40_0000;
  private static final long WINDOW = 0x8000_0000L;
  private static final long ATU = 1L << 40;
  private static final long END = 1L << 18;
  private static final int MAP = 0xb0;
  private static final int DEMAP = 0xb1;
  private static final int GETMAP = 0xb2;
  private static final int BYPASS = 0xb3;
  private static final int SYNC = 0xb8;
  private static final int CONF = 0x190;
  private static final long DEVICE = 0x010200;
  private static final int REQUESTER = 0x0102;

  private final HvFixture guest = new HvFixture();

  @BeforeEach
  void register() {
    guest.register();
  }

  @AfterEach
  void close() {
    guest.close();
  }

  private void assertStatus(long expected, int number, long... arguments) {
    assertThat(guest.call(number, arguments)[0]).as("call 0x%x", number).isEqualTo(expected);
  }

  private long conf() {
    long[] answer = guest.call(CONF, TABLE, 8192, 8192, ATU);
    assertThat(answer[0]).isZero();
    return answer[1];
  }

  @Test
  void withoutRegisteringThereAreNoCalls() {
    try (HvFixture stranger = new HvFixture()) {
      assertThat(stranger.call(GETMAP, 0)[0]).isEqualTo(7);
      assertThat(stranger.call(0x191, 0)[0]).isEqualTo(7);
      stranger.hypervisor.setVersion(0x100, 1, 9, new long[1]);
      assertThat(stranger.call(GETMAP, 0)[0]).isEqualTo(14);
      assertThat(stranger.call(0x191, 0)[0]).isEqualTo(7);
    }
    for (int number : new int[] {0, 0xaf, 0xb4, 0xb5, 0xb7, 0xb9, 0x18f, 0x19b, -1}) {
      assertStatus(7, number);
    }
  }

  @Test
  void versionsAreAgreedOn() {
    long[] minor = new long[1];
    assertThat(guest.hypervisor.setVersion(0x100, 1, 7, minor)).isZero();
    assertThat(minor[0]).isEqualTo(1);
    assertThat(guest.hypervisor.setVersion(0x100, 1, 0, minor)).isZero();
    assertThat(minor[0]).isZero();
    assertThat(guest.hypervisor.setVersion(0x100, 2, 7, minor)).isZero();
    assertThat(minor[0]).isZero();
    assertThat(guest.hypervisor.setVersion(0x111, 1, 7, minor)).isZero();
    assertThat(minor[0]).isEqualTo(1);
    assertThat(guest.hypervisor.setVersion(0x100, 3, 0, minor)).isEqualTo(13);
    assertThat(guest.hypervisor.setVersion(0x100, 0, 0, minor)).isEqualTo(13);
    assertThat(guest.hypervisor.setVersion(0x111, 2, 0, minor)).isEqualTo(13);
    assertThat(guest.hypervisor.setVersion(0x112, 1, 0, minor)).isEqualTo(6);
  }

  @Test
  void everyCallWantsTheRootComplex() {
    for (int number : new int[] {MAP, DEMAP, GETMAP, BYPASS, SYNC, CONF, 0x191, 0x19a}) {
      long[] o = {HvFixture.HANDLE + 1, 0, 1, 1, LIST, number};
      guest.hypervisor.trap(o);
      assertThat(o).as("call 0x%x", number).containsExactly(6, 0, 1, 1, LIST, number);
    }
  }

  @Test
  void pagesAreMappedFromAList() {
    guest.list(LIST, PAGE, PAGE + 0x6000);

    assertThat(guest.call(MAP, 5, 2, 3, LIST)).startsWith(0, 2);

    assertThat(guest.call(GETMAP, 6)).startsWith(0, 3, PAGE + 0x6000);
    WalkResult result = guest.walk(REQUESTER, WINDOW + 6 * 8192 + 5, Access.WRITE);
    assertThat(result.gpaOf(WINDOW + 6 * 8192 + 5)).isEqualTo(PAGE + 0x6005);
    assertThat(result.size()).isEqualTo(8192);
    assertThat(result.domain()).isZero();
    assertThat(result.stepAddress(0)).isEqualTo(6);
    assertThat(guest.state.invalidations).as("nothing was mapped before").isEmpty();
  }

  @Test
  void whatIsMappedAgainIsReplacedAndDropped() {
    guest.list(LIST, PAGE);
    guest.call(MAP, 5, 1, 1, LIST);
    guest.list(LIST, PAGE + 8192);

    assertStatus(0, MAP, 5, 1, 1, LIST);

    assertThat(guest.state.invalidations).containsExactly("domain 0x0 0x8000a000+0x2000");
    assertThat(guest.call(GETMAP, 5)).startsWith(0, 1, PAGE + 8192);
  }

  @Test
  void aMapCallThatCannotBeChangesNothing() {
    guest.list(LIST, PAGE);
    assertStatus(6, MAP, 1L << 32, 1, 1, LIST);
    assertStatus(6, MAP, END, 1, 1, LIST);
    assertStatus(6, MAP, 5, 0, 1, LIST);
    assertStatus(6, MAP, 5, -1, 1, LIST);
    assertStatus(6, MAP, 5, 1, 0, LIST);
    assertStatus(6, MAP, 5, 1, 4, LIST);
    assertStatus(6, MAP, 5, 1, 8, LIST);
    assertStatus(8, MAP, 5, 1, 1, LIST + 4);
    assertStatus(2, MAP, 5, 1, 1, TableState.MEMORY);
    assertStatus(2, MAP, 5, 1, 1, -8);
    guest.list(LIST, PAGE + 4096);
    assertStatus(8, MAP, 5, 1, 1, LIST);
    guest.list(LIST, TableState.MEMORY);
    assertStatus(2, MAP, 5, 1, 1, LIST);
    guest.list(LIST, -8192);
    assertStatus(2, MAP, 5, 1, 1, LIST);

    assertStatus(14, GETMAP, 5);
  }

  @Test
  void relaxedOrderingIsKnownFromTheNewerVersionOn() {
    guest.list(LIST, PAGE);
    assertStatus(0, MAP, 5, 1, 5, LIST);
    assertThat(guest.call(GETMAP, 5)).startsWith(0, 5, PAGE);
    guest.hypervisor.setVersion(0x100, 1, 1, new long[1]);
    assertStatus(6, MAP, 5, 1, 5, LIST);
    assertStatus(0, MAP, 5, 1, 3, LIST);
  }

  @Test
  void countsComeBackShort() {
    guest.list(LIST, PAGE, PAGE + 8192, 1, PAGE);
    assertThat(guest.call(MAP, 5, 4, 1, LIST)).as("the third is no page").startsWith(0, 2);
    assertStatus(14, GETMAP, 7);
    assertThat(guest.call(MAP, END - 1, 2, 1, LIST)).as("the table ends").startsWith(0, 1);
    for (int i = 0; i < 2000; i++) {
      guest.list(LIST + 8L * i, PAGE);
    }
    assertThat(guest.call(MAP, 100, 2000, 1, LIST)).as("a batch").startsWith(0, 1024);
    assertThat(guest.call(DEMAP, END - 1, 9)).startsWith(0, 1);
  }

  @Test
  void whatIsUnmappedIsDropped() {
    guest.list(LIST, PAGE, PAGE);
    guest.call(MAP, 5, 2, 3, LIST);

    assertThat(guest.call(DEMAP, 4, 4)).startsWith(0, 4);

    assertThat(guest.state.invalidations).containsExactly("domain 0x0 0x80008000+0x8000");
    assertStatus(14, GETMAP, 5);
    assertThat(guest.call(DEMAP, 4, 4)).as("legal").startsWith(0, 4);
    assertThat(guest.state.invalidations).hasSize(1);
    assertStatus(6, DEMAP, 1L << 32, 1);
    assertStatus(6, DEMAP, END, 1);
    assertStatus(6, DEMAP, 5, 0);
    assertStatus(6, DEMAP, 5, -1);
    assertStatus(6, GETMAP, END);
    assertStatus(6, GETMAP, 1L << 32);
  }

  @Test
  void bypassIsThereWhereThePlatformHasIt() {
    long address = 0xfffc_0000_0000_0000L | PAGE + 5;
    assertStatus(13, BYPASS, PAGE + 5, 3);
    assertThat(guest.walk(REQUESTER, address, Access.READ).faultKind())
        .isEqualTo(FaultKind.ADDRESS_SIZE);

    guest.state.registers().set("HV_BYPASS", 1);

    assertThat(guest.call(BYPASS, PAGE + 5, 3)).startsWith(0, address);
    assertThat(guest.walk(REQUESTER, address, Access.WRITE).gpaOf(address)).isEqualTo(PAGE + 5);
    assertStatus(6, BYPASS, PAGE, 0);
    assertStatus(6, BYPASS, PAGE, 8);
    assertStatus(2, BYPASS, TableState.MEMORY, 3);
  }

  @Test
  void syncingGoesPageByPage() {
    assertThat(guest.call(SYNC, PAGE + 8, 100, 1)).startsWith(0, 100);
    assertThat(guest.call(SYNC, PAGE + 8, 10_000, 3)).startsWith(0, 8184);
    assertStatus(6, SYNC, PAGE, 0, 1);
    assertStatus(6, SYNC, PAGE, 1, 0);
    assertStatus(6, SYNC, PAGE, 1, 4);
    assertStatus(2, SYNC, TableState.MEMORY, 1, 1);
  }

  @Test
  void anIotsbIsConfiguredInMemoryOfTheGuest() {
    long handle = conf();

    assertThat(handle).isEqualTo(1);
    assertThat(guest.call(0x191, handle)).startsWith(0, TABLE, 8192, 8192, ATU, 0);
    assertThat(guest.call(0x191, 0)).startsWith(0, 0, 1L << 21, 8192, WINDOW, 0);
    assertStatus(6, 0x191, 2);
    assertStatus(6, 0x191, -1);
    assertStatus(6, 0x191, 1L << 40);
  }

  @Test
  void anIotsbThatCannotBeIsRefused() {
    assertStatus(6, CONF, TABLE, 0, 8192, ATU);
    assertStatus(6, CONF, TABLE, 4096, 8192, ATU);
    assertStatus(6, CONF, TABLE, -8192, 8192, ATU);
    assertStatus(6, CONF, TABLE, 8192, 4096, ATU);
    assertStatus(6, CONF, TABLE, 8192, 0, ATU);
    assertStatus(6, CONF, TABLE, 8192, 8192, WINDOW);
    assertStatus(6, CONF, TABLE, 8192, 8192, 2 * ATU - 8192);
    assertStatus(6, CONF, TABLE, 8192, 8192, 2 * ATU);
    assertStatus(8, CONF, TABLE + 8, 8192, 8192, ATU);
    assertStatus(8, CONF, TABLE, 8192, 8192, ATU + 4096);
    assertStatus(8, CONF, TABLE, 8192, 65536, ATU + 8192);
    assertStatus(2, CONF, TableState.MEMORY, 8192, 8192, ATU);
    guest.list(TABLE + 8184, 1);
    assertStatus(6, CONF, TABLE, 8192, 8192, ATU);
    guest.list(TABLE + 8184, 0);
    conf();
    assertStatus(17, CONF, TABLE, 8192, 8192, ATU + (1L << 30));
    for (int i = 1; i < 64; i++) {
      assertStatus(0, CONF, TABLE + i * 8192L, 8192, 8192, ATU);
    }
    assertStatus(15, CONF, TABLE + 64 * 8192L, 8192, 8192, ATU);
  }

  @Test
  void aDeviceUsesWhatItIsBoundTo() {
    long handle = conf();
    assertStatus(0, 0x197, handle, 3, 3, PAGE);
    long iova = ATU + 3 * 8192;
    assertThat(guest.walk(REQUESTER, iova, Access.READ).faultKind())
        .isEqualTo(FaultKind.ADDRESS_SIZE);

    assertStatus(0, 0x193, handle, DEVICE);

    WalkResult result = guest.walk(REQUESTER, iova, Access.WRITE);
    assertThat(result.gpaBase()).isEqualTo(PAGE);
    assertThat(result.domain()).isEqualTo((int) handle);
    assertThat(guest.walk(REQUESTER + 1, iova, Access.READ).faultKind())
        .isEqualTo(FaultKind.ADDRESS_SIZE);
    assertThat(guest.call(0x191, handle)[5]).as("devices bound").isEqualTo(1);
    assertThat(guest.call(0x195, DEVICE, iova)).startsWith(0, handle);
    assertStatus(14, 0x195, DEVICE, ATU - 1);
    assertStatus(14, 0x195, DEVICE + 0x100, iova);
    assertStatus(6, 0x195, DEVICE + 1, iova);
    assertStatus(17, 0x192, handle);
    assertStatus(17, 0x193, handle, DEVICE);
  }

  @Test
  void unbindingEndsIt() {
    guest.state.endpoints.add(new Endpoint(0, "01:00.2", REQUESTER, Map.of()));
    long handle = conf();
    guest.call(0x193, handle, DEVICE);

    assertStatus(0, 0x194, handle, DEVICE);

    assertThat(guest.state.invalidations).containsExactly("endpoint 01:00.2");
    assertThat(guest.walk(REQUESTER, ATU, Access.READ).faultKind())
        .isEqualTo(FaultKind.ADDRESS_SIZE);
    assertStatus(14, 0x194, handle, DEVICE);
    assertStatus(6, 0x194, 9, DEVICE);
    assertStatus(6, 0x194, handle, 1L << 24);
    assertStatus(6, 0x193, 0, DEVICE);
    assertStatus(6, 0x193, handle, 1);
    assertStatus(0, 0x192, handle);
    assertStatus(6, 0x192, handle);
    assertStatus(6, 0x192, 0);
  }

  @Test
  void aDeviceHasFourIotsbsThatDoNotOverlap() {
    for (int i = 0; i < 5; i++) {
      assertThat(guest.call(CONF, TABLE + i * 8192L, 8192, 8192, ATU + ((long) i << 32)))
          .startsWith(0, i + 1);
    }
    assertThat(guest.call(CONF, TABLE + 5 * 8192L, 8192, 8192, ATU + 8192)).startsWith(0, 6);
    assertStatus(0, 0x193, 1, DEVICE);
    assertStatus(17, 0x193, 6, DEVICE);
    assertStatus(0, 0x193, 2, DEVICE);
    assertStatus(0, 0x193, 3, DEVICE);
    assertStatus(0, 0x193, 4, DEVICE);
    assertStatus(17, 0x193, 5, DEVICE);
    assertStatus(0, 0x194, 2, DEVICE);
    assertStatus(0, 0x193, 5, DEVICE);
    assertThat(guest.call(0x195, DEVICE, ATU + (4L << 32))).startsWith(0, 5);
  }

  @Test
  void entriesOfAnIotsbAreMappedReadAndUnmapped() {
    long handle = conf();
    guest.list(LIST, PAGE, PAGE + 8192);

    assertThat(guest.call(0x196, handle, 2L << 48 | 7, 3, LIST)).startsWith(0, 2);
    assertThat(guest.state.invalidations).containsExactly("domain 0x1 0x1000000e000+0x4000");
    assertThat(guest.call(0x199, handle, 8)).startsWith(0, PAGE + 8192, 3);
    assertThat(guest.call(0x19a, handle, 7, 9000)).startsWith(0, 1017);
    assertThat(guest.call(0x198, handle, 7, 1)).startsWith(0, 1);
    assertStatus(14, 0x199, handle, 7);

    assertStatus(6, 0x196, handle, 7, 3, LIST);
    assertStatus(6, 0x196, handle, 1L << 48 | 1024, 3, LIST);
    assertStatus(6, 0x196, 0, 1L << 48 | 7, 3, LIST);
    assertStatus(6, 0x196, handle, 1L << 48 | 7, 0, LIST);
    assertStatus(8, 0x196, handle, 1L << 48 | 7, 3, LIST + 1);
    assertStatus(2, 0x196, handle, 1L << 48 | 7, 3, TableState.MEMORY);
    assertStatus(6, 0x197, handle, 1024, 3, PAGE);
    assertStatus(6, 0x197, handle, -1, 3, PAGE);
    assertStatus(6, 0x197, handle, 1, 16, PAGE);
    assertStatus(8, 0x197, handle, 1, 3, PAGE + 8);
    assertStatus(2, 0x197, handle, 1, 3, TableState.MEMORY);
    assertStatus(6, 0x198, handle, 1024, 1);
    assertStatus(6, 0x198, handle, 1, 0);
    assertStatus(6, 0x199, handle, 1024);
    assertStatus(6, 0x19a, handle, 1024, 1);
    assertStatus(6, 0x19a, handle, 1, 0);
    assertStatus(6, 0x19a, 5, 1, 1);
  }

  @Test
  void largePagesAreWhole() {
    assertThat(guest.call(CONF, TABLE, 8192, 1 << 22, ATU)).startsWith(0, 1);
    guest.call(0x193, 1, DEVICE);
    assertStatus(8, 0x197, 1, 0, 1, PAGE + 8192);
    assertStatus(2, 0x197, 1, 0, 1, TableState.MEMORY);
    assertStatus(0, 0x197, 1, 2, 1, PAGE);

    WalkResult result = guest.walk(REQUESTER, ATU + (3 << 22) - 1, Access.READ);

    assertThat(result.size()).isEqualTo(1 << 22);
    assertThat(result.gpaOf(ATU + (3 << 22) - 1)).isEqualTo(PAGE + (1 << 22) - 1);
    assertThat(guest.walk(REQUESTER, ATU + (2 << 22), Access.WRITE).faultKind())
        .isEqualTo(FaultKind.DENIED);
    assertThat(guest.walk(REQUESTER, ATU, Access.READ).faultKind()).isEqualTo(FaultKind.UNMAPPED);
  }

  @Test
  void whatAGuestWritesIntoItsIotsbChangesNothing() {
    long handle = conf();
    guest.call(0x193, handle, DEVICE);
    guest.list(TABLE, PAGE | 3);

    assertThat(guest.walk(REQUESTER, ATU, Access.READ).faultKind()).isEqualTo(FaultKind.UNMAPPED);
  }

  @Test
  void statusesAndEntriesHaveWords() {
    assertThat(HvStatus.describe(0)).isEqualTo("success");
    assertThat(HvStatus.describe(2)).isEqualTo("no such real address");
    assertThat(HvStatus.describe(6)).isEqualTo("invalid argument");
    assertThat(HvStatus.describe(7)).isEqualTo("no such call");
    assertThat(HvStatus.describe(8)).isEqualTo("bad alignment");
    assertThat(HvStatus.describe(9)).isEqualTo("would block");
    assertThat(HvStatus.describe(10)).isEqualTo("no access");
    assertThat(HvStatus.describe(11)).isEqualTo("I/O error");
    assertThat(HvStatus.describe(13)).isEqualTo("not supported");
    assertThat(HvStatus.describe(14)).isEqualTo("no mapping");
    assertThat(HvStatus.describe(15)).isEqualTo("too many");
    assertThat(HvStatus.describe(17)).isEqualTo("busy");
    assertThat(HvStatus.describe(99)).isEqualTo("status 99");
    assertThat(IotteLayout.decode(PAGE | 7)).isEqualTo("page 0x400000, RW, relaxed ordering");
    assertThat(IotteLayout.decode(PAGE | 2)).isEqualTo("page 0x400000, -W");
    assertThat(IotteLayout.decode(PAGE)).isEqualTo("not mapped");
  }
}
