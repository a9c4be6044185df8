package aperture.core.internal.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import aperture.admin.Outcome;
import aperture.virtio.DriverStatus.State;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JudgeTest {

  private static final List<String> NOTHING = List.of();

  private static Evidence bound(
      boolean offered,
      long mismatches,
      long consulted,
      boolean constrains,
      boolean userProgram,
      boolean postedPhysical) {
    return new Evidence(
        State.BOUND,
        "",
        offered,
        24,
        24,
        mismatches,
        consulted,
        constrains,
        userProgram,
        postedPhysical,
        NOTHING,
        NOTHING,
        NOTHING,
        NOTHING);
  }

  private static Evidence broken(
      List<String> garbage, List<String> leaks, List<String> overwritten, List<String> faults) {
    return new Evidence(
        State.BOUND,
        "the device asked for a reset",
        true,
        24,
        3,
        0,
        9,
        true,
        false,
        false,
        garbage,
        leaks,
        overwritten,
        faults);
  }

  @ParameterizedTest(name = "offered {0}, asked {1}, constrains {2}, user {3}, physical {4}: {5}")
  @CsvSource({
    "true,  9, true,  false, false, WT",
    "true,  9, true,  false, true,  WT",
    "true,  9, false, false, true,  WI",
    "true,  9, false, false, false, WT",
    "false, 0, false, false, true,  WP",
    "false, 0, true,  false, true,  WP",
    "true,  0, false, false, true,  WP",
    "true,  0, true,  false, true,  WX",
    "false, 0, false, true,  true,  WX",
    "true,  9, true,  true,  false, WT"
  })
  void workIsJudgedByWhoWasAskedAndWhoHoldsBack(
      boolean offered,
      long consulted,
      boolean constrains,
      boolean userProgram,
      boolean physical,
      Outcome outcome) {
    Evidence seen = bound(offered, 0, consulted, constrains, userProgram, physical);

    assertThat(Judge.judge(seen).outcome()).isEqualTo(outcome);
  }

  @Test
  void whatWasReadOrWrittenWronglyIsCorruptionWhateverElseHappened() {
    List<String> fault = List.of("00:01.0 read of 0x1000");

    assertThat(Judge.judge(bound(true, 1, 9, true, false, false)).outcome()).isEqualTo(Outcome.SC);
    assertThat(Judge.judge(broken(List.of("index 51914"), NOTHING, NOTHING, fault)).outcome())
        .isEqualTo(Outcome.SC);
    assertThat(Judge.judge(broken(NOTHING, List.of("a write passed"), NOTHING, fault)).outcome())
        .isEqualTo(Outcome.SC);
    assertThat(Judge.judge(broken(NOTHING, NOTHING, List.of("canary"), fault)).outcome())
        .isEqualTo(Outcome.SC);
    assertThat(Judge.judge(broken(NOTHING, NOTHING, NOTHING, fault)).outcome())
        .isEqualTo(Outcome.DF);
  }

  @ParameterizedTest
  @CsvSource({"UNMATCHED,NB", "REFUSED_BY_DEVICE,DR", "DECLINED,DD"})
  void whoNeverGotToMemoryIsJudgedByHowItEnded(State state, Outcome outcome) {
    Evidence seen =
        new Evidence(
            state, "why", true, 0, 0, 0, 0, true, false, false, NOTHING, NOTHING, NOTHING, NOTHING);

    assertThat(Judge.judge(seen)).isEqualTo(new Judge.Verdict(outcome, "why"));
  }

  @Test
  void whatFitsNothingIsNoVerdict() {
    assertThatThrownBy(() -> Judge.judge(broken(NOTHING, NOTHING, NOTHING, NOTHING)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("3 of 24 requests");
  }
}
