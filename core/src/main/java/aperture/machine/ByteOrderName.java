package aperture.machine;

/** Byte order of a platform's own structures (its IOMMU tables). */
public enum ByteOrderName {
  LITTLE,
  BIG
}
