package aperture.access;

/** The address space that a device's addresses belong to. */
public enum AddressSpace {
  /** Guest-physical addresses; the IOMMU, if any, is not asked. */
  PHYSICAL,
  /** Bus addresses: through the IOMMU in front of the device, or physical where there is none. */
  BUS
}
