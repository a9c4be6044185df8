package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.Direction;
import aperture.dma.DmaSession;
import aperture.dma.GuestBuffer;
import aperture.iommu.Access;
import aperture.testkit.FlatRow;
import aperture.testkit.HookedBehavior;
import aperture.testkit.TestMachine;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a table driver puts off is done soon, whether or not anybody calls again. */
class DeferredFlushTest {

  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(20);

  private static TestMachine machine(HookedBehavior behavior, Map<String, String> options)
      throws Exception {
    return TestMachine.create(behavior, FlatRow.row("2.0", true), 16L << 20, options);
  }

  @Test
  void anUnmapThatWasPutOffIsDoneWithoutAnotherCall() throws Exception {
    try (TestMachine machine = machine(new HookedBehavior().putOff(), Map.of())) {
      EndpointDma face = machine.addEndpoint();
      DriverFace driver = machine.driver(face);
      DmaSession session = face.openSession();
      GuestBuffer buffer = driver.allocate(4096);
      for (int round = 0; round < 3; round++) {
        long iova = driver.map(buffer.gpa(), 4096, Direction.BIDIRECTIONAL);
        assertThat(machine.translate(session, iova, 8, Access.WRITE).ok()).isTrue();

        driver.unmap(iova, 4096);

        assertThat(machine.unit().mappings().countOf(face.endpoint())).isZero();
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (machine.translate(session, iova, 8, Access.WRITE).ok()) {
          assertThat(System.nanoTime()).as("still reached").isLessThan(deadline);
          Thread.onSpinWait();
        }
      }
    }
  }

  @Test
  void oneFlushServesAllThatWasPutOffBeforeIt() throws Exception {
    AtomicInteger flushes = new AtomicInteger();
    CountDownLatch second = new CountDownLatch(1);
    DeferredFlush flush =
        new DeferredFlush(() -> {
          if (flushes.incrementAndGet() == 2) {
            second.countDown();
          }
        });
    int scheduled = 0;
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (second.getCount() > 0) {
      assertThat(System.nanoTime()).as("not flushed").isLessThan(deadline);
      flush.schedule();
      scheduled++;
      Thread.onSpinWait();
    }

    assertThat(scheduled).isGreaterThan(flushes.get());
  }

  @Test
  void aNewcomerThatDoesNotTakeTheOptionsIsRefusedAndTheOldOneGoesOn() throws Exception {
    HookedBehavior old = new HookedBehavior().takes("pace");
    try (TestMachine machine = machine(old, Map.of("pace", "slow"))) {
      assertThat(old.given()).isEqualTo(Map.of("pace", "slow"));

      assertThat(machine.swapTo(new HookedBehavior())).isFalse();
      assertThat(machine.swaps().reports().getLast().steps())
          .anySatisfy(step -> assertThat(step.detail()).contains("takes no options"));
      HookedBehavior fit = new HookedBehavior().takes("pace", "width");
      assertThat(machine.swapTo(fit)).isTrue();
      assertThat(fit.given()).isEqualTo(Map.of("pace", "slow"));
    }
  }
}
