package aperture.console.dma;

import aperture.dma.DmaFault;
import aperture.dma.TranslationReport;
import aperture.iommu.Access;
import java.util.List;
import java.util.Optional;

/**
 * What a range means to a device.
 *
 * @param device the device
 * @param iova first byte asked for
 * @param length bytes asked for
 * @param access what was asked for
 * @param ok whether all of it translates
 * @param summary the answer in one line
 * @param ranges what it means, in order
 * @param steps every structure read by the walks, when asked to explain
 * @param fault why not all of it translates
 */
public record Translation(
    String device,
    long iova,
    long length,
    Access access,
    boolean ok,
    String summary,
    List<TranslationReport.Range> ranges,
    List<TranslationReport.Step> steps,
    Optional<DmaFault> fault) {

  public static Translation of(
      String device, Access access, TranslationReport report, boolean explain) {
    return new Translation(
        device,
        report.iova(),
        report.length(),
        access,
        report.fault().isEmpty(),
        report.fault().map(DmaFault::describe).orElseGet(() -> ranges(report)),
        report.ranges(),
        explain ? report.steps() : List.of(),
        report.fault());
  }

  private static String ranges(TranslationReport report) {
    int count = report.ranges().size();
    return count == 1 ? "translates to one range" : "translates to %d ranges".formatted(count);
  }
}
