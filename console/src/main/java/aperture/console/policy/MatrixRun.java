package aperture.console.policy;

import aperture.admin.ControlException;
import aperture.admin.MatrixCell;
import aperture.admin.PolicyControl;
import aperture.console.command.Outcome;
import aperture.console.format.Listing;
import java.util.List;

/** Has the cases of a question tried, and keeps the rows that were asked for. */
public final class MatrixRun {

  private static final String NOTHING =
      "no case came out so; policy:matrix without --outcome shows what did";

  private final PolicyControl policy;
  private final MatrixProgress progress;

  public MatrixRun(PolicyControl policy, MatrixProgress progress) {
    this.policy = policy;
    this.progress = progress;
  }

  /**
   * Runs. What came to no verdict may be what was asked for: it is always shown, and the command
   * then fails.
   *
   * @param evidence whether the rows say what was seen
   */
  public Outcome run(MatrixQuestion question, boolean evidence)
      throws ControlException, InterruptedException {
    List<MatrixCell> cells;
    try {
      cells =
          policy.matrix(question.request(), progress).stream()
              .filter(cell -> isShown(cell, question))
              .toList();
    } finally {
      progress.end();
    }
    List<MatrixRow> rows = cells.stream().map(MatrixRow::of).toList();
    long none = cells.stream().filter(cell -> cell.outcome().isEmpty()).count();
    return new Outcome(
        evidence
            ? Listing.of(rows, NOTHING)
            : Listing.of(rows.stream().map(MatrixRow::line).toList(), NOTHING),
        none == 0
            ? ""
            : "cases that came to no verdict: %d; the reason of each says why".formatted(none));
  }

  private static boolean isShown(MatrixCell cell, MatrixQuestion question) {
    return question.outcomes().isEmpty()
        || cell.outcome().isEmpty()
        || question.outcomes().contains(cell.outcome().get());
  }
}
