package aperture.iommu;

/** What a translation allows a device. */
public enum Permission {
  NONE,
  READ,
  WRITE,
  READ_WRITE;

  private static final Permission[] BY_BITS = values();

  public static Permission of(boolean read, boolean write) {
    return BY_BITS[(read ? 1 : 0) | (write ? 2 : 0)];
  }

  public boolean allows(Access access) {
    return (ordinal() & (access == Access.READ ? 1 : 2)) != 0;
  }

  public boolean read() {
    return (ordinal() & 1) != 0;
  }

  public boolean write() {
    return (ordinal() & 2) != 0;
  }
}
