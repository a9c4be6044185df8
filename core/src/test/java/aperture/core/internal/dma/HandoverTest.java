package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.SwapReport;
import aperture.admin.SwapStep;
import aperture.dma.Direction;
import aperture.dma.DmaException;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.testkit.HookedBehavior;
import aperture.testkit.Worker;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A machine's IOMMU between behaviours: what is reported, who waits, and who is told. */
class HandoverTest extends DmaFixture {

  private final Participant device = new Participant(0);
  private DmaSession session;

  /** Remembers what it was told. */
  static final class Participant implements SwapParticipant {
    private final int index;
    private String told = "";
    private volatile long remembered;

    Participant(int index) {
      this.index = index;
    }

    @Override
    public int endpointIndex() {
      return index;
    }

    @Override
    public synchronized void revoked() {
      told += "revoked ";
    }

    @Override
    public synchronized long granted() {
      told += "granted ";
      return remembered;
    }

    @Override
    public synchronized void closed(String reason) {
      told += "closed: " + reason + " ";
    }

    synchronized String told() {
      return told;
    }
  }

  @BeforeEach
  void join() {
    machine.unit().join(device);
    session = face.openSession();
  }

  private SwapReport report() {
    List<SwapReport> reports = machine.swaps().reports();
    return reports.get(reports.size() - 1);
  }

  private static List<String> steps(SwapReport report) {
    return report.steps().stream().map(SwapStep::step).toList();
  }

  @Test
  void aReplacementIsReportedStepByStep() throws Exception {
    map(3);
    device.remembered = 5;

    assertThat(machine.swapTo(new HookedBehavior())).isTrue();

    SwapReport report = report();
    assertThat(steps(report)).containsExactly("revoke", "quiesce", "attach", "grant", "resume");
    assertThat(report.outcome()).isEqualTo("swapped");
    assertThat(report.machine()).isEqualTo("test");
    assertThat(report.iommu()).isEqualTo(behavior.kind());
    assertThat(report.from()).isEqualTo("test 1.0.0");
    assertThat(report.to()).isEqualTo("test 1.0.0");
    assertThat(report.notifications()).isEqualTo(5);
    assertThat(report.pauseMicros()).isGreaterThanOrEqualTo(report.workMicros());
    long sum = report.steps().stream().mapToLong(SwapStep::micros).sum();
    assertThat(sum).as("the steps make up the pause").isBetween(0L, report.pauseMicros() + 1);
    assertThat(device.told()).isEqualTo("revoked granted ");
  }

  @Test
  void theTimeWithoutABehaviourIsInThePauseAndNotInTheWork() throws Exception {
    long number = machine.revoke();
    assertThat(report().outcome()).isEqualTo("waiting");
    assertThat(report().to()).isEmpty();
    long end = System.nanoTime() + 30_000_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(machine.swapTo(new HookedBehavior())).isTrue();

    SwapReport report = report();
    assertThat(report.number()).as("one swap").isEqualTo(number);
    assertThat(steps(report))
        .containsExactly("revoke", "quiesce", "leave", "attach", "grant", "resume");
    assertThat(report.pauseMicros() - report.workMicros()).isGreaterThanOrEqualTo(30_000);
    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.ATTACHED);
  }

  @Test
  void parkedWorkersRunAgainAndAreCounted() throws Exception {
    long iova = map(1);
    machine.revoke();
    Worker worker = worker("device");
    Future<TranslateStatus> resumed =
        worker.start(() -> {
          assertThat(session.begin()).isFalse();
          session.awaitGrant();
          return tryOnce(session, iova, 8, Access.READ);
        });
    worker.awaitIn("awaitGrant");

    machine.swapTo(new HookedBehavior());

    assertThat(Worker.get(resumed)).isEqualTo(TranslateStatus.OK);
    assertThat(report().workers()).isEqualTo(1);
  }

  @Test
  void aWalkerThatIsStillInTheOldCodeIsWaitedFor() throws Exception {
    Block block = new Block();
    behavior.onWalk(block);
    long iova = map(1);
    Worker worker = worker("device");
    Future<TranslateStatus> walked = worker.start(() -> tryOnce(session, iova, 8, Access.READ));
    block.awaitEntered();
    machine.swaps().quiesceDeadline(Worker.LIMIT);

    Worker framework = worker("framework");
    Future<Long> left = framework.start(machine::revoke);
    framework.awaitIn("awaitOffline");
    assertThat(left.isDone()).isFalse();
    block.release();

    assertThat(Worker.get(left)).isPositive();
    assertThat(Worker.get(walked))
        .as("it finished against the old one")
        .isEqualTo(TranslateStatus.OK);
    assertThat(device.told()).isEqualTo("revoked ");
    assertThat(machine.unit().attachment()).isNull();
  }

  @Test
  void aWorkerThatHoldsBeyondTheDeadlineIsCutOffAndNobodyElse() throws Exception {
    EndpointDma second = machine.addEndpoint();
    Participant bystander = new Participant(1);
    machine.unit().join(bystander);
    long iova = map(1);
    machine.swaps().quiesceDeadline(java.time.Duration.ofMillis(20));
    Worker worker = worker("device");
    worker.call(() -> holdWith(session, iova, 8));

    machine.revoke();

    assertThat(device.told()).contains("closed: cut off").contains("20 ms");
    assertThat(bystander.told()).isEqualTo("revoked ");
    assertThat(report().steps().get(1).detail()).contains(face.endpoint().id());
    worker.call(() -> {
      session.end();
      return true;
    });
    machine.swapTo(new HookedBehavior());
    assertThat(session.begin()).as("cut off for good").isFalse();
    session.awaitGrant();
    assertThat(tryOnce(face.openSession(), iova, 8, Access.READ)).isEqualTo(TranslateStatus.OK);
    assertThat(second.openSession().begin()).isTrue();
  }

  @Test
  void whatALateWalkFindsIsThrownAway() throws Exception {
    Block block = new Block();
    behavior.onWalk(block);
    long iova = map(2);
    machine.swaps().quiesceDeadline(java.time.Duration.ofMillis(20));
    Worker worker = worker("device");
    Future<TranslateStatus> walked = worker.start(() -> tryOnce(session, iova, 8, Access.READ));
    block.awaitEntered();

    machine.revoke();
    machine.swapTo(new HookedBehavior(2));
    // Nobody waits for the lost one, though it may come back at any time.
    Worker guest = worker("guest");
    guest.call(() -> {
      driver.unmap(iova, 2 * PAGE);
      machine.invalidateAll();
      return true;
    });
    block.release();

    assertThat(Worker.get(walked)).isEqualTo(TranslateStatus.REVOKED);
    assertThat(face.cachedEntries()).isZero();
  }

  @Test
  void aLeaseThatIsKeptBeyondTheDeadlineCutsItsEndpointOff() throws Exception {
    long iova = map(1);
    machine.swaps().quiesceDeadline(java.time.Duration.ofMillis(20));
    holdWith(session, iova, 8);
    aperture.dma.Lease lease = session.retain();
    session.end();

    machine.revoke();

    assertThat(lease.revoked()).isTrue();
    assertThat(device.told()).contains("closed: cut off");
    lease.close();
  }

  @Test
  void aDriverCallThatIsStillInTheOldCodeIsWaitedForBeyondTheDeadline() throws Exception {
    Block block = new Block();
    long iova = map(1);
    behavior.onUnmap(block);
    machine.swaps().quiesceDeadline(java.time.Duration.ofMillis(20));
    Worker guest = worker("guest");
    Future<Boolean> unmapped =
        guest.start(() -> {
          driver.unmap(iova, PAGE);
          return true;
        });
    block.awaitEntered();

    Worker framework = worker("framework");
    Future<Boolean> swapped = framework.start(() -> machine.swapTo(new HookedBehavior()));
    framework.awaitIn("lock");
    assertThat(swapped.isDone()).isFalse();
    block.release();

    assertThat(Worker.get(swapped)).isTrue();
    assertThat(Worker.get(unmapped)).isTrue();
    assertThat(steps(report())).contains("wait");
    assertThat(device.told()).as("nobody was cut off for it").isEqualTo("revoked granted ");
  }

  @Test
  void nobodyInTheGracePeriodClosesTheMachine() throws Exception {
    long iova = map(1);
    long number = machine.revoke();

    machine.close(number);

    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.CLOSED);
    assertThat(machine.unit().closedReason())
        .hasValueSatisfying(r -> assertThat(r).contains(behavior.kind()));
    assertThat(report().outcome()).isEqualTo("closed");
    assertThat(device.told()).startsWith("revoked closed: ");
    assertThat(session.begin()).isFalse();
    assertThatThrownBy(() -> map(1))
        .isInstanceOf(DmaException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(machine::addEndpoint).isInstanceOf(DmaException.class);
    assertThat(face.explain(iova, 8, Access.READ).fault()).isPresent();
    assertThat(machine.swapTo(new HookedBehavior())).isTrue();
    assertThat(machine.unit().closedReason()).isEmpty();
    assertThat(tryOnce(session, iova, 8, Access.READ)).isEqualTo(TranslateStatus.OK);
  }

  @Test
  void anOldTimerDoesNotCloseANewerSwap() {
    long first = machine.revoke();
    machine.swapTo(new HookedBehavior());
    machine.close(first);
    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.ATTACHED);

    long second = machine.revoke();
    machine.close(first);
    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.REVOKED);
    machine.close(0);
    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.REVOKED);
    machine.close(second);

    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.CLOSED);
  }

  @Test
  void aRefusalIsReportedWithItsReasonAndTheOldOneGoesOn() throws Exception {
    long iova = map(1);

    assertThat(machine.swapTo(new HookedBehavior().refuse("it lacks the table"))).isFalse();

    assertThat(report().outcome()).isEqualTo("refused");
    assertThat(report().steps())
        .anySatisfy(step -> assertThat(step.detail()).contains("it lacks the table"));
    assertThat(device.told()).isEqualTo("revoked granted ");
    assertThat(tryOnce(session, iova, 8, Access.READ)).isEqualTo(TranslateStatus.OK);
    assertThat(behavior.walks()).as("by the old one").isPositive();
  }

  @Test
  void afterARefusalWithNobodyAtWorkTheSameSwapWaitsOn() throws Exception {
    long number = machine.revoke();
    assertThat(machine.swapTo(new HookedBehavior().refuse("no"))).isFalse();
    assertThat(report().outcome()).isEqualTo("waiting");
    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.REVOKED);

    assertThat(machine.swapTo(new HookedBehavior())).isTrue();

    assertThat(report().number()).isEqualTo(number);
    assertThat(report().outcome()).isEqualTo("swapped");
  }

  @Test
  void aRefusalAfterTheMachineWasClosedKeepsItClosed() {
    machine.close(machine.revoke());

    assertThat(machine.swapTo(new HookedBehavior().refuse("no"))).isFalse();

    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.CLOSED);
    assertThat(report().outcome()).isEqualTo("refused");
    assertThat(machine.swapTo(new HookedBehavior())).isTrue();
  }

  @Test
  void driversWaitForTheGrantAndThenGoOn() throws Exception {
    machine.revoke();
    Worker guest = worker("guest");
    Future<Long> mapped = guest.start(() -> map(1));
    guest.awaitIn("awaitOpenOrClosed");

    machine.swapTo(new HookedBehavior());

    assertThat(Worker.get(mapped)).isPositive();
  }

  @Test
  void driversThatWaitFailWhenNobodyCame() throws Exception {
    long number = machine.revoke();
    Worker guest = worker("guest");
    Future<Long> mapped = guest.start(() -> map(1));
    guest.awaitIn("awaitOpenOrClosed");

    machine.close(number);

    assertThatThrownBy(() -> Worker.get(mapped)).isInstanceOf(DmaException.class);
  }

  @Test
  void twoDriversThatWaitToEndOneMappingEndItOnce() throws Exception {
    long iova = map(1);
    machine.revoke();
    Worker one = worker("one");
    Worker other = worker("other");
    Future<Boolean> first = one.start(() -> unmapOrNot(iova));
    Future<Boolean> second = other.start(() -> unmapOrNot(iova));
    one.awaitIn("awaitOpenOrClosed");
    other.awaitIn("awaitOpenOrClosed");

    machine.swapTo(new HookedBehavior());

    assertThat(List.of(Worker.get(first), Worker.get(second)))
        .containsExactlyInAnyOrder(true, false);
    assertThat(machine.unit().mappings().countOf(face.endpoint())).isZero();
  }

  private boolean unmapOrNot(long iova) {
    try {
      driver.unmap(iova, PAGE);
      return true;
    } catch (DmaException e) {
      return false;
    }
  }

  @Test
  void swapsAreKeptUpToALimit() {
    for (int i = 0; i < 300; i++) {
      machine.swapTo(new HookedBehavior());
    }

    assertThat(machine.swaps().reports()).hasSize(256);
    assertThat(report().number()).isEqualTo(300);
    assertThat(driver.translated()).isTrue();
    assertThat(Direction.TO_DEVICE.permission().read()).isTrue();
  }
}
