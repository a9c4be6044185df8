package aperture.core.internal.swap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.core.internal.dma.FaultLog;
import aperture.core.internal.dma.GuestPages;
import aperture.core.internal.dma.Handover;
import aperture.core.internal.dma.IommuUnit;
import aperture.core.internal.dma.SwapLog;
import aperture.core.internal.iommu.Supplier;
import aperture.iommu.IommuBehavior;
import aperture.memory.GuestMemory;
import aperture.memory.MemoryRange;
import aperture.testkit.FlatBehavior;
import aperture.testkit.HookedBehavior;
import aperture.testkit.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which behaviour a machine uses as behaviours come and go. */
class BehaviorsTest {

  private final SwapLog log = new SwapLog();
  private final Behaviors behaviors = new Behaviors(log);
  private final HookedBehavior first = new HookedBehavior();
  private GuestMemory memory;
  private Handover machine;
  private long order;

  @BeforeEach
  void bringUp() throws Exception {
    memory = GuestMemory.allocate(List.of(new MemoryRange(0, 16 << 20)));
    machine = machine();
    assertThat(behaviors.bringUp(machine)).as("nobody supplies the kind yet").isFalse();
    add("first", 0, 0, first);
    assertThat(behaviors.bringUp(machine)).isTrue();
  }

  @AfterEach
  void close() {
    behaviors.close();
    memory.close();
  }

  private Handover machine() throws IOException {
    return new Handover(
        new IommuUnit(
            "m", FlatBehavior.KIND, memory, new GuestPages(memory), List.of(), new FaultLog()),
        log);
  }

  private HookedBehavior add(String bundle, int ranking, int version) {
    return add(bundle, ranking, version, new HookedBehavior());
  }

  private HookedBehavior add(String bundle, int ranking, int version, HookedBehavior behavior) {
    behaviors.add(supplier(behavior, bundle, ranking, List.of(1, version, 0)));
    return behavior;
  }

  private Supplier<IommuBehavior> supplier(
      IommuBehavior behavior, String bundle, int ranking, List<Integer> version) {
    return new Supplier<>(behavior, behavior.kind(), "", bundle, version, ranking, ++order);
  }

  private String atWork() {
    return machine.unit().supplier();
  }

  @Test
  void aHigherRankingTakesOverAndALowerDoesNot() {
    add("lower", -1, 9);
    assertThat(atWork()).isEqualTo("first 1.0.0");

    add("higher", 1, 0);

    assertThat(atWork()).isEqualTo("higher 1.0.0");
    assertThat(log.reports()).as("one move, without a gap").hasSize(1);
    assertThat(behaviors.best(FlatBehavior.KIND).orElseThrow().bundle()).isEqualTo("higher");
  }

  @Test
  void ofEqualRankingsTheHigherVersionTakesOverAndOfEqualVersionsTheOlderStays() {
    add("same", 0, 0);
    assertThat(atWork()).isEqualTo("first 1.0.0");

    add("newer", 0, 10);
    assertThat(atWork()).isEqualTo("newer 1.10.0");
    add("older", 0, 9);

    assertThat(atWork()).as("versions are numbers, not text").isEqualTo("newer 1.10.0");
  }

  @Test
  void versionsCompareNumberByNumberAndTheLongerIsHigher() {
    Supplier<IommuBehavior> one = supplier(first, "a", 0, List.of(2));
    Supplier<IommuBehavior> two = supplier(first, "b", 0, List.of(2, 0));
    Supplier<IommuBehavior> three = supplier(first, "c", 0, List.of(1, 99, 99));

    assertThat(Supplier.BEST_FIRST.compare(two, one)).isNegative();
    assertThat(Supplier.BEST_FIRST.compare(one, three)).isNegative();
    assertThat(three.label()).isEqualTo("c 1.99.99");
  }

  @Test
  void whenTheBestLeavesTheNextBestTakesOverWithoutAGap() {
    HookedBehavior best = add("best", 2, 0);
    add("second", 1, 0);
    assertThat(atWork()).isEqualTo("best 1.0.0");

    behaviors.remove(best);

    assertThat(atWork()).isEqualTo("second 1.0.0");
    assertThat(log.reports().get(1).outcome()).isEqualTo("swapped");
    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.ATTACHED);
  }

  @Test
  void whenTheNextBestRefusesTheOneAfterItIsTried() {
    HookedBehavior best = add("best", 2, 0);
    add("second", 1, 0, new HookedBehavior().refuse("not this machine"));

    behaviors.remove(best);

    assertThat(atWork()).isEqualTo("first 1.0.0");
  }

  @Test
  void aRefusedBestDoesNotKeepASecondFromTheMachine() {
    add("best", 5, 0, new HookedBehavior().refuse("not this machine"));
    assertThat(atWork()).as("the old one goes on").isEqualTo("first 1.0.0");

    add("second", 1, 0);

    assertThat(atWork()).isEqualTo("second 1.0.0");
  }

  @Test
  void aMachineThatWaitsTakesWhoeverComesFirst() {
    add("refusing", 5, 0, new HookedBehavior().refuse("not this machine"));
    behaviors.remove(first);
    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.REVOKED);

    add("low", -7, 0);

    assertThat(atWork()).isEqualTo("low 1.0.0");
  }

  @Test
  void whoeverIsNotAtWorkComesAndGoesUnnoticed() {
    HookedBehavior low = add("low", -1, 0);
    behaviors.remove(low);
    behaviors.remove(low);
    behaviors.remove(new HookedBehavior());

    assertThat(log.reports()).isEmpty();
    assertThat(behaviors.all()).hasSize(1);
    assertThat(behaviors.users(behaviors.all().get(0))).isEqualTo(1);
  }

  @Test
  void anotherKindIsNoReplacement() {
    IommuBehavior other =
        new IommuBehavior() {
          @Override
          public String kind() {
            return "other-test";
          }

          @Override
          public int stateVersion() {
            return 1;
          }

          @Override
          public aperture.iommu.IommuCapabilities capabilities() {
            return first.capabilities();
          }

          @Override
          public aperture.iommu.IommuInstance attach(aperture.iommu.IommuState state)
              throws aperture.iommu.AttachRefusedException {
            return first.attach(state);
          }
        };
    behaviors.add(supplier(other, "other", 99, List.of(9)));
    assertThat(atWork()).isEqualTo("first 1.0.0");
    behaviors.remove(first);

    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.REVOKED);
  }

  @Test
  void afterTheGracePeriodTheMachineIsClosedAndTheNextOneOpensIt() {
    log.gracePeriod(Duration.ofMillis(10));
    behaviors.remove(first);

    Awaitility.await()
        .atMost(Worker.LIMIT)
        .until(() -> machine.unit().phase() == IommuUnit.Phase.CLOSED);
    assertThat(log.reports().get(0).outcome()).isEqualTo("closed");
    add("late", 0, 0);

    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.ATTACHED);
    assertThat(log.reports()).hasSize(2);
  }

  @Test
  void aTimerOfAnEarlierGapDoesNotEndALaterOne() {
    log.gracePeriod(Duration.ofMillis(30));
    behaviors.remove(first);
    HookedBehavior second = add("second", 0, 0);
    log.gracePeriod(Worker.LIMIT);
    behaviors.remove(second);
    long end = System.nanoTime() + Duration.ofMillis(80).toNanos();

    Awaitility.await().atMost(Worker.LIMIT).until(() -> System.nanoTime() > end);

    assertThat(machine.unit().phase())
        .as("its own period lasts")
        .isEqualTo(IommuUnit.Phase.REVOKED);
  }

  @Test
  void aMachineThatEndedMovesNoMore() {
    behaviors.removeMachine(machine);

    add("higher", 1, 0);

    assertThat(log.reports()).isEmpty();
    assertThat(behaviors.units()).isEmpty();
  }

  @Test
  void aMachineThatDoesNotComeUpIsNotKept() throws Exception {
    Handover second = machine();
    first.refuse("not this one");

    assertThatThrownBy(() -> behaviors.bringUp(second)).hasMessageContaining("not this one");

    assertThat(behaviors.units()).containsExactly(machine.unit());
  }

  @Test
  void afterTheEndABehaviourThatLeavesClosesItsMachineAtOnce() {
    behaviors.close();

    behaviors.remove(first);

    assertThat(machine.unit().phase()).isEqualTo(IommuUnit.Phase.CLOSED);
  }
}
