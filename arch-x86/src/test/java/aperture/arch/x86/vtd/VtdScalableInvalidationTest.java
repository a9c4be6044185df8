package aperture.arch.x86.vtd;

import static aperture.arch.x86.vtd.InvalidationQueue.QUEUE;
import static aperture.arch.x86.vtd.InvalidationQueue.STATUS;
import static org.assertj.core.api.Assertions.assertThat;

import aperture.arch.x86.BareState;
import aperture.iommu.Endpoint;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Raw descriptors in the raw queue of a unit by the book, with scalable mode. */
class VtdScalableInvalidationTest {

  private final InvalidationQueue queue = new InvalidationQueue();
  private final BareState state = queue.state();
  private final VtdRegisterFile registers = queue.registers();

  @BeforeEach
  void byTheBook() {
    state.registers().set("VER", 0x40);
    state.registers().set("ECAP", ScalableTables.ECAP);
  }

  @AfterEach
  void close() {
    queue.close();
  }

  @ParameterizedTest
  @CsvSource({
    "0x0004567800070026, 0x0, domain 7 0x0+0x0",
    "0x0004567800070036, 0x12345000, domain 7 0x12345000+0x1000",
    "0x0004567800070036, 0x12345049, domain 7 0x12200000+0x200000",
    "0x0000000000070007, 0x0, domain 7 0x0+0x0",
    "0x0004567800070017, 0x0, domain 7 0x0+0x0",
    "0x0000000000000037, 0x0, all",
    "0x0004567803280008, 0x12345000, endpoint 03:05.0 0x12345000+0x1000",
    "0x0004567803280008, 0x122ff800, endpoint 03:05.0 0x12200000+0x200000",
    "0xfff456780328f1f8, 0xfffffffffffff800, endpoint 03:05.0 0x0+0x0",
  })
  void aDescriptorWithPasidInvalidatesWhatItNames(String low, String high, String expected) {
    Endpoint plain = state.endpoints.get(1);
    state.endpoints.set(1, new Endpoint(1, plain.id(), 0x328, Map.of("pasid", "0x45678")));

    queue.submit(
        Long.parseUnsignedLong(low.substring(2), 16),
        Long.parseUnsignedLong(high.substring(2), 16));

    assertThat(state.invalidations).containsExactly(expected);
    assertThat(queue.stopped()).isFalse();
  }

  @Test
  void aDevicesTranslationsAreForgottenByPasid() {
    state.endpoints.set(0, new Endpoint(0, "one", 0x28, Map.of("pasid", "1")));
    state.endpoints.set(1, new Endpoint(1, "two", 0x28, Map.of("pasid", "2")));
    state.endpoints.add(new Endpoint(2, "none", 0x28, Map.of()));

    queue.submit(0x0000_0002_0028_0008L, 0x5000);
    assertThat(state.invalidations).containsExactly("endpoint two 0x5000+0x1000");
    state.invalidations.clear();
    queue.submit(0x0000_0028_0000_0003L, 0x5000);
    assertThat(state.invalidations).containsExactly("endpoint none 0x5000+0x1000");
    state.invalidations.clear();
    queue.submit(0x0000_0002_0028_0008L, 0x5001);
    assertThat(state.invalidations)
        .containsExactly(
            "endpoint one 0x5000+0x1000",
            "endpoint two 0x5000+0x1000",
            "endpoint none 0x5000+0x1000");
  }

  @Test
  void contextEntriesOfScalableModeHaveNoDomain() {
    state.registers().set("RTADDR", ScalableTables.ROOT | 0x400);

    queue.submit(0x7_0021, 0);

    assertThat(state.invalidations).containsExactly("all");
  }

  @ParameterizedTest
  @CsvSource({
    "0x46, 0x0, 4", // PASID IOTLB, reserved bit 6
    "0x06, 0x0, 4", // PASID IOTLB, granularity 0
    "0x16, 0x0, 4", // PASID IOTLB, granularity 1
    "0x10000000000026, 0x0, 4", // PASID IOTLB, reserved bit 52
    "0x36, 0x80, 4", // PASID IOTLB, reserved bit 7 of the high half
    "0x36, 0x13, 4", // PASID IOTLB, address mask 19
    "0x27, 0x0, 4", // PASID cache, granularity 2
    "0x47, 0x0, 4", // PASID cache, reserved bit 6
    "0x37, 0x1, 4", // PASID cache, reserved high half
    "0x208, 0x0, 4", // PASID device TLB, reserved bit 9
    "0x8, 0x2, 4", // PASID device TLB, reserved bit 1 of the high half
    "0x24, 0x0, 4", // interrupt cache, reserved bit 5
    "0x4, 0x1, 4", // interrupt cache, reserved high half
    "0x8000014, 0x0, 4", // interrupt cache, handle mask 1
    "0xb, 0x0, 3", // no such type
    "0x25, 0x100000000, 2", // wait, status outside memory
  })
  void theErrorRecordSaysWhyTheQueueStopped(String low, String high, int cause) {
    queue.submit(Long.decode(low), Long.decode(high));

    assertThat(queue.stopped()).isTrue();
    assertThat(state.values.get("IQERCD")).isEqualTo(cause);
    assertThat(state.values.get("IQH")).isZero();
    assertThat(state.invalidations).isEmpty();
  }

  @Test
  void aDeviceThatDoesNotAnswerStopsTheQueueBehindItsDescriptor() {
    registers.write("FECTL", 1L << 31);
    state.put(QUEUE, 0x0000_7777_0000_0003L);
    state.put(QUEUE + 16, 0x1_0000_0025L);
    state.put(QUEUE + 24, STATUS);
    registers.write("IQT", 32);

    assertThat(state.values.get("FSTS")).isEqualTo(0x40);
    assertThat(state.values.get("FECTL")).isEqualTo(0xc000_0000L);
    assertThat(state.values.get("IQERCD")).isEqualTo(0x7777_0000_0000L);
    assertThat(state.values.get("IQH")).isEqualTo(16);
    assertThat(state.get(STATUS)).isZero();

    registers.write("FSTS", 0x40);
    assertThat(state.values.get("IQH")).isEqualTo(32);
    assertThat(state.get(STATUS)).isEqualTo(1);
    assertThat(state.values.get("FECTL")).isEqualTo(0x8000_0000L);
  }
}
