package aperture.console.dma;

import aperture.admin.ReplayDisagreement;
import java.util.List;

/** How a replayed capture went; one JSON object for each. */
public sealed interface ReplayResult {

  String capture();

  String iommu();

  long answers();

  long agree();

  List<ReplayDisagreement> disagreements();

  /** Whether every recorded answer was given. */
  default boolean holds() {
    return answers() == agree();
  }

  /** A row for people. */
  ReplayRow row();

  /**
   * Every question was asked.
   *
   * @param capture name of the capture's folder
   * @param iommu IOMMU kind
   * @param answers questions asked
   * @param agree answers equal to the recorded ones
   * @param disagreements the first ones that differ
   */
  record Compared(
      String capture,
      String iommu,
      long answers,
      long agree,
      List<ReplayDisagreement> disagreements)
      implements ReplayResult {

    @Override
    public ReplayRow row() {
      return new ReplayRow(
          capture, iommu, answers, agree, holds() ? "all agree" : (answers - agree) + " disagree");
    }
  }

  /**
   * Nothing could be asked.
   *
   * @param capture name of the capture's folder
   * @param iommu IOMMU kind, empty when the capture does not even say that
   * @param answers recorded answers
   * @param agree 0
   * @param disagreements none
   * @param error why, in one line
   */
  record Impossible(
      String capture,
      String iommu,
      long answers,
      long agree,
      List<ReplayDisagreement> disagreements,
      String error)
      implements ReplayResult {

    static Impossible of(String capture, String iommu, long answers, Exception e) {
      return new Impossible(capture, iommu, answers, 0, List.of(), String.valueOf(e.getMessage()));
    }

    @Override
    public boolean holds() {
      return false;
    }

    @Override
    public ReplayRow row() {
      return new ReplayRow(capture, iommu, answers, agree, error);
    }
  }
}
