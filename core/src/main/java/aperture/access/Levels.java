package aperture.access;

/**
 * One setting on all levels that may say something about it.
 *
 * @param device the device's own setting
 * @param global the global setting
 * @param row the default of the machine type's row
 */
public record Levels(Setting device, Setting global, boolean row) {

  /** Device over global over row. */
  public Effective resolve(String rowName) {
    return Effective.resolve(device, global, row, rowName);
  }
}
