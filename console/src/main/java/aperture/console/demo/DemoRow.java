package aperture.console.demo;

/**
 * What held on one architecture.
 *
 * @param arch the architecture
 * @param machineType machine type
 * @param iommu IOMMU kind in front of the device
 * @param sha256Equal whether a scan through the device read exactly the image
 * @param written bytes written through the device
 * @param readBack whether all of them were read back as written
 * @param contained whether an access that is not mapped reached nothing of the guest's
 * @param requestsDuringSwap requests completed while the bundle was swapped
 * @param lost requests lost over the swap
 * @param repeated requests done twice over the swap
 * @param pauseMicros the pause of the machine
 * @param workMicros the pause less the time in which no behaviour existed
 * @param held whether everything held
 */
public record DemoRow(
    String arch,
    String machineType,
    String iommu,
    boolean sha256Equal,
    long written,
    boolean readBack,
    boolean contained,
    long requestsDuringSwap,
    long lost,
    long repeated,
    long pauseMicros,
    long workMicros,
    boolean held) {}
