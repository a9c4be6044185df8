package aperture.vhostuser.internal.iotlb;

import static org.assertj.core.api.Assertions.assertThat;

import aperture.iommu.Access;
import aperture.iommu.FaultKind;
import aperture.iommu.Permission;
import aperture.iommu.WalkResult;
import aperture.iommu.WalkResult.Outcome;
import aperture.vhostuser.VhostTranslation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrontEndIotlbTest {

  private static final long PAGE = 4096;
  private static final long IOVA = 0x10_0000;
  private static final long GPA = 0x40_0000;
  private static final int BOTH = Permission.READ_WRITE.bits();

  private final List<Question> asked = new ArrayList<>();
  private final FrontEndIotlb iotlb = new FrontEndIotlb(asked::add, null);
  private final RecordedIommu core = new RecordedIommu();
  private final WalkResult result = new WalkResult();

  @BeforeEach
  void attach() {
    iotlb.attach(core);
  }

  private Outcome walk(long iova, Access access) {
    result.begin();
    iotlb.walk(RecordedIommu.ENDPOINT, iova, access, result);
    return result.outcome();
  }

  /** Asks, gets a translation for both directions, and the acknowledgement. */
  private void answer(long page, Access access, long gpa) {
    assertThat(walk(page, access)).isEqualTo(Outcome.PENDING);
    iotlb.update(page, PAGE, gpa, BOTH);
    iotlb.resolve(new Question(page, access), false);
  }

  @Test
  void aQuestionIsAskedOnceForItsPageHoweverManyWait() {
    assertThat(walk(IOVA + 5, Access.READ)).isEqualTo(Outcome.PENDING);
    assertThat(walk(IOVA + 4000, Access.READ)).isEqualTo(Outcome.PENDING);
    assertThat(asked).containsExactly(new Question(IOVA, Access.READ));
    assertThat(iotlb.counters().misses()).isEqualTo(1);
  }

  @Test
  void thePermissionKeptIsTheOneThatWasAskedFor() {
    answer(IOVA, Access.READ, GPA);
    assertThat(walk(IOVA + 8, Access.READ)).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.gpaOf(IOVA + 8)).isEqualTo(GPA + 8);
    assertThat(result.permission()).isEqualTo(Permission.READ);
    assertThat(walk(IOVA, Access.WRITE))
        .as("a write is a question of its own")
        .isEqualTo(Outcome.PENDING);

    iotlb.update(IOVA, PAGE, GPA, BOTH);
    iotlb.resolve(new Question(IOVA, Access.WRITE), false);
    assertThat(walk(IOVA, Access.WRITE)).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.permission()).isEqualTo(Permission.READ_WRITE);
  }

  @Test
  void anAnswerThatAllowsLessThanWasAskedForIsNotKept() {
    assertThat(walk(IOVA, Access.WRITE)).isEqualTo(Outcome.PENDING);
    iotlb.update(IOVA, PAGE, GPA, Permission.READ.bits());
    iotlb.resolve(new Question(IOVA, Access.WRITE), true);
    assertThat(iotlb.counters().entries()).isZero();
    assertThat(walk(IOVA, Access.WRITE)).isEqualTo(Outcome.FAULT);
  }

  @Test
  void aTranslationThatNobodyAskedForIsForWritingOnly() {
    iotlb.update(IOVA, PAGE, GPA, BOTH);
    assertThat(walk(IOVA, Access.WRITE)).isEqualTo(Outcome.TRANSLATED);
    assertThat(result.permission()).isEqualTo(Permission.WRITE);
    assertThat(walk(IOVA, Access.READ)).isEqualTo(Outcome.PENDING);
  }

  @Test
  void aRefusalFaultsUntilItIsForgotten() {
    assertThat(walk(IOVA, Access.READ)).isEqualTo(Outcome.PENDING);
    iotlb.resolve(new Question(IOVA, Access.READ), true);
    assertThat(walk(IOVA, Access.READ)).isEqualTo(Outcome.FAULT);
    assertThat(result.faultKind()).isEqualTo(FaultKind.UNMAPPED);
    assertThat(asked).hasSize(1);
    assertThat(core.answers).isEqualTo(1);

    iotlb.forgetRefusals();
    assertThat(walk(IOVA, Access.READ)).isEqualTo(Outcome.PENDING);
    assertThat(asked).hasSize(2);
  }

  @Test
  void aRefusalEndsWithATranslationOrAnInvalidationOfItsPage() {
    Question question = new Question(IOVA, Access.WRITE);
    walk(IOVA, Access.WRITE);
    iotlb.resolve(question, true);
    iotlb.update(IOVA, PAGE, GPA, BOTH);
    assertThat(walk(IOVA, Access.WRITE)).isEqualTo(Outcome.TRANSLATED);

    iotlb.invalidate(IOVA, PAGE);
    walk(IOVA, Access.WRITE);
    iotlb.resolve(question, true);
    iotlb.invalidate(IOVA, PAGE);
    assertThat(walk(IOVA, Access.WRITE)).isEqualTo(Outcome.PENDING);
  }

  @Test
  void anInvalidationMakesOpenQuestionsStale() throws InterruptedException {
    Question question = new Question(IOVA, Access.READ);
    walk(IOVA, Access.READ);
    iotlb.invalidate(IOVA, PAGE);
    assertThat(iotlb.awaitUpdate(question, Duration.ZERO)).as("nobody waits for it").isTrue();
    iotlb.update(IOVA, PAGE, GPA, BOTH);
    iotlb.resolve(question, false);
    assertThat(walk(IOVA, Access.READ))
        .as("the answer may be an old one")
        .isEqualTo(Outcome.PENDING);
    assertThat(asked).hasSize(2);

    iotlb.invalidate(IOVA, PAGE);
    iotlb.resolve(question, true);
    assertThat(walk(IOVA, Access.READ)).as("so may a refusal").isEqualTo(Outcome.PENDING);
  }

  @Test
  void anInvalidationOfAPartOfAPageEndsAllOfIt() {
    answer(IOVA, Access.READ, GPA);
    answer(IOVA + PAGE, Access.READ, GPA + PAGE);
    iotlb.invalidate(IOVA + 100, 8);
    assertThat(iotlb.counters().entries()).isEqualTo(1);
    assertThat(walk(IOVA, Access.READ)).isEqualTo(Outcome.PENDING);
    assertThat(walk(IOVA + PAGE, Access.READ)).isEqualTo(Outcome.TRANSLATED);
    assertThat(core.invalidations).containsExactly("0x100064+0x8");
  }

  @Test
  void anInvalidationBeyondTheEndReachesToTheEnd() {
    answer(-PAGE, Access.READ, GPA);
    answer(IOVA, Access.READ, GPA);
    iotlb.invalidate(IOVA, -1);
    assertThat(iotlb.counters().entries()).isZero();
    assertThat(core.invalidations).containsExactly("0x100000+0x0");
  }

  @Test
  void anInvalidationMayBeOfEverything() {
    answer(0, Access.READ, GPA);
    answer(-PAGE, Access.READ, GPA);
    iotlb.invalidate(0, -1);
    assertThat(iotlb.counters().entries()).isZero();
    assertThat(walk(-PAGE, Access.READ)).isEqualTo(Outcome.PENDING);
  }

  @Test
  void aTranslationInPlaceOfAnotherInvalidatesWhatCoreKnows() {
    answer(IOVA, Access.READ, GPA);
    iotlb.update(IOVA, PAGE, GPA, BOTH);
    assertThat(core.invalidations).as("the same once more").isEmpty();
    iotlb.update(IOVA, PAGE, GPA + PAGE, BOTH);
    assertThat(core.invalidations).containsExactly("0x100000+0x1000");
    assertThat(walk(IOVA, Access.READ)).as("write only").isEqualTo(Outcome.PENDING);
  }

  @Test
  void lessThanAPageFaultsInsteadOfAskingForEver() {
    walk(IOVA, Access.READ);
    iotlb.update(IOVA, 512, GPA, BOTH);
    iotlb.resolve(new Question(IOVA, Access.READ), false);
    assertThat(walk(IOVA, Access.READ)).isEqualTo(Outcome.FAULT);
    assertThat(result.faultKind()).isEqualTo(FaultKind.ADDRESS_SIZE);
  }

  @Test
  void clearingEndsTranslationsRefusalsAndQuestions() throws InterruptedException {
    answer(IOVA, Access.READ, GPA);
    walk(0, Access.READ);
    iotlb.resolve(new Question(0, Access.READ), true);
    walk(PAGE, Access.READ);
    iotlb.clear();
    assertThat(core.invalidations).containsExactly("all");
    assertThat(walk(IOVA, Access.READ)).isEqualTo(Outcome.PENDING);
    assertThat(walk(0, Access.READ)).isEqualTo(Outcome.PENDING);
    assertThat(iotlb.awaitUpdate(new Question(PAGE, Access.READ), Duration.ZERO)).isTrue();
  }

  @Test
  void questionsAreBoundedByARefusalOfMore() {
    for (long page = 0; page < 4096; page++) {
      assertThat(walk(page * PAGE, Access.READ)).isEqualTo(Outcome.PENDING);
    }
    assertThat(walk(4096 * PAGE, Access.READ)).isEqualTo(Outcome.FAULT);
    assertThat(asked).hasSize(4096);
  }

  @Test
  void whatWasTrueWhenTheRingsStoppedIsToldUntilSomethingIsToldAgain() {
    answer(IOVA, Access.READ, GPA);
    long before = iotlb.rests();
    VhostTranslation given = new VhostTranslation(IOVA, PAGE, GPA, true, false);
    assertThat(iotlb.translations(before)).containsExactly(given);

    iotlb.rest();

    assertThat(walk(IOVA, Access.READ)).as("nobody uses it").isEqualTo(Outcome.PENDING);
    assertThat(iotlb.translations(before)).containsExactly(given);
    assertThat(iotlb.translations(iotlb.rests())).as("who looks only now").isEmpty();
    iotlb.update(IOVA + PAGE, PAGE, GPA, BOTH);
    assertThat(iotlb.translations(before))
        .containsExactly(new VhostTranslation(IOVA + PAGE, PAGE, GPA, false, true));
  }

  @Test
  void whatWasTrueWhenTheRingsStoppedIsForgottenWithTheMemoryOrAnInvalidation() {
    long before = iotlb.rests();
    answer(IOVA, Access.READ, GPA);
    iotlb.rest();
    iotlb.clear();
    assertThat(iotlb.translations(before)).isEmpty();

    iotlb.resolve(new Question(IOVA, Access.READ), true);
    answer(IOVA, Access.WRITE, GPA);
    iotlb.rest();
    iotlb.invalidate(0, 0);
    assertThat(iotlb.translations(before)).isEmpty();
  }
}
