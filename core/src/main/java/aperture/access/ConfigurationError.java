package aperture.access;

/** A combination of settings that cannot be; {@code docs/decision.md} lists them by their codes. */
public enum ConfigurationError {
  /** The offer is on, and a legacy interface cannot carry the bit. */
  LEGACY_INTERFACE("C1"),
  /** The offer is on, and the transport carries 32 feature bits. */
  NARROW_TRANSPORT("C4"),
  /** The offer was turned off, and an IOMMU covers the device. */
  GOES_ROUND_IOMMU("C5"),
  /** The offer was turned off, and memory is not the host's to address. */
  CONFIDENTIAL_MACHINE("C7"),
  /** No register interface is left. */
  NO_INTERFACE("interface");

  private final String code;

  ConfigurationError(String code) {
    this.code = code;
  }

  /** Its name in documents, messages and results. */
  public String code() {
    return code;
  }
}
