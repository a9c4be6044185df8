package aperture.core.internal.dma;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RosterTest {

  private final Roster<String> roster = new Roster<>(String[]::new);

  @Test
  void membersKeepTheOrderInWhichTheyCame() {
    roster.add("a");
    roster.add("b");
    roster.add("c");

    assertThat(roster.remove("b")).isTrue();

    assertThat(roster.members()).containsExactly("a", "c");
  }

  @Test
  void aSnapshotThatSomebodyWalksNeverChanges() {
    roster.add("a");
    String[] walked = roster.members();

    roster.add("b");
    roster.remove("a");

    assertThat(walked).containsExactly("a");
    assertThat(roster.members()).containsExactly("b");
  }

  @Test
  void whoIsNoMemberIsNotRemoved() {
    roster.add("a");

    assertThat(roster.remove("b")).isFalse();
    assertThat(roster.members()).containsExactly("a");
  }
}
