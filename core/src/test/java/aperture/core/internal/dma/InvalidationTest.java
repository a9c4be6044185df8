package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.DmaSession;
import aperture.dma.Lease;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.testkit.Worker;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whom an invalidation waits for, and whom it does not. */
class InvalidationTest extends DmaFixture {

  private Worker device;
  private Worker guest;
  private DmaSession session;
  private long one;
  private long other;

  @BeforeEach
  void open() throws Exception {
    device = worker("device");
    guest = worker("guest");
    session = face.openSession();
    one = map(2);
    other = map(2);
  }

  private Callable<Boolean> unmap(long iova) {
    return () -> {
      driver.unmap(iova, 2 * PAGE);
      return true;
    };
  }

  private Callable<Boolean> step(Runnable step) {
    return () -> {
      step.run();
      return true;
    };
  }

  @Test
  void itWaitsForAWorkerThatHoldsAnOverlappingLease() throws Exception {
    device.call(() -> holdWith(session, one, PAGE));

    Future<Boolean> unmapped = guest.start(unmap(one));
    guest.awaitIn("awaitRelease");
    assertThat(unmapped.isDone()).isFalse();
    device.call(step(session::end));

    assertThat(Worker.get(unmapped)).isTrue();
    assertThat(device.call(() -> tryOnce(session, one, 8, Access.READ)))
        .isEqualTo(TranslateStatus.FAULT);
  }

  @Test
  void itDoesNotWaitForAWorkerThatHoldsSomethingElse() throws Exception {
    device.call(() -> holdWith(session, one, 2 * PAGE));

    assertThat(guest.call(unmap(other))).isTrue();

    device.call(step(session::end));
  }

  @Test
  void aLeaseOfOneByteIsALeaseOfThatByte() throws Exception {
    long three = map(2);
    device.call(() -> holdWith(session, one + 2 * PAGE - 1, 1));
    assertThat(other).isEqualTo(one + 2 * PAGE);

    assertThat(guest.call(unmap(other))).as("the next page is free").isTrue();
    assertThat(guest.call(unmap(three))).isTrue();
    Future<Boolean> unmapped = guest.start(unmap(one));
    guest.awaitIn("awaitRelease");
    device.call(step(session::end));

    assertThat(Worker.get(unmapped)).isTrue();
  }

  @Test
  void itWaitsForAWorkerThatStillTranslatesUntilItSaysWhatItHolds() throws Exception {
    device.call(() -> beginWith(session, one, PAGE));

    Future<Boolean> unmapped = guest.start(unmap(other));
    guest.awaitIn("awaitRelease");
    assertThat(unmapped.isDone()).isFalse();
    device.call(step(session::hold));

    assertThat(Worker.get(unmapped)).isTrue();
    device.call(step(session::end));
  }

  @Test
  void itDoesNotWaitForAnotherEndpoint() throws Exception {
    EndpointDma second = machine.addEndpoint();
    DmaSession theirs = second.openSession();
    DriverFace theirDriver = machine.driver(second);
    long iova =
        theirDriver.map(driver.allocate(PAGE).gpa(), PAGE, aperture.dma.Direction.TO_DEVICE);
    assertThat(iova).as("the same number, another address space").isEqualTo(one);
    device.call(() -> holdWith(theirs, iova, PAGE));

    assertThat(guest.call(unmap(one))).isTrue();

    device.call(step(theirs::end));
  }

  @Test
  void anInvalidationOfADomainWaitsForItsEndpointsAndNoOther() throws Exception {
    EndpointDma second = machine.addEndpoint();
    DmaSession theirs = second.openSession();
    DriverFace theirDriver = machine.driver(second);
    long iova =
        theirDriver.map(driver.allocate(PAGE).gpa(), PAGE, aperture.dma.Direction.TO_DEVICE);
    device.call(() -> holdWith(theirs, iova, PAGE));
    tryOnce(session, one, 8, Access.READ);
    UnitInvalidator invalidator = new UnitInvalidator(machine.unit()::faces);

    // The test behaviour tags endpoint n with domain n + 1.
    assertThat(guest.call(step(() -> invalidator.invalidateDomain(1, 0, 0)))).isTrue();
    Future<Boolean> done = guest.start(step(() -> invalidator.invalidateDomain(2, 0, 0)));
    guest.awaitIn("awaitRelease");
    device.call(step(theirs::end));

    assertThat(Worker.get(done)).isTrue();
    assertThat(face.cachedEntries()).isZero();
    assertThat(second.cachedEntries()).isZero();
  }

  @Test
  void itWaitsForWhoeverUsesARingThatIsInTheRange() throws Exception {
    EndpointDma.pin(session, other, other + PAGE - 1);
    device.call(() -> holdWith(session, one, PAGE));
    long generation = session.generation();

    Future<Boolean> unmapped = guest.start(unmap(other));
    guest.awaitIn("awaitRelease");
    assertThat(session.generation()).as("the ring must be found again").isNotEqualTo(generation);
    device.call(step(session::end));

    assertThat(Worker.get(unmapped)).isTrue();
  }

  @Test
  void ringsThatDoNotOverlapStayWhereTheyAre() throws Exception {
    EndpointDma.pin(session, other, other + PAGE - 1);
    long generation = session.generation();

    driver.unmap(one, 2 * PAGE);
    assertThat(session.generation()).isEqualTo(generation);
    driver.unmap(other, 2 * PAGE);

    assertThat(session.generation()).isNotEqualTo(generation);
  }

  @Test
  void itNeverWaitsForTheCallersOwnSession() throws Exception {
    boolean unmapped =
        device.call(() -> {
          holdWith(session, one, PAGE);
          driver.unmap(one, 2 * PAGE);
          session.end();
          beginWith(session, other, PAGE);
          driver.unmap(other, 2 * PAGE);
          session.end();
          return true;
        });

    assertThat(unmapped).isTrue();
  }

  @Test
  void ioThatTakesLongIsWaitedForHoweverLong() throws Exception {
    DmaSession disk = face.openSession();
    device.call(() -> holdWith(disk, one, PAGE));
    Future<Boolean> unmapped = guest.start(unmap(one));
    guest.awaitIn("awaitRelease");

    // A thousand batches of another queue go by meanwhile.
    for (int i = 0; i < 1000; i++) {
      assertThat(tryOnce(session, other, 8, Access.READ)).isEqualTo(TranslateStatus.OK);
    }
    assertThat(unmapped.isDone()).isFalse();
    assertThat(guest.isIn("awaitRelease")).isTrue();
    device.call(step(disk::end));

    assertThat(Worker.get(unmapped)).isTrue();
  }

  @Test
  void aRetainedLeaseOutlivesItsBatchAndIsWaitedFor() throws Exception {
    Lease lease =
        device.call(() -> {
          holdWith(session, one, PAGE);
          Lease retained = session.retain();
          session.end();
          return retained;
        });
    assertThat(lease.revoked()).isFalse();
    assertThat(guest.call(unmap(other))).as("it holds something else").isTrue();

    Future<Boolean> unmapped = guest.start(unmap(one));
    guest.awaitIn("awaitRelease");
    assertThat(device.call(() -> tryOnce(session, one, 8, Access.READ)))
        .isEqualTo(TranslateStatus.FAULT);
    assertThat(unmapped.isDone()).isFalse();
    assertThat(lease.revoked()).isTrue();
    lease.close();
    lease.close();

    assertThat(Worker.get(unmapped)).isTrue();
    assertThat(face.leases()).isEmpty();
  }

  @Test
  void aLeaseKeptFromTheBatchBeforeDoesNotCoverTheNextOne() throws Exception {
    Lease lease =
        device.call(() -> {
          holdWith(session, one, PAGE);
          Lease retained = session.retain();
          session.end();
          holdWith(session, other, PAGE);
          session.end();
          return retained;
        });

    assertThat(guest.call(unmap(other))).isTrue();
    lease.close();
  }

  @Test
  void aSessionThatTranslatedManyRangesIsWaitedForByEachOfThem() throws Exception {
    long many = map(400);
    device.call(() -> {
      session.begin();
      for (int i = 0; i < 400; i++) {
        session.translate(many + i * PAGE, PAGE, Access.READ, new aperture.dma.DmaRanges());
      }
      session.hold();
      return true;
    });

    Future<Boolean> done =
        guest.start(
            step(() ->
                machine
                    .unit()
                    .state()
                    .invalidator()
                    .invalidate(face.endpoint(), many + 399 * PAGE, 1)));
    guest.awaitIn("awaitRelease");
    device.call(step(session::end));

    assertThat(Worker.get(done)).isTrue();
  }
}
