package aperture.arch.x86.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Raw descriptors in a raw queue. */
class VtdInvalidationUnitTest {

  private static final long QUEUE = 0x20_0000;
  private static final long STATUS = 0x20_4000;

  private final TestState state = new TestState();
  private final VtdEvents events = new VtdEvents(state.registers());
  private final VtdRegisterFile registers =
      new VtdRegisterFile(
          state,
          new VtdInvalidationUnit(state, events),
          new VtdFaultRecorder(state.registers(), events),
          events);
  private long tail;

  @BeforeEach
  void enable() {
    registers.reset(48);
    state.endpoint(0, 5);
    state.endpoint(3, 5);
    registers.write("IQA", QUEUE);
    registers.write("GCMD", 1L << 26);
  }

  @AfterEach
  void close() {
    state.close();
  }

  private void submit(long low, long high) {
    state.put(QUEUE + tail, low);
    state.put(QUEUE + tail + 8, high);
    tail = (tail + 16) % 4096;
    registers.write("IQT", tail);
  }

  private boolean stopped() {
    return (state.registers().get("FSTS") & 0x10) != 0;
  }

  @ParameterizedTest
  @CsvSource({
    "0x0000000000000011, 0x0, all",
    "0x0000000000070021, 0x0, domain 7 0x0+0x0",
    "0x0000032800000031, 0x0, endpoint 03:05.0",
    "0x0000000000000012, 0x0, all",
    "0x0000000000070022, 0x0, domain 7 0x0+0x0",
    "0x0000000000070032, 0x12345000, domain 7 0x12345000+0x1000",
    "0x00000000000700f2, 0x12345049, domain 7 0x12200000+0x200000",
    "0x0000002800050003, 0x12345000, endpoint 00:05.0 0x12345000+0x1000",
    "0x0000002800050003, 0x122ff001, endpoint 00:05.0 0x12200000+0x200000",
    "0x0000002800050003, 0xfffffffffffff001, endpoint 00:05.0 0x0+0x0",
  })
  void aDescriptorInvalidatesWhatItNames(String low, String high, String expected) {
    submit(Long.decode(low), Long.parseUnsignedLong(high.substring(2), 16));

    assertThat(state.invalidations).containsExactly(expected);
    assertThat(state.values.get("IQH")).isEqualTo(0x10);
    assertThat(stopped()).isFalse();
  }

  @Test
  void aContextInvalidationIgnoresTheFunctionBitsItIsTold() {
    submit(0x0003_032f_0000_0031L, 0);
    assertThat(state.invalidations).containsExactly("endpoint 03:05.0");
    state.invalidations.clear();

    submit(0x0002_032f_0000_0031L, 0);
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void whatIsNotCachedHereIsAcceptedWithoutEffect() {
    submit(4, 0);
    submit(0x0000_0028_0000_0014L, 0);

    assertThat(stopped()).isFalse();
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void aWaitWritesItsStatusAfterAllBeforeIt() {
    state.put(QUEUE, 0x12);
    state.put(QUEUE + 16, 0x1234_5678_0000_0025L);
    state.put(QUEUE + 24, STATUS);
    registers.write("IQT", 32);

    assertThat(state.get(STATUS)).isEqualTo(0x1234_5678L);
    assertThat(state.invalidations).containsExactly("all");
    assertThat(state.values.get("IQH")).isEqualTo(32);
  }

  @Test
  void aWaitCanWriteAndInterrupt() {
    submit(0x7_0000_0035L, STATUS);

    assertThat(state.get(STATUS)).isEqualTo(7);
    assertThat(state.values.get("ICS")).isEqualTo(1);
    assertThat(state.values.get("IECTL")).isEqualTo(0xc000_0000L);
    registers.write("ICS", 1);
    assertThat(state.values.get("ICS")).isZero();
    assertThat(state.values.get("IECTL")).isEqualTo(0x8000_0000L);
  }

  @ParameterizedTest
  @CsvSource({
    "0x0, 0x0", // type 0
    "0x26, 0x0", // IOTLB of a PASID: scalable mode only
    "0x37, 0x0", // PASID cache: scalable mode only
    "0x8, 0x0", // device TLB of a PASID: scalable mode only
    "0xf, 0x0", // no such type
    "0x1, 0x0", // context, granularity 0
    "0x51, 0x0", // context, reserved bit 6
    "0x11, 0x1", // context, reserved high half
    "0x2, 0x0", // IOTLB, granularity 0
    "0x112, 0x0", // IOTLB, reserved bit 8
    "0x100000012, 0x0", // IOTLB, reserved bit 32
    "0x32, 0x80", // IOTLB, reserved bit 7 of the high half
    "0x32, 0x13", // IOTLB, address mask 19
    "0xb, 0x2", // no such type
    "0x3, 0x2", // device TLB, reserved bit 1
    "0x5, 0x204000", // wait, neither status nor interrupt
    "0xa5, 0x204000", // wait, reserved bit 7
    "0x25, 0x204001", // wait, status not aligned
    "0x25, 0x100000000", // wait, status outside memory
  })
  void aBadDescriptorStopsTheQueueOnItself(String low, String high) {
    submit(0x12, 0);
    submit(Long.decode(low), Long.decode(high));
    submit(0x12, 0);

    assertThat(stopped()).isTrue();
    assertThat(state.values.get("IQH")).isEqualTo(0x10);
    assertThat(state.invalidations).containsExactly("all");
    assertThat(state.values.get("FECTL")).isEqualTo(0xc000_0000L);
  }

  @Test
  void theQueueRunsOnOnceTheErrorIsClearedAndTheTailWritten() {
    submit(0xf, 0);
    state.put(QUEUE, 0x12);
    registers.write("IQT", 0x10);
    assertThat(state.invalidations).isEmpty();

    registers.write("FSTS", 0x10);
    assertThat(state.invalidations).isEmpty();
    registers.write("IQT", 0x10);

    assertThat(state.invalidations).containsExactly("all");
    assertThat(state.values.get("IQH")).isEqualTo(0x10);
  }

  @Test
  void aTailBeyondTheQueueIsAnError() {
    registers.write("IQT", 0x1000);

    assertThat(stopped()).isTrue();
    assertThat(state.values.get("IQH")).isZero();
  }

  @Test
  void aQueueOutsideMemoryIsAnError() {
    registers.write("IQA", 0x1_0000_0000L);
    registers.write("IQT", 0x10);

    assertThat(stopped()).isTrue();
  }

  @Test
  void theQueueWrapsAround() {
    for (int i = 0; i < 300; i++) {
      submit(0x0000_0000_0001_0022L, 0);
    }

    assertThat(state.invalidations).hasSize(300);
    assertThat(state.values.get("IQH")).isEqualTo(300 * 16 % 4096);
  }

  @Test
  void wideDescriptorsTakeTwiceTheRoom() {
    state.put(QUEUE, 0x12);
    state.put(QUEUE + 32, 0x0000_0000_0007_0022L);
    registers.write("IQA", QUEUE | 0x800);
    registers.write("IQT", 64);

    assertThat(state.invalidations).containsExactly("all", "domain 7 0x0+0x0");
    assertThat(state.values.get("IQH")).isEqualTo(64);

    state.put(QUEUE + 64, 0x12);
    state.put(QUEUE + 64 + 16, 1);
    registers.write("IQT", 96);
    assertThat(stopped()).isTrue();
  }

  @Test
  void theQueueIsTurnedOffOnlyBehindAWait() {
    submit(0x12, 0);
    registers.write("GCMD", 0);
    assertThat(state.values.get("GSTS")).isEqualTo(1L << 26);

    submit(0x25, STATUS);
    registers.write("GCMD", 0);

    assertThat(state.values.get("GSTS")).isZero();
    assertThat(state.values.get("IQH")).isZero();
  }

  @Test
  void changingTheRootOrTheEnableDropsEverythingCached() {
    registers.write("RTADDR", 0x10_0fff);
    assertThat(state.values.get("RTADDR")).isEqualTo(0x10_0c00);
    registers.write("GCMD", 1L << 26 | 1L << 30);
    assertThat(state.invalidations).containsExactly("all");
    registers.write("GCMD", 1L << 26 | 1L << 31);

    assertThat(state.invalidations).containsExactly("all", "all");
    assertThat(state.values.get("GSTS")).isEqualTo(0xc400_0000L);
    registers.write("GCMD", 1L << 26);
    assertThat(state.values.get("GSTS")).isEqualTo(0x4400_0000L);
  }

  @Test
  void readOnlyRegistersStay() {
    registers.write("CAP", 0);
    registers.write("GSTS", 0);
    registers.write("IQH", 0x40);

    assertThat(state.values.get("CAP")).isEqualTo(HandmadeTables.CAP_48);
    assertThat(state.values.get("GSTS")).isEqualTo(1L << 26);
    assertThat(state.values.get("IQH")).isZero();
  }

  @Test
  void theFaultEventsMessageKeepsItsWritableBits() {
    registers.write("FEDATA", 0x12_3456);
    registers.write("FEADDR", 0xfee0_1007L);

    assertThat(state.values.get("FEDATA")).isEqualTo(0x3456);
    assertThat(state.values.get("FEADDR")).isEqualTo(0xfee0_1004L);
  }
}
