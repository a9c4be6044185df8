package aperture.console.dma;

/**
 * A replayed capture as a row for people.
 *
 * @param capture name of the capture's folder
 * @param iommu IOMMU kind
 * @param answers recorded answers
 * @param agree answers equal to the recorded ones
 * @param result in words
 */
public record ReplayRow(String capture, String iommu, long answers, long agree, String result) {}
