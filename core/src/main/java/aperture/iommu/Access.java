package aperture.iommu;

/** What a device wants to do with memory. */
public enum Access {
  READ,
  WRITE
}
