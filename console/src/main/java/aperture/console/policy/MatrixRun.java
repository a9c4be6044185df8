package aperture.console.policy;

import aperture.admin.ControlException;
import aperture.admin.PolicyControl;
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
   * Runs.
   *
   * @param evidence whether the rows say what was seen
   */
  public List<?> run(MatrixQuestion question, boolean evidence)
      throws ControlException, InterruptedException {
    List<MatrixRow> rows;
    try {
      rows =
          policy.matrix(question.request(), progress).stream()
              .filter(cell ->
                  question.outcomes().isEmpty() || question.outcomes().contains(cell.outcome()))
              .map(MatrixRow::of)
              .toList();
    } finally {
      progress.end();
    }
    return evidence
        ? Listing.of(rows, NOTHING)
        : Listing.of(rows.stream().map(MatrixRow::line).toList(), NOTHING);
  }
}
