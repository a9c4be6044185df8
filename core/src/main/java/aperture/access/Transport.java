package aperture.access;

/** How a driver reaches the registers of a device. */
public enum Transport {
  /** A function on a PCI bus: modern registers, legacy ones, or both. */
  PCI,
  /** Memory-mapped registers, version 2. No IOMMU is in front of such a device. */
  MMIO,
  /** Memory-mapped registers, version 1: 32 feature bits. No IOMMU is in front of such a device. */
  MMIO_LEGACY;

  /** Whether a machine's IOMMU can be in front of a device on it. */
  public boolean onBus() {
    return this == PCI;
  }

  /** The word on the command line. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
