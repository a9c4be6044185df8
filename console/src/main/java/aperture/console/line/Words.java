package aperture.console.line;

import java.util.List;

/** What an argument or an option's value may be; fixed words are listed, live ones looked up. */
public enum Words {
  /** Anything. */
  ANY,
  /** A number, decimal or hexadecimal. */
  NUMBER,
  /** A number of bytes with an optional K, M or G. */
  SIZE,
  /** A file or folder. */
  FILE,
  /** Name of a machine. */
  MACHINE,
  /** Name of a machine type. */
  MACHINE_TYPE,
  /** Name of a machine, or of a machine type. */
  MACHINE_OR_TYPE,
  /** Name of a device. */
  DEVICE,
  /** Name of a device type. */
  DEVICE_TYPE,
  /** Name of a driver kind. */
  DRIVER_KIND,
  /** Name of an IOMMU kind, or {@code none}. */
  IOMMU,
  /** Name of a server for real guests. */
  SERVER,
  /** Name of a machine, or of a server for real guests. */
  MACHINE_OR_SERVER,
  /** An architecture bundle: symbolic name or its last part. */
  ARCHITECTURE,
  /** Letters of path modes, joined by comma. */
  PATH_MODES,
  /** Names of driver kinds, joined by comma. */
  DRIVER_KINDS,
  /** Outcomes of two letters, joined by comma. */
  OUTCOMES,
  ON_OFF("on", "off"),
  YES_NO("yes", "no"),
  ON_OFF_UNSET("on", "off", "unset"),
  ACCESS("r", "w"),
  PATTERN("scan", "read", "verify", "rewrite"),
  POLICY("offer", "strict"),
  UNACKED("physical", "translated"),
  WIRING("software", "hardware"),
  TRANSPORT("pci", "mmio", "mmio-legacy"),
  DEVICE_SORT("real", "software"),
  IOVA("va", "pa"),
  PLATFORM_MAP("translating", "identity");

  @SuppressWarnings("ImmutableEnumChecker") // List.of gives an immutable one
  private final List<String> fixed;

  Words(String... fixed) {
    this.fixed = List.of(fixed);
  }

  /** The only words allowed; empty when they are not fixed. */
  public List<String> fixed() {
    return fixed;
  }
}
