package aperture.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.CoherentBuffer;
import aperture.dma.DriverDma;
import aperture.dma.GuestBuffer;
import aperture.testkit.TestDma;
import aperture.virtqueue.QueueFault.Kind;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a device can do wrong, defect by defect: the driver half says so and takes no more. */
class SplitHostileDeviceTest {

  private static final int SIZE = 8;

  private TestDma dma;
  private GuestBuffer rings;
  private SplitDriverQueue driver;
  private long used;
  private final ChainElements elements = new ChainElements(4);

  @BeforeEach
  void bringUp() throws Exception {
    dma = TestDma.scattered(64);
    // The device of this test writes to the rings as it likes: it needs the buffer itself.
    DriverDma face =
        (DriverDma)
            Proxy.newProxyInstance(
                DriverDma.class.getClassLoader(),
                new Class<?>[] {DriverDma.class},
                (self, method, args) -> {
                  Object result = method.invoke(dma, args);
                  if (result instanceof CoherentBuffer buffer) {
                    rings = buffer.memory();
                  }
                  return result;
                });
    driver =
        SplitDriverQueue.create(
            SIZE, face, new RingFeatures(false, true), SplitRingLayout.USED_ALIGN);
    used = driver.addresses().device() - driver.addresses().descriptors();
  }

  @AfterEach
  void close() {
    dma.close();
  }

  /** A chain of two elements, 16 bytes of it writable. */
  private int add() {
    elements.clear();
    elements.readable(0x1000, 8);
    elements.writable(0x2000, 16);
    return driver.add(elements);
  }

  private void use(int index, int id, int length) {
    rings.put32(used + 4 + 8L * ((index - 1) & (SIZE - 1)), id);
    rings.put32(used + 8 + 8L * ((index - 1) & (SIZE - 1)), length);
    rings.storeRelease16(used + 2, (short) index);
  }

  private void breaks(Kind kind) {
    int inFlight = driver.inFlight();
    int free = driver.free();
    assertThat(driver.take()).isEqualTo(DriverQueue.NONE);
    assertThat(driver.fault()).isPresent();
    assertThat(driver.fault().get().kind()).isEqualTo(kind);
    assertThat(driver.inFlight()).isEqualTo(inFlight);
    assertThat(driver.free()).isEqualTo(free);
    assertThat(driver.take()).isEqualTo(DriverQueue.NONE);
    assertThat(add()).isEqualTo(DriverQueue.NONE);
  }

  @Test
  void whatIsUsedRightlyIsTaken() {
    int token = add();
    driver.publish();
    use(1, token, 16);
    assertThat(driver.take()).isEqualTo(token);
    assertThat(driver.takenLength()).isEqualTo(16);
    assertThat(driver.fault()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, SIZE, SIZE + 1, 0x7fff_ffff, -1, Integer.MIN_VALUE, 0x1_0000})
  void usedIdThatIsNoHeadInFlight(int id) {
    assertThat(add()).isZero();
    driver.publish();
    use(1, id, 0);
    breaks(Kind.USED_NOT_IN_FLIGHT);
  }

  @Test
  void usedTwice() {
    int first = add();
    add();
    driver.publish();
    use(1, first, 0);
    assertThat(driver.take()).isEqualTo(first);
    use(2, first, 0);
    breaks(Kind.USED_NOT_IN_FLIGHT);
  }

  @Test
  void usedBeforeItWasPublished() {
    int published = add();
    driver.publish();
    int secret = add();
    assertThat(secret).isNotEqualTo(published);
    use(1, secret, 0);
    breaks(Kind.USED_NOT_IN_FLIGHT);
  }

  @Test
  void usedIndexCountsWhatWasNotPublished() {
    add();
    driver.publish();
    add();
    rings.storeRelease16(used + 2, (short) 2);
    breaks(Kind.USED_INDEX);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, SIZE + 1, 0x8000, 0xffff})
  void usedIndexJumps(int index) {
    add();
    driver.publish();
    rings.storeRelease16(used + 2, (short) index);
    breaks(Kind.USED_INDEX);
  }

  @Test
  void usedIndexMovesBack() {
    use(1, add(), 0);
    driver.publish();
    driver.take();
    add();
    driver.publish();
    rings.storeRelease16(used + 2, (short) 0);
    breaks(Kind.USED_INDEX);
  }

  @ParameterizedTest
  @ValueSource(ints = {17, 24, Integer.MAX_VALUE, -1})
  void usedLengthExceedsTheWritablePart(int length) {
    int token = add();
    driver.publish();
    use(1, token, length);
    breaks(Kind.USED_LENGTH);
  }

  @Test
  void flagsThatChangeWithoutWorkAreHarmless() {
    add();
    driver.publish();
    rings.put16(used, (short) 0xffff);
    assertThat(driver.take()).isEqualTo(DriverQueue.NONE);
    assertThat(driver.fault()).isEmpty();
  }

  @Test
  void aScribbledDescriptorTableDoesNotLeadTheDriverAstray() {
    int first = add();
    int second = add();
    driver.publish();
    for (int i = 0; i < used; i++) {
      rings.put8(i, (byte) 0xff);
    }
    use(1, first, 0);
    use(2, second, 0);
    assertThat(driver.take()).isEqualTo(first);
    assertThat(driver.take()).isEqualTo(second);
    assertThat(driver.free()).isEqualTo(SIZE);
  }
}
