package aperture.console.thread;

import java.util.List;

/**
 * A row of the discussion, or a scenario from it, carried out.
 *
 * @param row its name: `R1` to `R8` with variants, `S1` to `S7`
 * @param title what it is about
 * @param claims what was said about it
 * @param cases what was tried here
 * @param agrees whether each claim came true under the settings of whoever made it
 * @param note which settings give whose outcome, and what else there is to know
 */
public record ThreadRow(
    String row,
    String title,
    List<Claim> claims,
    List<ThreadCase> cases,
    boolean agrees,
    String note) {

  public ThreadRow {
    claims = List.copyOf(claims);
    cases = List.copyOf(cases);
  }

  /** Whether something could not be tried. */
  boolean isIncomplete() {
    return cases.stream().anyMatch(ThreadCase::isAbsent);
  }
}
