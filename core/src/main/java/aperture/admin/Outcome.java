package aperture.admin;

/** What became of a driver and a device whose addresses it posts. */
public enum Outcome {
  WT("works, translated"),
  WI("works, the IOMMU in the path, addresses equal"),
  WP("works, physical"),
  DR("the device refuses at FEATURES_OK"),
  DD("the driver declines"),
  NB("never binds: no register interface that the driver knows"),
  SC("silent corruption: memory that is not the driver's was read or overwritten"),
  DF("DMA fault"),
  WX("works, and an IOMMU that is described does not constrain the device");

  private final String meaning;

  Outcome(String meaning) {
    this.meaning = meaning;
  }

  public String meaning() {
    return meaning;
  }
}
