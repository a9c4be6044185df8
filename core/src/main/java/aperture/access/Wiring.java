package aperture.access;

/** What a device that does not offer bit 33 does with the addresses it is given. */
public enum Wiring {
  /** A program of the host: it uses them as guest-physical, as the specification defines. */
  SOFTWARE,
  /**
   * A physical function on the bus: whatever it offers, its addresses go where those of the bus go,
   * through the IOMMU where there is one.
   */
  HARDWARE
}
