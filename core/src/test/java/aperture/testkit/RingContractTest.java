package aperture.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import aperture.dma.TranslateStatus;
import aperture.testkit.RingPair.Variant;
import aperture.virtqueue.ChainBatch;
import aperture.virtqueue.ChainElements;
import aperture.virtqueue.DriverQueue;
import aperture.virtqueue.PollResult;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What both halves of a ring promise each other, whatever its format: chains and bytes. The
 * notifications are in {@link RingNotificationContractTest}.
 */
public abstract class RingContractTest {

  protected abstract RingFormat format();

  static List<Variant> variants() {
    return Variant.all();
  }

  private RingPair rings(Variant variant, int size) throws Exception {
    return RingPair.of(format(), variant, size);
  }

  @ParameterizedTest
  @MethodSource("variants")
  void chainsArriveWholeWhateverTheirFraming(Variant variant) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (RingPair rings = rings(variant, 16)) {
      RandomChains chains = new RandomChains(rings, random);
      int served = 0;
      while (served < 3000) {
        for (int i = random.nextInt(20); i > 0 && chains.add(); i--) {}
        rings.driver().publish();
        served += rings.serve(RandomChains::serve);
        assertThat(rings.device().fault()).as("seed %d", seed).isEmpty();
        while (random.nextInt(8) != 0 && chains.take()) {}
        assertThat(rings.driver().fault()).as("seed %d", seed).isEmpty();
        assertThat(rings.driver().inFlight()).as("seed %d", seed).isEqualTo(chains.inFlight());
      }
      while (chains.inFlight() > 0) {
        rings.serve(RandomChains::serve);
        chains.take();
        assertThat(rings.device().fault()).as("seed %d", seed).isEmpty();
      }
      assertThat(rings.driver().free()).as("seed %d", seed).isEqualTo(16);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void indexesWrapRound(Variant variant) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (RingPair rings = rings(variant, 8)) {
      long taken = 0;
      while (taken < 70_000) {
        for (int i = 1 + random.nextInt(8); i > 0 && rings.add() != DriverQueue.NONE; i--) {}
        rings.driver().publish();
        rings.serve();
        while (rings.driver().take() != DriverQueue.NONE) {
          taken++;
        }
      }
      assertThat(rings.device().fault()).as("seed %d", seed).isEmpty();
      assertThat(rings.driver().fault()).as("seed %d", seed).isEmpty();
      assertThat(rings.device().state().chains()).as("seed %d", seed).isEqualTo(taken);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void aFullRingTakesNoMoreAndComesBackWhole(Variant variant) throws Exception {
    for (int size : new int[] {1, 2, 256, 32_768}) {
      try (RingPair rings =
          rings(new Variant(variant.scattered(), false, true, variant.cached()), size)) {
        for (int round = 0; round < 3; round++) {
          Set<Integer> tokens = new HashSet<>();
          for (int i = 0; i < size; i++) {
            tokens.add(rings.add());
          }
          assertThat(tokens).hasSize(size).allMatch(token -> token >= 0 && token < size);
          assertThat(rings.add()).isEqualTo(DriverQueue.NONE);
          rings.driver().publish();
          int served = 0;
          while (served < size) {
            int now = rings.serve();
            assertThat(now).isBetween(1, rings.batch().capacity());
            served += now;
          }
          assertThat(rings.serve()).isZero();
          for (int i = 0; i < size; i++) {
            assertThat(tokens.remove(rings.driver().take())).isTrue();
          }
          assertThat(rings.driver().take()).isEqualTo(DriverQueue.NONE);
          assertThat(rings.driver().free()).isEqualTo(size);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void whatIsNotPublishedIsNotSeen(Variant variant) throws Exception {
    try (RingPair rings = rings(variant, 8)) {
      rings.add();
      assertThat(rings.poll()).isEqualTo(PollResult.EMPTY);

      rings.driver().publish();
      assertThat(rings.poll()).isEqualTo(PollResult.CHAINS);
      rings.batch().chain(0).complete(0);
      assertThat(rings.driver().take()).isEqualTo(DriverQueue.NONE);

      rings.publish();
      assertThat(rings.driver().take()).isNotEqualTo(DriverQueue.NONE);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void aChainOfMoreElementsThanTheQueueHasEntriesNeverFits(Variant variant) throws Exception {
    try (RingPair rings = rings(variant, 4)) {
      ChainElements elements = new ChainElements(5);
      for (int i = 0; i < 5; i++) {
        elements.readable(rings.dataAddress(), 1);
      }
      assertThat(rings.driver().add(elements)).isEqualTo(DriverQueue.NONE);
      assertThat(rings.driver().free()).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void batchesMayBeUsedInAnyOrder(Variant variant) throws Exception {
    try (RingPair rings = rings(variant, 8)) {
      ChainBatch early = new ChainBatch(2, rings.dma().memory());
      for (int i = 0; i < 5; i++) {
        rings.add();
      }
      rings.driver().publish();
      rings.poll(early);
      rings.session().end();
      rings.poll();
      assertThat(early.size()).isEqualTo(2);
      assertThat(rings.batch().size()).isEqualTo(3);
      int firstHead = rings.batch().chain(0).head();
      complete(early);
      complete(rings.batch());

      rings.publish();
      assertThat(rings.driver().take()).isEqualTo(firstHead);
      rings.publish(early);
      for (int i = 0; i < 4; i++) {
        assertThat(rings.driver().take()).isNotEqualTo(DriverQueue.NONE);
      }
      assertThat(rings.driver().free()).isEqualTo(8);
      assertThat(rings.device().state().inFlight()).isZero();
    }
  }

  private static void complete(ChainBatch batch) {
    for (int i = 0; i < batch.size(); i++) {
      batch.chain(i).complete(0);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void ringsThatMovedAreFoundAgainAndOthersAreNotSoughtTwice(Variant variant) throws Exception {
    try (RingPair rings = rings(variant, 64)) {
      RandomChains chains = new RandomChains(rings, new Random(11));
      for (int round = 0; round < 40; round++) {
        chains.add();
        rings.driver().publish();
        assertThat(rings.serve(RandomChains::serve)).isEqualTo(1);
        assertThat(chains.take()).isTrue();
        rings.dma().moveEverything();
      }
      rings.poll();
      long before = rings.session().translations();
      for (int i = 0; i < 10; i++) {
        rings.poll();
      }
      assertThat(rings.session().translations()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void aBatchThatMustBeginAgainLosesNothing(Variant variant) throws Exception {
    for (TranslateStatus status : List.of(TranslateStatus.RESTART, TranslateStatus.REVOKED)) {
      for (int at = 0; at < 12; at++) {
        try (RingPair rings = rings(variant, 8)) {
          for (int i = 0; i < 8; i++) {
            rings.add();
          }
          rings.driver().publish();
          rings.session().answer(status, at);
          PollResult found = rings.poll();
          // Three translations are the rings'. Chains before one that waits for an answer are
          // taken.
          int served = at >= 11 ? 8 : status == TranslateStatus.RESTART ? Math.max(0, at - 3) : 0;
          assertThat(found.name()).isEqualTo(served > 0 ? "CHAINS" : status.name());
          assertThat(rings.batch().size()).isEqualTo(served);
          rings.session().end();
          complete(rings.batch());
          rings.publish();
          for (int i = 0; i < 8; i++) {
            served += rings.serve();
          }
          assertThat(served).isEqualTo(8);
          assertThat(rings.device().fault()).isEmpty();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void whoMustAnswerIsAskedForEverythingAtOnce(Variant variant) throws Exception {
    try (RingPair rings = rings(variant, 8)) {
      for (int i = 0; i < 8; i++) {
        rings.add();
      }
      rings.driver().publish();
      // The rings are three; everything behind them is pending.
      rings.session().answer(TranslateStatus.RESTART, 3);
      assertThat(rings.poll()).isEqualTo(PollResult.RESTART);
      long asked = rings.session().translations();
      assertThat(asked).as("rings, and the elements of eight chains").isGreaterThanOrEqualTo(3 + 8);
      rings.session().end();

      assertThat(rings.poll()).isEqualTo(PollResult.CHAINS);
      rings.session().end();
      complete(rings.batch());
      rings.publish();
      assertThat(rings.device().fault()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void aRevokeThatIsMetWhileLookingAheadEndsTheWholeBatch(Variant variant) throws Exception {
    try (RingPair rings = rings(variant, 8)) {
      for (int i = 0; i < 8; i++) {
        rings.add();
      }
      rings.driver().publish();
      // Rings and four chains are translated, the fifth is pending, the sixth is revoked.
      rings.session().answer(TranslateStatus.RESTART, TranslateStatus.REVOKED, 7);
      assertThat(rings.poll()).isEqualTo(PollResult.REVOKED);
      assertThat(rings.batch().size()).isZero();
      rings.session().end();
      int served = 0;
      for (int i = 0; i < 8; i++) {
        served += rings.serve();
      }
      assertThat(served).isEqualTo(8);
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void nothingIsAllocatedForAChain(Variant variant) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    assumeThat(threads.isThreadAllocatedMemoryEnabled()).isTrue();
    try (RingPair rings = rings(variant, 64)) {
      ChainElements elements = new ChainElements(3);
      run(rings, elements, 20_000);
      long before = threads.getCurrentThreadAllocatedBytes();
      run(rings, elements, 20_000);
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertThat(allocated).as("bytes for 20,000 chains").isLessThan(2_000);
    }
  }

  private static void run(RingPair rings, ChainElements elements, int chains) {
    int done = 0;
    while (done < chains) {
      for (int i = 0; i < 16; i++) {
        elements.clear();
        elements.readable(rings.dataAddress(), 16);
        elements.readable(rings.dataAddress() + 4000, 200);
        elements.writable(rings.dataAddress() + 9000, 1);
        rings.driver().add(elements);
      }
      rings.driver().publish();
      if (rings.poll() == PollResult.CHAINS) {
        complete(rings.batch());
        rings.publish();
      }
      while (rings.driver().take() != DriverQueue.NONE) {
        done++;
      }
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void releasedRingsGiveTheirMemoryBack(Variant variant) throws Exception {
    try (TestDma dma = variant.scattered() ? TestDma.scattered(512) : TestDma.physical(512)) {
      for (int i = 0; i < 100; i++) {
        format().driver(256, dma, variant.features()).release();
      }
    }
  }
}
