package aperture.access;

/** Which addresses a device that is not strict uses when the driver left bit 33 un-acked. */
public enum UnackedAddressing {
  /** Guest-physical, as the specification defines a clear bit. */
  PHYSICAL,
  /** Still the bus address space. */
  TRANSLATED
}
