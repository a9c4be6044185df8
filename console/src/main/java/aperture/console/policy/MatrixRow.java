package aperture.console.policy;

import aperture.admin.MatrixCell;
import aperture.admin.Outcome;

/**
 * What happened in one case.
 *
 * @param mode path mode: `N`, `I`, `T`, `B` or `W`
 * @param driver driver kind
 * @param offered whether the device offers bit 33
 * @param strict whether it refuses a driver that does not accept it
 * @param unacked whose addresses such a driver posts, where it is not refused: `PHYSICAL` or
 *     `TRANSLATED`
 * @param outcome what happened, in two letters: [decision.md](../decision.md) lists them; `none`
 *     where the case came to no verdict
 * @param machines machine types it happened on, each with its IOMMU kind, joined by comma
 * @param evidence what was seen; empty where the case did not get so far
 * @param reason what that means, or why there is no verdict, in one line
 */
public record MatrixRow(
    String mode,
    String driver,
    boolean offered,
    boolean strict,
    String unacked,
    String outcome,
    String machines,
    String evidence,
    String reason) {

  /** The outcome of a case that came to no verdict. */
  public static final String NO_VERDICT = "none";

  static MatrixRow of(MatrixCell cell) {
    return new MatrixRow(
        cell.mode(),
        cell.driver(),
        cell.offered(),
        cell.strict(),
        cell.unacked(),
        cell.outcome().map(Outcome::name).orElse(NO_VERDICT),
        cell.machines(),
        cell.evidence(),
        cell.reason());
  }

  /** As people read it, without the evidence. */
  Line line() {
    return new Line(mode, driver, offered, strict, unacked, outcome, machines, reason);
  }

  /** A row of the table. */
  record Line(
      String mode,
      String driver,
      boolean offered,
      boolean strict,
      String unacked,
      String outcome,
      String machines,
      String reason) {}
}
