package aperture.core.internal.dma;

/** The way from a device to memory, as the platform is wired. */
public enum Route {
  /** Behind the machine's IOMMU, where it has one. */
  IOMMU,
  /** On a bus that the IOMMU is not in front of: the platform describes none for this device. */
  EXCLUDED,
  /**
   * The platform describes the IOMMU in front of the device, and the device does not go through it,
   * whatever it says: what no setting can express, for experiments on what such a device would do.
   */
  AROUND
}
