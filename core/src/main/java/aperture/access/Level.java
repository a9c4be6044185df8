package aperture.access;

/** Where an effective value came from; a higher level overrides every lower one. */
public enum Level {
  /** The default of the machine type's row. */
  MACHINE,
  /** The global setting. */
  GLOBAL,
  /** The setting of the one device. */
  DEVICE
}
