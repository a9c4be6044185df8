package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.Permission;
import aperture.testkit.Worker;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * The smallest race there is: one worker that begins, translates and holds, against one
 * invalidation of what it translates. Each epoch maps the page elsewhere, so that the worker sees
 * which epoch it holds; an epoch that was revoked must not be held.
 */
class LeaseLitmusTest extends DmaFixture {

  private static final int EPOCHS = 1024;
  private static final long RUN_NANOS = 2_000_000_000L;
  private static final long IOVA = 0x40_0000;
  private static final long OFFSET = 0x100_0000;

  private final AtomicBoolean stop = new AtomicBoolean();
  private final AtomicLong posted = new AtomicLong();
  private final AtomicLong revoked = new AtomicLong();

  private long hold(DmaSession session) {
    long held = 0;
    long seen = 0;
    DmaRanges ranges = new DmaRanges();
    while (!stop.get()) {
      long epoch = posted.get();
      if (epoch == seen) {
        Thread.onSpinWait();
        continue;
      }
      seen = epoch;
      ranges.clear();
      assertThat(session.begin()).isTrue();
      TranslateStatus status = session.translate(IOVA, 8, Access.READ, ranges);
      session.hold();
      if (status == TranslateStatus.OK) {
        held++;
        long mine = (ranges.offset(0) - OFFSET) >>> Iotlb.PAGE_SHIFT;
        for (int look = 0; look < 40; look++) {
          if (mine != (revoked.get() + 1) % EPOCHS) {
            throw new AssertionError(
                "epoch %d is held, %d is revoked".formatted(mine, revoked.get()));
          }
        }
      }
      session.end();
    }
    return held;
  }

  @Test
  void whatWasRevokedIsNeverHeld() throws Exception {
    DmaSession session = face.openSession();
    Future<Long> held = worker("device").start(() -> hold(session));
    UnitInvalidator invalidator = new UnitInvalidator(machine.unit()::faces);
    Iotlb iotlb = face.iotlb();
    long end = System.nanoTime() + RUN_NANOS;
    long epoch = 0;
    while (System.nanoTime() < end && !held.isDone()) {
      epoch++;
      long offset = OFFSET + (epoch % EPOCHS << Iotlb.PAGE_SHIFT);
      iotlb.fill(IOVA >>> Iotlb.PAGE_SHIFT, offset, Permission.READ, 1, iotlb.sequence());
      posted.set(epoch);
      // From at once to a little later, so that the two meet at every step.
      for (long spin = epoch % 64; spin > 0; spin--) {
        Thread.onSpinWait();
      }
      invalidator.invalidate(face.endpoint(), IOVA, PAGE);
      revoked.set(epoch);
    }
    stop.set(true);

    assertThat(Worker.get(held)).as("batches that held the page in %d epochs", epoch).isPositive();
  }
}
