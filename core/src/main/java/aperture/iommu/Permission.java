package aperture.iommu;

/** What a translation allows a device. */
public enum Permission {
  NONE(0),
  READ(1),
  WRITE(2),
  READ_WRITE(3);

  private static final Permission[] BY_BITS = values();

  private final int bits;

  Permission(int bits) {
    this.bits = bits;
  }

  /** Bit 0: reads allowed; bit 1: writes allowed. */
  public int bits() {
    return bits;
  }

  public static Permission of(boolean read, boolean write) {
    return BY_BITS[(read ? 1 : 0) | (write ? 2 : 0)];
  }

  public boolean allows(Access access) {
    return (bits & access.bit()) != 0;
  }

  public boolean read() {
    return (bits & 1) != 0;
  }

  public boolean write() {
    return (bits & 2) != 0;
  }
}
