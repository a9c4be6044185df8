package aperture.dma;

import aperture.iommu.Permission;

/** Which way data goes in a mapping, seen from the device. */
public enum Direction {
  /** The device reads. */
  TO_DEVICE(Permission.READ),
  /** The device writes. */
  FROM_DEVICE(Permission.WRITE),
  BIDIRECTIONAL(Permission.READ_WRITE);

  private final Permission permission;

  Direction(Permission permission) {
    this.permission = permission;
  }

  public Permission permission() {
    return permission;
  }
}
