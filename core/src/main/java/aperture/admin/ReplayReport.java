package aperture.admin;

import java.util.List;

/**
 * What a replay found.
 *
 * @param iommu IOMMU kind
 * @param answers questions asked
 * @param agree answers equal to the recorded ones
 * @param disagreements the first ones that differ
 */
public record ReplayReport(
    String iommu, long answers, long agree, List<ReplayDisagreement> disagreements) {}
