package aperture.access;

/**
 * An effective value and its provenance.
 *
 * @param on the value
 * @param level the level that decided
 * @param provenance one line for people: the value, who decided, and which levels were silent, for
 *     example {@code off: row board-2.12; device setting absent; global setting absent}
 */
public record Effective(boolean on, Level level, String provenance) {

  /**
   * Resolves device over global over machine default.
   *
   * @param row name of the machine row, for the provenance
   */
  public static Effective resolve(Setting device, Setting global, boolean machine, String row) {
    if (device != Setting.UNSET) {
      return new Effective(
          device == Setting.ON,
          Level.DEVICE,
          "%s: device setting; global setting %s; row %s says %s"
              .formatted(device.word(), presence(global), row, word(machine)));
    }
    if (global != Setting.UNSET) {
      return new Effective(
          global == Setting.ON,
          Level.GLOBAL,
          "%s: global setting; device setting absent; row %s says %s"
              .formatted(global.word(), row, word(machine)));
    }
    return new Effective(
        machine,
        Level.MACHINE,
        "%s: row %s; device setting absent; global setting absent".formatted(word(machine), row));
  }

  private static String presence(Setting setting) {
    return setting == Setting.UNSET ? "absent" : setting.word();
  }

  private static String word(boolean on) {
    return Setting.of(on).word();
  }
}
