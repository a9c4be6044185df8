package aperture.arch.arm64.smmu;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.Registers;
import aperture.iommu.WalkResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands where there are virtual machines, a hypervisor, global pages, tag bytes. */
class TlbInvalidatorTest {

  private static final long QUEUE = 0x4051_0000L;
  private static final int STAGE_2_OF_7 = (2 << 24) + 7;
  private static final long VMID_7 = 7L << 32;
  private static final long LEVEL_3 = 3 << 8 | 1 << 10;

  private final SmmuFixture state = new SmmuFixture();
  private final SeenTags seen = new SeenTags();
  private SmmuV3Walker walker;
  private SmmuV3Hardware hardware;
  private long producer;

  @BeforeEach
  void build() {
    HandMadeStage2.build(state, 7);
    state.addEndpoint(0x10);
    state.set("IDR0", 0x0d40_101bL | 1 << 9);
    RegisterView view = new RegisterView(state.registers());
    walker = new SmmuV3Walker(view, state.memory(), seen);
    hardware = new SmmuV3Hardware(state, view, seen);
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void walk() {
    WalkResult result = new WalkResult();
    result.begin();
    walker.walk(state.endpoints.get(0), HandMadeTables.PAGE, Access.READ, result);
    assertThat(result.outcome()).as(result.faultText()).isEqualTo(WalkResult.Outcome.TRANSLATED);
    assertThat(result.steps()).isLessThan(20);
  }

  private List<String> run(long dword0, long dword1) {
    state.invalidations.clear();
    state.put(QUEUE + (producer & 7) * 16, dword0);
    state.put(QUEUE + (producer & 7) * 16 + 8, dword1);
    producer = producer + 1 & 15;
    hardware.write("CMDQ_PROD", producer);
    assertThat(state.get("GERROR")).isZero();
    return List.copyOf(state.invalidations);
  }

  private static String whole(int tag) {
    return "domain %d 0x0 0x0".formatted(tag);
  }

  @Test
  void anAddressSpaceIsOneOfItsVirtualMachine() {
    assertThat(run(5L << 48 | VMID_7 | 0x11, 0)).containsExactly(whole(7 << 16 | 5));
    assertThat(run(5L << 48 | VMID_7 | 0x12, 0x1000 | LEVEL_3))
        .containsExactly("domain %d 0x1000 0x1000".formatted(7 << 16 | 5));
    assertThat(run(5L << 48 | 0xff07L << 32 | 0x11, 0))
        .as("8 bits")
        .containsExactly(whole(7 << 16 | 5));
    state.set("IDR0", 0x0d40_101bL | 1 << 18);
    assertThat(run(5L << 48 | 0xff07L << 32 | 0x11, 0)).containsExactly(whole(0xff07 << 16 | 5));
  }

  @Test
  void aVirtualMachineIsForgottenByTheAddressSpacesThatWereSeen() {
    assertThat(run(VMID_7 | 0x10, 0)).as("nothing was seen").isEmpty();
    walk();
    seen.note(7 << 16 | 9);
    seen.note(8 << 16 | 1);
    assertThat(run(VMID_7 | 0x10, 0))
        .containsExactlyInAnyOrder(whole(7 << 16 | 1), whole(7 << 16 | 9));
    assertThat(run(VMID_7 | 0x28, 0))
        .containsExactlyInAnyOrder(whole(7 << 16 | 1), whole(7 << 16 | 9), whole(STAGE_2_OF_7));
    assertThat(run(VMID_7 | 0x13, 0x1000 | LEVEL_3))
        .containsExactlyInAnyOrder(
            "domain %d 0x1000 0x1000".formatted(7 << 16 | 1),
            "domain %d 0x1000 0x1000".formatted(7 << 16 | 9));
  }

  @Test
  void intermediateAddressesAreThoseOfStage2Alone() {
    assertThat(run(VMID_7 | 0x2a, 0x4020_0000L | LEVEL_3))
        .containsExactly("domain %d 0x40200000 0x1000".formatted(STAGE_2_OF_7));
    assertThat(run(VMID_7 | 0x2a, 0x4020_0000L))
        .containsExactly("domain %d 0x40000000 0x40000000".formatted(STAGE_2_OF_7));
  }

  @Test
  void theHypervisorsStreamsAreApart() {
    state.set("CR2", 7);
    state.put(HandMadeTables.ENTRY, HandMadeTables.CONTEXT | 0xb);
    state.put(HandMadeTables.ENTRY + 8, 0xd6L | 2L << 30);
    walk();
    int tag = (3 << 24) + 1;
    assertThat(run(VMID_7 | 0x10, 0)).isEmpty();
    assertThat(run(0x20, 0)).containsExactly(whole(tag));
    assertThat(run(1L << 48 | 0x21, 0)).containsExactly(whole(tag));
    assertThat(run(1L << 48 | 0x22, 0x1000 | LEVEL_3))
        .containsExactly("domain %d 0x1000 0x1000".formatted(tag));
    assertThat(run(0x23, 0x1000 | LEVEL_3))
        .containsExactly("domain %d 0x1000 0x1000".formatted(tag));
  }

  @Test
  void globalPagesAreForgottenByAnyAddressSpaceOfTheMachine() {
    walk();
    seen.note(7 << 16 | 9);
    assertThat(run(9L << 48 | VMID_7 | 0x12, 0x1_0000 | LEVEL_3)).hasSize(1);

    state.put(HandMadeTables.PAGE_ENTRY, state.get(HandMadeTables.PAGE_ENTRY) & ~(1L << 11));
    walk();
    assertThat(run(9L << 48 | VMID_7 | 0x12, 0x1_0000 | LEVEL_3))
        .containsExactlyInAnyOrder(
            "domain %d 0x10000 0x1000".formatted(7 << 16 | 1),
            "domain %d 0x10000 0x1000".formatted(7 << 16 | 9));
    assertThat(run(9L << 48 | VMID_7 | 0x11, 0)).containsExactly(whole(7 << 16 | 9));
  }

  @Test
  void aChangeBetweenTheFirstGlobalLeafAndItsNoteIsFound() {
    state.put(HandMadeTables.PAGE_ENTRY, state.get(HandMadeTables.PAGE_ENTRY) & ~(1L << 11));
    Registers plain = state.registers();
    int[] looks = {0};
    Registers counting =
        new Registers() {
          @Override
          public long get(String name) {
            return plain.get(name);
          }

          @Override
          public void set(String name, long value) {
            plain.set(name, value);
          }

          @Override
          public boolean has(String name) {
            return plain.has(name);
          }

          @Override
          public int generation() {
            // Each reading of the tables begins with a look at the registers.
            if (++looks[0] == 2) {
              state.put(HandMadeTables.PAGE_ENTRY, 0x4020_1747L);
            }
            return plain.generation();
          }

          @Override
          public Map<String, Long> snapshot() {
            return plain.snapshot();
          }
        };
    RegisterView view = new RegisterView(counting);
    looks[0] = 0;
    WalkResult result = new WalkResult();
    result.begin();
    new SmmuV3Walker(view, state.memory(), seen)
        .walk(state.endpoints.get(0), HandMadeTables.PAGE, Access.READ, result);
    assertThat(looks[0]).isEqualTo(2);
    assertThat(result.gpaBase()).isEqualTo(0x4300_5000L);
  }

  @Test
  void globalPagesWithoutVirtualMachinesAreForgottenForEveryEndpoint() {
    state.set("IDR0", 0x0d40_101aL);
    state.put(HandMadeTables.ENTRY, HandMadeTables.CONTEXT | 0xb);
    state.put(HandMadeTables.PAGE_ENTRY, state.get(HandMadeTables.PAGE_ENTRY) & ~(1L << 11));
    walk();
    assertThat(run(9L << 48 | 0x12, 0x1_0000 | LEVEL_3))
        .containsExactly("range 00:01.0 0x10000 0x1000", "range 00:02.0 0x10000 0x1000");
  }

  @Test
  void addressesWithATagByteAreForgottenWhateverTheByteIs() {
    state.put(HandMadeTables.CONTEXT, HandMadeTables.CONTEXT_0 | 1L << 38);
    walk();
    assertThat(run(1L << 48 | VMID_7 | 0x12, 0x1_0000 | LEVEL_3))
        .containsExactly(whole(7 << 16 | 1));
    state.set("IDR0", 0x0d40_101aL);
    assertThat(run(0x13, 0x1_0000 | LEVEL_3))
        .containsExactly("endpoint 00:01.0", "endpoint 00:02.0");
  }

  @ParameterizedTest
  @ValueSource(longs = {0x10, 0x11, 0x12, 0x13, 0x28, 0x2a})
  void groupsOfVirtualMachinesAreForgottenWithAllOthers(long opcode) {
    state.set("CR0", 0xd | 1 << 6);
    assertThat(run(VMID_7 | opcode, 0x1000 | LEVEL_3)).containsExactly("all");
  }

  @Test
  void moreAddressSpacesThanCanBeKeptMeanEverything() {
    for (int asid = 0; asid < 4096; asid++) {
      seen.note(7 << 16 | asid);
    }
    assertThat(run(VMID_7 | 0x10, 0)).contains("all");
    assertThat(run(VMID_7 | 0x10, 0)).as("and begins anew").isEmpty();
  }

  @Test
  void theLastTagOfAllIsNotForgotten() {
    state.set("IDR0", 0x0d40_101bL | 1 << 18);
    seen.note(-1);
    assertThat(run(0xffffL << 32 | 0x10, 0)).contains("all");
  }

  @Test
  void everySlotCanBeFoundAgain() {
    for (int tag = 0; tag < 64; tag++) {
      seen.note(tag << 16 | 1);
      seen.note(tag << 16 | 1);
    }
    for (long vmid = 0; vmid < 64; vmid++) {
      assertThat(run(vmid << 32 | 0x10, 0)).containsExactly(whole((int) vmid << 16 | 1));
    }
  }
}
