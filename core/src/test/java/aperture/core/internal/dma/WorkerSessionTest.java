package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.dma.Direction;
import aperture.dma.DmaFault;
import aperture.dma.DmaRanges;
import aperture.dma.DmaSession;
import aperture.dma.TranslateStatus;
import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one worker's session translates, and what it makes of walkers that misbehave. */
class WorkerSessionTest extends DmaFixture {

  private DmaSession session;

  @BeforeEach
  void open() {
    session = face.openSession();
  }

  private DmaFault faultOf(long iova, long length, Access access) {
    assertThat(tryOnce(session, iova, length, access)).isEqualTo(TranslateStatus.FAULT);
    return session.fault().orElseThrow();
  }

  @Test
  void pagesThatLieTogetherComeAsOneRangeAndOthersApart() throws Exception {
    long gpa = driver.allocate(4 * PAGE).gpa();
    long first = driver.map(gpa, 2 * PAGE, Direction.BIDIRECTIONAL);
    long second = driver.map(gpa, PAGE, Direction.BIDIRECTIONAL);
    assertThat(second).as("the address space is filled upwards").isEqualTo(first + 2 * PAGE);

    DmaRanges ranges = new DmaRanges();
    assertThat(session.begin()).isTrue();
    assertThat(session.translate(first + 10, 3 * PAGE - 20, Access.READ, ranges))
        .isEqualTo(TranslateStatus.OK);
    session.end();

    long offset = machine.memory().offsetOf(gpa, 1);
    assertThat(ranges.count()).isEqualTo(2);
    assertThat(ranges.offset(0)).isEqualTo(offset + 10);
    assertThat(ranges.length(0)).isEqualTo(2 * PAGE - 10);
    assertThat(ranges.offset(1)).isEqualTo(offset);
    assertThat(ranges.length(1)).isEqualTo(PAGE - 10);
  }

  @Test
  void aRangeIsNotMergedIntoTheRangeOfAnEarlierCall() throws Exception {
    long iova = map(2);
    DmaRanges ranges = new DmaRanges();
    session.begin();
    session.translate(iova, PAGE, Access.READ, ranges);
    session.translate(iova + PAGE, PAGE, Access.READ, ranges);
    session.end();

    assertThat(ranges.count()).isEqualTo(2);
  }

  @Test
  void aFaultHalfwayLeavesWhatTheCallerHadBefore() throws Exception {
    long iova = map(3);
    DmaRanges ranges = new DmaRanges();
    session.begin();
    session.translate(iova, 8, Access.READ, ranges);

    assertThat(session.translate(iova, 5 * PAGE, Access.READ, ranges))
        .isEqualTo(TranslateStatus.FAULT);
    session.end();

    assertThat(ranges.count()).isEqualTo(1);
    assertThat(ranges.length(0)).isEqualTo(8);
  }

  @Test
  void emptyNegativeAndWrappingRangesAreFaults() throws Exception {
    long iova = map(1);
    for (long length : new long[] {0, -1, Long.MIN_VALUE}) {
      assertThat(faultOf(iova, length, Access.READ).cause().kind())
          .isEqualTo(FaultKind.ADDRESS_SIZE);
    }
    assertThat(faultOf(-4096L, 4097, Access.READ).cause().kind()).isEqualTo(FaultKind.ADDRESS_SIZE);
    assertThat(behavior.walks()).as("nothing was walked for them").isZero();
  }

  @Test
  void aRangeOfTooManyPiecesIsAFaultAndNotALongerList() throws Exception {
    long gpa = driver.allocate(PAGE).gpa();
    long first = driver.map(gpa, PAGE, Direction.TO_DEVICE);
    long last = first;
    // Every second page is the same one, so that nothing merges.
    for (int i = 0; i < DmaRanges.LIMIT + 400; i++) {
      last = driver.map(gpa, PAGE, Direction.TO_DEVICE);
    }
    long length = last - first + PAGE;

    long iova = last - DmaRanges.LIMIT * PAGE;
    assertThat(tryOnce(session, iova + PAGE, DmaRanges.LIMIT * PAGE, Access.READ))
        .as("as many as the limit")
        .isEqualTo(TranslateStatus.OK);
    assertThat(length / PAGE).isGreaterThan(DmaRanges.LIMIT);
    assertThat(faultOf(iova, (DmaRanges.LIMIT + 1) * PAGE, Access.READ).cause().kind())
        .isEqualTo(FaultKind.ADDRESS_SIZE);
  }

  @Test
  void aSecondAccessIsAHitAndCostsNoWalk() throws Exception {
    long iova = map(1);

    tryOnce(session, iova, 8, Access.READ);
    long walks = behavior.walks();
    tryOnce(session, iova + 100, 8, Access.WRITE);

    assertThat(walks).isEqualTo(1);
    assertThat(behavior.walks()).isEqualTo(walks);
    assertThat(face.hits()).isEqualTo(1);
    assertThat(face.misses()).isEqualTo(1);
    session.close();
    assertThat(face.hits()).as("counted on after the session").isEqualTo(1);
    assertThat(face.sessions()).isEmpty();
  }

  @Test
  void unmappedAndDeniedPartsOfARangeAreToldApart() throws Exception {
    long gpa = driver.allocate(8 * PAGE).gpa();
    long first = driver.map(gpa, PAGE, Direction.BIDIRECTIONAL);
    long readOnly = driver.map(gpa + PAGE, 2 * PAGE, Direction.TO_DEVICE);
    long gap = driver.map(gpa + 3 * PAGE, PAGE, Direction.BIDIRECTIONAL);
    driver.map(gpa + 4 * PAGE, PAGE, Direction.BIDIRECTIONAL);
    driver.unmap(gap, PAGE);
    assertThat(readOnly).isEqualTo(first + PAGE);

    DmaFault fault = faultOf(first + 8, 5 * PAGE - 8, Access.WRITE);

    assertThat(fault.denied()).containsExactly(new DmaFault.SubRange(readOnly, 2 * PAGE));
    assertThat(fault.unmapped()).containsExactly(new DmaFault.SubRange(gap, PAGE));
    assertThat(fault.cause().kind()).isEqualTo(FaultKind.DENIED);
    assertThat(fault.cause().iova()).isEqualTo(readOnly);
    assertThat(fault.cause().structure()).isEqualTo("table entry");
    assertThat(fault.length()).isEqualTo(5 * PAGE - 8);
  }

  @Test
  void aFaultFarInsideALongRangeNamesItsOwnReason() throws Exception {
    long iova = map(1000);

    DmaFault fault = faultOf(iova, 1001 * PAGE, Access.READ);

    assertThat(fault.cause().kind()).isEqualTo(FaultKind.UNMAPPED);
    assertThat(fault.cause().iova()).isEqualTo(iova + 1000 * PAGE);
    assertThat(fault.unmapped()).containsExactly(new DmaFault.SubRange(iova + 1000 * PAGE, PAGE));
  }

  @Test
  void aFaultIsRecordedWhenTheBatchEndsAndNotBefore() throws Exception {
    long iova = map(1);
    beginWith(session, iova + PAGE, 8);
    assertThat(machine.faults().entries()).isEmpty();

    session.end();

    assertThat(machine.faults().entries()).hasSize(1);
    assertThat(machine.faults().entries().get(0).recorded()).isEqualTo("FAULT");
    assertThat(machine.unit().recordedFaults().get(0).address()).isEqualTo(iova + PAGE);
  }

  @Test
  void aBehaviourThatFailsWhenItRecordsAFaultEndsNobody() throws Exception {
    long iova = map(1);
    behavior.onRecordFault(() -> {
      throw new IllegalStateException("wrong in the bundle");
    });

    faultOf(iova + PAGE, 8, Access.READ);

    assertThat(machine.faults().entries()).hasSize(1);
    assertThat(tryOnce(session, iova, 8, Access.READ)).isEqualTo(TranslateStatus.OK);
  }

  @Test
  void anAnswerThatIsPendingLeavesNothingBehind() throws Exception {
    long iova = map(2);
    behavior.answer(result -> result.translated(iova, 0x10000, PAGE, Permission.READ, 1));
    behavior.answer(WalkResult::pending);
    DmaRanges ranges = new DmaRanges();
    session.begin();

    assertThat(session.translate(iova, 2 * PAGE, Access.READ, ranges))
        .isEqualTo(TranslateStatus.RESTART);
    session.end();

    assertThat(ranges.count()).isZero();
    assertThat(machine.faults().entries()).isEmpty();
    assertThat(tryOnce(session, iova, 2 * PAGE, Access.READ)).isEqualTo(TranslateStatus.OK);
  }

  @Test
  void aWalkerThatThrowsOrOverflowsIsAFaultOfTheAccess() throws Exception {
    long iova = map(1);
    for (Throwable wrong :
        new Throwable[] {
          new IllegalStateException("x"), new NoClassDefFoundError("x"), new StackOverflowError()
        }) {
      for (int i = 0; i < 2; i++) {
        behavior.answer(result -> WorkerSessionTest.<RuntimeException>sneak(wrong));
      }
      DmaFault fault = faultOf(iova, 8, Access.READ);
      assertThat(fault.cause().kind()).as("%s", wrong).isEqualTo(FaultKind.MALFORMED);
    }
    assertThat(tryOnce(session, iova, 8, Access.READ)).isEqualTo(TranslateStatus.OK);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <T extends Throwable> void sneak(Throwable wrong) throws T {
    throw (T) wrong;
  }

  @Test
  void anAnswerThatDoesNotCoverTheAccessIsAFault() throws Exception {
    long iova = map(1);
    long gpa = 0x20000;
    refused(iova, result -> result.translated(iova + PAGE, gpa, PAGE, Permission.READ, 1));
    refused(iova, result -> result.translated(iova, gpa, PAGE / 2, Permission.READ, 1));
    refused(iova, result -> result.translated(iova + 8, gpa, PAGE, Permission.READ, 1));
    refused(iova, result -> result.translated(iova, gpa + 8, PAGE, Permission.READ, 1));
    refused(iova, result -> result.translated(iova, gpa, PAGE, Permission.WRITE, 1));
    refused(iova, result -> result.translated(iova, gpa, PAGE, Permission.NONE, 1));
    refused(iova, result -> result.translated(iova, gpa, -PAGE, Permission.READ, 1));
    refused(iova, result -> {});
    assertThat(face.cachedEntries()).isZero();
  }

  private void refused(long iova, aperture.testkit.HookedBehavior.Answer answer) {
    behavior.answer(answer);
    behavior.answer(answer);
    assertThat(faultOf(iova + 8, 8, Access.READ).cause().kind())
        .isIn(FaultKind.MALFORMED, FaultKind.BLOCKED);
  }

  @Test
  void atranslationThatLeadsOutsideMemoryIsAFaultAndNotCached() throws Exception {
    long iova = map(1);
    for (long gpa : new long[] {MEMORY, -PAGE, 1L << 40}) {
      behavior.answer(result -> result.translated(iova, gpa, PAGE, Permission.READ, 1));
      behavior.answer(result -> result.translated(iova, gpa, PAGE, Permission.READ, 1));

      assertThat(faultOf(iova, 8, Access.READ).cause().kind()).isEqualTo(FaultKind.NOT_MEMORY);
    }
    assertThat(face.cachedEntries()).isZero();
  }

  @Test
  void tablesThatChangeDuringTheWalkAreWalkedAgain() throws Exception {
    long iova = map(1);
    AtomicInteger once = new AtomicInteger();
    behavior.onWalk(() -> {
      if (once.getAndIncrement() == 0) {
        unmapQuietly(iova);
      }
    });

    assertThat(tryOnce(session, iova, 8, Access.READ))
        .as("what the first walk found was unmapped before it could be used")
        .isEqualTo(TranslateStatus.FAULT);
  }

  private void unmapQuietly(long iova) {
    try {
      driver.unmap(iova, PAGE);
    } catch (aperture.dma.DmaException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void tablesThatNeverStopChangingGiveTheBatchUp() throws Exception {
    long iova = map(1);
    behavior.onWalk(machine::invalidateAll);

    assertThat(tryOnce(session, iova, 8, Access.READ)).isEqualTo(TranslateStatus.RESTART);
    assertThat(behavior.walks()).as("a bounded number of walks").isBetween(2L, 64L);
    behavior.onWalk(() -> {});
    assertThat(tryOnce(session, iova, 8, Access.READ)).isEqualTo(TranslateStatus.OK);
  }

  @Test
  void aWorkerCutOffWhileItWalksAheadGivesItsBatchUp() throws Exception {
    long iova = map(2);
    behavior.answer(WalkResult::pending);
    AtomicInteger walks = new AtomicInteger();
    behavior.onWalk(() -> {
      if (walks.getAndIncrement() == 1) {
        face.sessions()[0].cutOff();
      }
    });

    assertThat(tryOnce(session, iova, 2 * PAGE, Access.READ)).isEqualTo(TranslateStatus.REVOKED);
    assertThat(walks).hasValue(2);
  }

  @Test
  void aClosedSessionNeverBeginsAgainAndIsForgottenOnceItsBatchEnded() throws Exception {
    long iova = map(1);
    holdWith(session, iova, 8);

    session.close();
    assertThat(face.sessions()).as("others must still be able to wait for it").hasSize(1);
    session.end();
    session.close();

    assertThat(face.sessions()).isEmpty();
    assertThat(session.begin()).isFalse();
    session.awaitGrant();
  }

  @Test
  void anIdentityCanOnlyTranslateWhatIsItsOwn() throws Exception {
    EndpointDma other = machine.addEndpoint();
    long mine = map(1);
    long gpa = machine.translate(session, mine, 8, Access.READ).gpa();

    var theirs = machine.translate(other.openSession(), mine, 8, Access.READ);

    assertThat(theirs.ok() && theirs.gpa() == gpa).isFalse();
  }
}
