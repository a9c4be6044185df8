package aperture.devices.blk;

/** The bounds check of every request. */
final class BlkRange {

  private BlkRange() {}

  /**
   * Whether a range lies inside the device.
   *
   * @param sector first sector, unsigned, whatever the guest wrote
   * @param sectors how many, not negative
   * @param capacity sectors of the device
   */
  static boolean inside(long sector, long sectors, long capacity) {
    return Long.compareUnsigned(sector, capacity) <= 0 && sectors <= capacity - sector;
  }
}
