package aperture.admin;

/**
 * One queue of a device.
 *
 * @param index its number
 * @param size entries, 0 when not enabled
 * @param state {@code disabled}, {@code idle}, {@code running}, {@code parked} or {@code broken}
 * @param lastAvail next available index that the device looks at
 * @param usedIdx used index published last
 * @param inUse chains taken and not used
 * @param chains chains completed
 * @param kicks notifications from the driver
 * @param interrupts interrupts to the driver
 */
public record QueueInfo(
    int index,
    int size,
    String state,
    int lastAvail,
    int usedIdx,
    int inUse,
    long chains,
    long kicks,
    long interrupts) {

  /** A queue that is not enabled. */
  public static QueueInfo disabled(int index) {
    return new QueueInfo(index, 0, "disabled", 0, 0, 0, 0, 0, 0);
  }
}
