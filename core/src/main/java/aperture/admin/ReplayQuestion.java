package aperture.admin;

import aperture.iommu.Access;
import java.util.OptionalLong;

/**
 * One recorded answer of a reference IOMMU.
 *
 * @param endpoint id of the endpoint
 * @param iova address asked for
 * @param access access asked for
 * @param gpa what it means; empty when it does not translate
 */
public record ReplayQuestion(String endpoint, long iova, Access access, OptionalLong gpa) {}
