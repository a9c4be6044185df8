package aperture.console.dma;

import aperture.admin.ReplayDisagreement;
import aperture.admin.ReplayReport;
import aperture.iommu.Endpoint;
import aperture.iommu.IommuSnapshot;
import java.nio.file.Path;
import java.util.List;

/**
 * A capture that was taken.
 *
 * @param machine the machine; of a guest that runs elsewhere, its type
 * @param iommu IOMMU kind
 * @param folder where it is
 * @param pages pages of guest memory in it
 * @param tables platform tables in it
 * @param answers recorded answers
 * @param server the server whose guest it is; empty for a machine of ours
 * @param endpoints who asks
 * @param agree answers that the walk of what was captured gives too
 * @param disagreements the first ones that it does not give
 */
public record CaptureResult(
    String machine,
    String iommu,
    String folder,
    int pages,
    int tables,
    long answers,
    String server,
    List<String> endpoints,
    long agree,
    List<ReplayDisagreement> disagreements) {

  static CaptureResult of(
      String machine, String server, Path folder, IommuSnapshot snapshot, ReplayReport check) {
    return new CaptureResult(
        machine,
        snapshot.kind(),
        folder.toString(),
        snapshot.pages().size(),
        snapshot.tables().size(),
        check.answers(),
        server,
        snapshot.endpoints().stream().map(Endpoint::id).toList(),
        check.agree(),
        check.disagreements());
  }
}
