package aperture.console.dma;

/**
 * A capture that was taken.
 *
 * @param machine the machine
 * @param iommu IOMMU kind
 * @param folder where it is
 * @param pages pages of guest memory in it
 * @param tables platform tables in it
 * @param answers recorded answers
 */
public record CaptureResult(
    String machine, String iommu, String folder, int pages, int tables, int answers) {}
