package aperture.access;

/** The path between a device and memory, as platform and device together make it. */
public enum PathMode {
  /** N: no IOMMU over this device; addresses are physical. */
  NONE('N', "no IOMMU over this device"),
  /** I: an IOMMU over the device maps every RAM address to itself. */
  IDENTITY('I', "an IOMMU over the device maps memory to itself"),
  /** T: an IOMMU over the device, everything denied unless mapped. */
  TRANSLATING('T', "an IOMMU over the device translates"),
  /** B: the platform describes an IOMMU, the device goes round it. */
  BYPASS('B', "the platform describes an IOMMU, the device goes round it"),
  /** W: no IOMMU; bus addresses are physical plus a constant inside bridge windows. */
  WINDOW('W', "bus addresses are physical plus a constant");

  private final char letter;
  private final String meaning;

  PathMode(char letter, String meaning) {
    this.letter = letter;
    this.meaning = meaning;
  }

  public char letter() {
    return letter;
  }

  public String meaning() {
    return meaning;
  }
}
