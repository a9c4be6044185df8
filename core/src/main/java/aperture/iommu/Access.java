package aperture.iommu;

/** What a device wants to do with memory. */
public enum Access {
  READ(1),
  WRITE(2);

  private final int bit;

  Access(int bit) {
    this.bit = bit;
  }

  /** The bit of {@link Permission#bits()} that allows this access. */
  public int bit() {
    return bit;
  }
}
