package aperture.console.thread;

/**
 * What was tried, and what came of it.
 *
 * @param setting what was set; in brackets whose claim it tests
 * @param machine machine type and IOMMU kind
 * @param driver driver kind; empty where no driver takes part
 * @param outcome what happened: two letters as `policy:matrix` has them, or the code of a refused
 *     configuration, or a word; `none` when it came to no verdict, `absent` when it could not be
 *     tried
 * @param reason in one line
 */
public record ThreadCase(
    String setting, String machine, String driver, String outcome, String reason) {

  /** The outcome of a step that could not be tried. */
  static final String ABSENT = "absent";

  boolean isAbsent() {
    return outcome.equals(ABSENT);
  }
}
