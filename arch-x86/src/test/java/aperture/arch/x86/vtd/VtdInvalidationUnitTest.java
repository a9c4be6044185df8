package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.InvalidationQueue.QUEUE;
import static aperture.arch.x86.vtd.InvalidationQueue.STATUS;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Raw descriptors in a raw queue. */
class VtdInvalidationUnitTest {

  private final InvalidationQueue queue = new InvalidationQueue();
  private final BareState state = queue.state();
  private final VtdRegisterFile registers = queue.registers();

  @AfterEach
  void close() {
    queue.close();
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
    queue.submit(Long.decode(low), Long.parseUnsignedLong(high.substring(2), 16));

    assertThat(state.invalidations).containsExactly(expected);
    assertThat(state.values.get("IQH")).isEqualTo(0x10);
    assertThat(queue.stopped()).isFalse();
  }

  @Test
  void aUnitThatNamesNoPagesTakesTheWholeDomain() {
    state.registers().set("CAP", HandmadeTables.CAP_48 & ~(1L << 39));

    queue.submit(0x7_0032, 0x1234_5000);

    assertThat(state.invalidations).containsExactly("domain 7 0x0+0x0");
  }

  @Test
  void theEmulatedUnitHasNoErrorRecord() {
    queue.submit(0xb, 0);

    assertThat(queue.stopped()).isTrue();
    assertThat(state.values).doesNotContainKey("IQERCD");
  }

  @Test
  void theEmulatedUnitTakesAnAbsentDeviceForOneWithNothingToForget() {
    queue.submit(0x0000_7777_0000_0003L, 0);

    assertThat(state.values.get("IQH")).isEqualTo(16);
    assertThat(state.registers().get("FSTS")).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "CCMD, 0xa000000000000000, 0x0, 0x2800000000000000, all",
    "CCMD, 0xc000000000000007, 0x0, 0x5000000000000007, domain 7 0x0+0x0",
    "CCMD, 0xe00000030329ffff, 0x0, 0x780000030329ffff, endpoint 03:05.0",
    "CCMD, 0x8000000000000007, 0x0, 0x0000000000000007, ",
    "CCMD, 0x2000000000000000, 0x0, 0x2000000000000000, ",
    "IOTLB, 0x9000000000000000, 0x0, 0x1200000000000000, all",
    "IOTLB, 0xa003000700000000, 0x0, 0x2403000700000000, domain 7 0x0+0x0",
    "IOTLB, 0xb000000700000000, 0x12345009, 0x3600000700000000, domain 7 0x12200000+0x200000",
    "IOTLB, 0xb000000700000000, 0x12345013, 0x3000000700000000, ",
    "IOTLB, 0x8000000700000000, 0x0, 0x0000000700000000, ",
    "IOTLB, 0x3000000700000000, 0x0, 0x3000000700000000, ",
  })
  void theRegistersInvalidateWhatTheyNameAndSayWhatWasDone(
      String register, String value, String iva, String after, String expected) {
    registers.write("GCMD", 0);
    queue.submit(0x25, STATUS);
    registers.write("GCMD", 0);
    assertThat(state.values.get("GSTS")).isZero();

    registers.write("IVA", Long.decode(iva));
    registers.write(register, Long.parseUnsignedLong(value.substring(2), 16));

    assertThat(state.values.get(register))
        .isEqualTo(Long.parseUnsignedLong(after.substring(2), 16));
    assertThat(state.invalidations).isEqualTo(expected == null ? List.of() : List.of(expected));
  }

  @Test
  void theRegistersAreOutOfUseWhileTheQueueIsInUse() {
    registers.write("CCMD", 0xa000_0000_0000_0000L);
    registers.write("IOTLB", 0x9000_0000_0000_0000L);

    assertThat(state.values).doesNotContainKeys("CCMD", "IOTLB");
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void aContextInvalidationIgnoresTheFunctionBitsItIsTold() {
    queue.submit(0x0003_032f_0000_0031L, 0);
    assertThat(state.invalidations).containsExactly("endpoint 03:05.0");
    state.invalidations.clear();

    queue.submit(0x0002_032f_0000_0031L, 0);
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void whatIsNotCachedHereIsAcceptedWithoutEffect() {
    queue.submit(4, 0);
    queue.submit(0x0000_0028_0000_0014L, 0);

    assertThat(queue.stopped()).isFalse();
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
    queue.submit(0x7_0000_0035L, STATUS);

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
    queue.submit(0x12, 0);
    queue.submit(Long.decode(low), Long.decode(high));
    queue.submit(0x12, 0);

    assertThat(queue.stopped()).isTrue();
    assertThat(state.values.get("IQH")).isEqualTo(0x10);
    assertThat(state.invalidations).containsExactly("all");
    assertThat(state.values.get("FECTL")).isEqualTo(0xc000_0000L);
  }

  @Test
  void theQueueRunsOnOnceTheErrorIsClearedAndTheTailWritten() {
    queue.submit(0xf, 0);
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

    assertThat(queue.stopped()).isTrue();
    assertThat(state.values.get("IQH")).isZero();
  }

  @Test
  void aQueueOutsideMemoryIsAnError() {
    registers.write("IQA", 0x1_0000_0000L);
    registers.write("IQT", 0x10);

    assertThat(queue.stopped()).isTrue();
  }

  @Test
  void theQueueWrapsAround() {
    for (int i = 0; i < 300; i++) {
      queue.submit(0x0000_0000_0001_0022L, 0);
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
    assertThat(queue.stopped()).isTrue();
  }

  @Test
  void theQueueIsTurnedOffOnlyBehindAWait() {
    queue.submit(0x12, 0);
    registers.write("GCMD", 0);
    assertThat(state.values.get("GSTS")).isEqualTo(1L << 26);

    queue.submit(0x25, STATUS);
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
