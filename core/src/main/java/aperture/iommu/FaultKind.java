package aperture.iommu;

/** The common shape of a translation fault; the IOMMU's own reason goes with it. */
public enum FaultKind {
  /** Nothing is mapped there. */
  UNMAPPED,
  /** Something is mapped, but not for this access. */
  DENIED,
  /** The address is outside what the IOMMU or the bus can express. */
  ADDRESS_SIZE,
  /** A table entry or structure is malformed. */
  MALFORMED,
  /** A table or structure could not be read: it is not in memory. */
  TABLE_READ,
  /** The IOMMU blocks this endpoint altogether. */
  BLOCKED,
  /** The address is reserved, for example for message interrupts. */
  RESERVED,
  /** The translation leads to something that is not memory. */
  NOT_MEMORY,
  /** No behaviour is attached: the endpoint is closed. */
  DETACHED
}
